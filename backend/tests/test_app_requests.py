"""What clients may send: everything else is a status and a message, never a crash or a cut stream."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from backend.tests.live import Json, Live, action_request, live_sidecar, question_request
from backend.tests.paced_model import PacedModel
from booklight.store.database import StoreUnavailable

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHAT = "/assistant/chatkit"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    """One sidecar for all of these requests, none of which may harm it."""
    folder = tmp_path_factory.mktemp("live")
    async with live_sidecar(PacedModel(["Yes."]), f"sqlite:///{folder}/booklight.db") as sidecar:
        yield sidecar


def with_input(**changes: Any) -> Json:
    """Return a question whose input is changed."""
    request = question_request("How?")
    request["params"]["input"] |= changes
    return request


BAD_BODIES: dict[str, tuple[bytes, int, str]] = {
    "empty": (b"", 400, ""),
    "blank": (b" \n ", 400, ""),
    "a list": (b"[]", 422, ""),
    "a string": (b'"query"', 422, ""),
    "nothing asked": (b"{}", 422, "query"),
    "an empty question": (b'{"query": "  "}', 422, "query"),
    "a long selection": (
        json.dumps({"query": "q", "context": {"selected_text": "s" * 100_000}}).encode(),
        422,
        "selected_text",
    ),
    "an odd mode": (b'{"query": "q", "context": {"context_mode": "x"}}', 422, "context_mode"),
    "a chapter that is no number": (
        b'{"query": "q", "context": {"page_context": {"current_chapter": "three"}}}',
        422,
        "current_chapter",
    ),
    "an unknown thread": (b'{"query": "q", "thread_id": "thr_nobody"}', 404, ""),
    "an unknown type": (b'{"type": "threads.burn", "params": {}}', 422, "type"),
    "a type that is null": (b'{"type": null}', 422, "type"),
    "no params": (b'{"type": "threads.create"}', 422, "params"),
    **{
        f"a {name} of any length": (
            json.dumps(question_request("q", page_context={name: "x" * 201})).encode(),
            422,
            f"metadata.page_context.{name}",
        )
        for name in ("locale", "docs_instance")
    },
    "metadata of the wrong type": (
        json.dumps(question_request("q", page_context={"current_chapter": "three"})).encode(),
        422,
        "metadata.page_context.current_chapter",
    ),
    "a long quote": (json.dumps(with_input(quoted_text="q" * 20_001)).encode(), 422, "quoted_text"),
    "no content": (json.dumps(with_input(content=[])).encode(), 422, "content"),
    "an attachment": (json.dumps(with_input(attachments=["atc_1"])).encode(), 422, "attachments"),
    "an upload": (
        b'{"type": "attachments.create", "params": {"name": "a", "size": 1, "mime_type": "text/plain"}}',
        422,
        "attachments",
    ),
    "a file to delete": (b'{"type": "attachments.delete", "params": {"attachment_id": "a"}}', 422, "attachments"),
    "speech": (
        b'{"type": "input.transcribe", "params": {"audio_base64": "AAAA", "mime_type": "audio/webm"}}',
        422,
        "transcribed",
    ),
    "an unknown action": (json.dumps(action_request("booklight.burn", "thr_nobody")).encode(), 422, "action"),
    "a resume without a stream": (
        json.dumps(action_request("booklight.resume", "thr_nobody") | {"type": "threads.sync_custom_action"}).encode(),
        422,
        "booklight.stop",
    ),
    "an unknown cursor": (b'{"type": "threads.list", "params": {"after": "thr_nobody"}}', 404, ""),
}


@pytest.mark.parametrize(("body", "status", "names"), BAD_BODIES.values(), ids=BAD_BODIES)
async def test_a_bad_request_gets_a_status_and_says_why(live: Live, body: bytes, status: int, names: str) -> None:
    response = await live.http.post(CHAT, content=body)
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert set(error) == {"code", "message"}
    assert names in error["message"]
    assert "Traceback" not in response.text


@pytest.mark.parametrize(("size", "status"), [(999_000, 422), (1_000_001, 413)])
async def test_a_large_body_is_refused_and_still_answered(live: Live, size: int, status: int) -> None:
    response = await live.http.post(CHAT, content=b'{"query": "' + b"q" * size + b'"}')
    assert response.status_code == status
    assert response.json()["error"]["message"]


async def test_a_form_is_refused(live: Live) -> None:
    response = await live.http.post(CHAT, files={"query": b"How?"})
    assert response.status_code == 415


async def test_hostile_text_is_only_text(live: Live) -> None:
    hostile = "<script>alert(1)</script> [x](javascript:alert(1)) \u202e ''; DROP TABLE threads; -- \x00 🦉"
    reader = await live.reader()
    events = await reader.ask(hostile, page_context={"path": "../../etc/passwd", "current_chapter": 10**30})
    asked = events[1]["item"]["content"][0]["text"]
    assert asked == hostile
    assert events[-1]["type"] == "thread.item.done"


@pytest.mark.parametrize("limit", [0, 1, 9_999, 2**70])
async def test_a_list_is_as_long_as_it_may_be(live: Live, limit: int) -> None:
    reader = await live.reader()
    response = await reader.send({"type": "threads.list", "params": {"limit": limit}})
    assert response.status_code == 200


async def test_what_is_not_there_is_json_too(live: Live) -> None:
    missing = await live.http.get("/assistant/nothing")
    wrong = await live.http.get(CHAT)
    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert set(missing.json()["error"]) == set(wrong.json()["error"]) == {"code", "message"}


async def test_an_error_never_says_more_than_it_should(live: Live) -> None:
    response = await live.http.post(CHAT, json={"query": "How?"}, headers={"Authorization": "Bearer x.y.z"})
    assert response.status_code == 401
    assert httpx.Headers(response.headers)["X-Content-Type-Options"] == "nosniff"


async def test_a_database_that_fails_is_a_status_without_its_address(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("postgresql://reader@10.0.0.7 refused")

    reader = await live.reader()
    for method in ("save_thread", "load_threads"):
        monkeypatch.setattr(live.store, method, fail)
    asked = await reader.send(question_request("How?"))
    listed = await reader.send({"type": "threads.list", "params": {}})
    assert (asked.status_code, listed.status_code) == (503, 503)
    assert "10.0.0.7" not in asked.text + listed.text


async def test_a_defect_of_ours_is_a_500_that_says_nothing(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(live.store, "load_threads", fail)
    response = await (await live.reader()).send({"type": "threads.list", "params": {}})
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal"
    assert "secret" not in response.text
