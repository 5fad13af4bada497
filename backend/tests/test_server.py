"""What the server relies on of ChatKit that is not its public interface: pinned here, as its version is."""

import inspect
from importlib.metadata import version
from typing import NoReturn

import pytest
from chatkit.server import ChatKitServer
from chatkit.types import ChatKitReq
from pydantic import TypeAdapter

from backend.protocol import native
from backend.protocol.bodies import JsonObject
from backend.protocol.native import parse_native


def parameters(method: str) -> list[str]:
    return list(inspect.signature(vars(ChatKitServer)[method]).parameters)


def test_the_private_calls_are_as_they_were() -> None:
    assert version("openai-chatkit") == "1.6.5"
    assert inspect.isasyncgenfunction(vars(ChatKitServer)["_process_streaming_impl"])
    assert inspect.iscoroutinefunction(vars(ChatKitServer)["_process_non_streaming"])
    assert parameters("_process_streaming_impl") == ["self", "request", "context"]
    assert parameters("_process_non_streaming") == ["self", "request", "context"]
    assert parameters("_serialize") == ["self", "obj"]


def test_what_parses_requests_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    body: JsonObject = {"type": "threads.list", "params": {}}
    parse_native(body)

    def build_again(_: object) -> NoReturn:
        raise AssertionError("an adapter costs milliseconds to build")

    monkeypatch.setattr(native, "TypeAdapter", build_again)
    parse_native(body)


def test_a_request_is_parsed_as_chatkit_parses_it() -> None:
    params: JsonObject = {"thread_id": "thr_1", "item_ids": ["msg_1"], "kind": "positive"}
    body: JsonObject = {"type": "items.feedback", "params": params, "metadata": {"reason": "clear"}}
    assert parse_native(body) == TypeAdapter(ChatKitReq).validate_python(body)
