"""The simple dialect over real HTTP: its events in order, and who its readers are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.tests.live import Json, Live, live_sidecar, question_request, simple_events
from backend.tests.paced_model import HOLD, PacedModel
from booklight import timing
from booklight.assembly import connect_answering_model
from booklight.settings import Settings

CHAT = "/assistant/chatkit"
STREAM_HEADERS = {
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
    "connection": "keep-alive",
    "x-accel-buffering": "no",
}


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    """A sidecar that answers `Bees dance.` with a citation."""
    model = PacedModel(["Bees ", "dance.[^1]"], searches=True)
    async with live_sidecar(model, f"sqlite:///{tmp_path}/booklight.db") as sidecar:
        yield sidecar


async def test_the_simple_dialect_sends_its_events_in_order(live: Live) -> None:
    context = {
        "page_context": {"current_chapter": 1, "current_lesson": "dances", "path": "/book/docs/dances"},
        "selected_text": "figure of eight",
        "context_mode": "selected_text",
        "session_id": None,
    }
    response = await live.http.post(CHAT, json={"query": "How?", "thread_id": None, "context": context})
    assert {name: response.headers[name] for name in STREAM_HEADERS} == STREAM_HEADERS | {
        "content-type": response.headers["content-type"]
    }
    events = simple_events(response.text)
    names = [name for name, _ in events]
    assert list(dict.fromkeys(names)) == ["thread.created", "item.created", "item.delta", "item.done", "done"]
    assert names == sorted(names, key=list(dict.fromkeys(names)).index)
    (_, created), (_, begun), *deltas, (_, done), (_, end) = events
    assert created == {"id": created["id"], "title": None, "metadata": {}}
    assert begun == {"id": begun["id"], "type": "message", "role": "assistant", "content": []}
    assert {tuple(delta) for _, delta in deltas} == {("id", "delta")}
    text = "".join(delta["delta"]["text"] for _, delta in deltas)
    assert text == "Bees dance."
    (part,) = done["content"]
    assert list(part) == ["type", "text", "annotations"]
    assert part["text"] == text
    assert part["annotations"][0]["source"]["url"] == "https://bees.example/book/docs/dances#the-waggle-dance"
    assert end == {"thread_id": created["id"], "answer": None}


async def test_a_first_curl_becomes_a_reader(live: Live) -> None:
    first = await live.http.post(CHAT, content='{"query": "How?"}', headers={"Content-Type": "text/plain"})
    thread_id = simple_events(first.text)[-1][1]["thread_id"]
    follow_up = {"query": "And?", "thread_id": thread_id}
    nobody = await live.http.post(CHAT, json=follow_up)
    token = {"Authorization": f"Bearer {first.headers['X-Booklight-Token']}"}
    same = await live.http.post(CHAT, json=follow_up, headers=token)
    assert nobody.status_code == 404
    assert simple_events(same.text)[-1] == ("done", {"thread_id": thread_id, "answer": None})
    assert "X-Booklight-Token" not in same.headers


async def test_a_long_session_id_stands_in_for_a_token_and_a_short_one_does_not(live: Live) -> None:
    def ask(session_id: str, thread_id: str | None = None) -> Json:
        return {"query": "How?", "thread_id": thread_id, "context": {"session_id": session_id}}

    first = await live.http.post(CHAT, json=ask("s" * 32))
    thread_id = simple_events(first.text)[-1][1]["thread_id"]
    same = await live.http.post(CHAT, json=ask("s" * 32, thread_id))
    other = await live.http.post(CHAT, json=ask("t" * 32, thread_id))
    short = await live.http.post(CHAT, json=ask("s" * 31))
    assert "X-Booklight-Token" not in first.headers
    assert (same.status_code, other.status_code) == (200, 404)
    assert "X-Booklight-Token" in short.headers


@pytest.mark.parametrize("body", [{"query": "How?"}, question_request("How?")], ids=["simple", "native"])
async def test_a_stream_says_that_it_is_alive_while_the_model_is_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: Json
) -> None:
    monkeypatch.setattr(timing, "KEEPALIVE_SECONDS", 0.01)
    model = PacedModel([HOLD, "Yes."])
    url = f"sqlite:///{tmp_path}/booklight.db"
    async with live_sidecar(model, url) as live, live.http.stream("POST", CHAT, json=body) as response:
        async for line in response.aiter_lines():
            if line == ": keepalive":
                model.go_on.set()
    assert model.go_on.is_set()


@pytest.mark.parametrize(
    ("query", "kind"),
    [("What is a waggle dance?", "likely"), ("Which airport serves Oslo?", "not_covered"), ("Hi!", None)],
)
async def test_the_end_says_what_kind_of_quotations_were_given(tmp_path: Path, query: str, kind: str | None) -> None:
    model = connect_answering_model(Settings(_env_file=None))
    async with live_sidecar(model, f"sqlite:///{tmp_path}/booklight.db") as sidecar:
        answered = await sidecar.http.post(CHAT, json={"query": query})
    events = simple_events(answered.text)
    assert events[-1][1]["answer"] == kind
    (text,) = [part["text"] for name, data in events if name == "item.done" for part in data["content"]]
    assert ("\n\n> A waggle dance is" in text) is (kind == "likely")
