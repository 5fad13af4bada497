"""Requests are parsed as ChatKit parses them, by a parser that is built once."""

from pathlib import Path
from typing import Any

import pytest
from chatkit.types import ChatKitReq
from pydantic import TypeAdapter

from backend.tests.live import live_sidecar
from backend.tests.paced_model import PacedModel
from booklight.api.bodies import JsonObject
from booklight.api.native import parse_native


async def test_what_parses_requests_is_built_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ChatKit's own `process` builds the adapter of all requests anew for each, which costs milliseconds."""
    built: list[object] = []
    build = TypeAdapter.__init__

    def note(adapter: TypeAdapter[object], type: Any, **options: Any) -> None:
        built.append(type)
        build(adapter, type, **options)

    async with live_sidecar(PacedModel(["Yes."]), f"sqlite:///{tmp_path}/booklight.db") as live:
        reader = await live.reader()
        await reader.ask("Do they?")
        monkeypatch.setattr(TypeAdapter, "__init__", note)
        await reader.ask("Really?")
        listed = await reader.send({"type": "threads.list", "params": {}})
    assert len(listed.json()["data"]) == 2
    assert ChatKitReq not in built


def test_a_request_is_parsed_as_chatkit_parses_it() -> None:
    params: JsonObject = {"thread_id": "thr_1", "item_ids": ["msg_1"], "kind": "positive"}
    body: JsonObject = {"type": "items.feedback", "params": params, "metadata": {"reason": "clear"}}
    assert parse_native(body) == TypeAdapter(ChatKitReq).validate_python(body)
