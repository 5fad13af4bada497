"""Turns that are stopped, left and taken up again over real HTTP: nothing that was said is lost."""

import asyncio
from pathlib import Path

import pytest

from backend.context import RequestContext
from backend.tests.live import (
    HELD,
    Json,
    Live,
    action_request,
    answers,
    is_dance,
    live_sidecar,
    native_events,
    question_request,
    thread_of,
)
from backend.tests.paced_model import PacedModel


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database for what is the same on all of them."""
    return f"sqlite:///{tmp_path}/booklight.db"


async def test_a_stop_keeps_what_was_said_and_ends_the_model(database_url: str, tmp_path: Path) -> None:
    model = PacedModel(HELD)
    async with live_sidecar(model, database_url, tmp_path) as live:
        reader = await live.reader()
        async with reader.stream(question_request("How?")) as events:
            await events.until(is_dance)
            thread_id = thread_of(events.seen)
            stopped = await reader.send(action_request("booklight.stop", thread_id))
            seen = await events.rest()
            items = await reader.items(thread_id)
        model.go_on.set()
        following = await reader.ask("And now?", thread_id)
    assert stopped.status_code == 200
    assert model.cancelled.is_set()
    assert seen[-1]["type"] == "thread.item.done"
    assert answers(items) == ["Bees dance"]
    assert [item["type"] for item in items] == ["user_message", "assistant_message"]
    assert following[-1]["item"]["content"][0]["text"] == "Bees dance in eights."
    assert not any("cancelled" in str(sent) for sent in model.inputs)


async def test_a_stop_asked_on_another_worker_is_heard(database_url: str, tmp_path: Path) -> None:
    model = PacedModel(HELD)
    async with live_sidecar(model, database_url, tmp_path) as live:
        reader = await live.reader()
        async with reader.stream(question_request("How?")) as events:
            await events.until(is_dance)
            thread_id = thread_of(events.seen)
            await live.store.ask_stop(thread_id, RequestContext(owner=await live.owner_of(thread_id)))
            seen = await events.rest()
    assert model.cancelled.is_set()
    assert seen[-1]["item"]["content"][0]["text"] == "Bees dance"


async def test_a_reader_who_leaves_for_good_ends_the_turn_and_loses_nothing(database_url: str, tmp_path: Path) -> None:
    model = PacedModel(HELD)
    async with live_sidecar(model, database_url, tmp_path, resume_seconds=0) as live:
        reader = await live.reader()
        async with reader.stream(question_request("How?")) as events:
            await events.until(is_dance)
            thread_id = thread_of(events.seen)
        async with asyncio.timeout(10):
            await model.cancelled.wait()
        model.go_on.set()
        events_after = await ask_when_free(live, reader.headers, thread_id)
        items = await reader.items(thread_id)
    assert answers(items) == ["Bees dance", "Bees dance in eights."]
    assert events_after[-1]["type"] == "thread.item.done"


async def test_a_reader_who_comes_back_sees_the_whole_answer(sqlite_url: str, tmp_path: Path) -> None:
    model = PacedModel(HELD)
    async with live_sidecar(model, sqlite_url, tmp_path) as live:
        reader = await live.reader()
        async with reader.stream(question_request("How?")) as events:
            await events.until(is_dance)
            first = list(events.seen)
        thread_id = thread_of(first)
        async with reader.stream(action_request("booklight.resume", thread_id)) as taken_up:
            await taken_up.until(is_dance)
            assert taken_up.seen == first
            model.go_on.set()
            whole = await taken_up.rest()
    assert not model.cancelled.is_set()
    assert whole[-1]["item"]["content"][0]["text"] == "Bees dance in eights."


async def test_an_answer_can_be_taken_up_where_it_was_left(sqlite_url: str, tmp_path: Path) -> None:
    model = PacedModel(HELD)
    async with live_sidecar(model, sqlite_url, tmp_path) as live:
        reader = await live.reader()
        async with reader.stream(question_request("How?")) as events:
            await events.until(is_dance)
            first = list(events.seen)
        model.go_on.set()
        rest = await reader.send(action_request("booklight.resume", thread_of(first), {"after": len(first)}))
    assert [event["type"] for event in native_events(rest.text)][-1] == "thread.item.done"
    assert not any(event in first for event in native_events(rest.text))


async def test_there_is_nothing_to_take_up_when_nobody_answers(sqlite_url: str, tmp_path: Path) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url, tmp_path) as live:
        reader = await live.reader()
        thread_id = thread_of(await reader.ask("Do they?"))
        response = await reader.send(action_request("booklight.resume", thread_id))
    assert response.status_code == 404


@pytest.mark.parametrize("moment", range(4))
async def test_leaving_at_any_moment_leaves_no_empty_thread(sqlite_url: str, tmp_path: Path, moment: int) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url, tmp_path, resume_seconds=0) as live:
        reader = await live.reader()
        async with reader.stream(question_request("How?")) as events:
            for _ in range(moment):
                await events.until(lambda _: True)
        listed = (await reader.send({"type": "threads.list", "params": {}})).json()["data"]
        for thread in listed:
            assert await reader.items(thread["id"])


async def test_the_process_ends_with_every_answer_kept(database_url: str, tmp_path: Path) -> None:
    model = PacedModel(HELD)
    async with live_sidecar(model, database_url, tmp_path, resume_seconds=600) as live:
        reader = await live.reader()
        async with reader.stream(question_request("How?")) as events:
            await events.until(is_dance)
            thread_id = thread_of(events.seen)
    assert model.cancelled.is_set()
    async with live_sidecar(PacedModel([]), database_url, tmp_path) as live:
        owner = RequestContext(owner=await live.owner_of(thread_id))
        kept = await live.store.load_thread_items(thread_id, None, 10, "asc", owner)
    assert answers([item.model_dump() for item in kept.data]) == ["Bees dance"]


async def ask_when_free(live: Live, headers: dict[str, str], thread_id: str) -> list[Json]:
    """Ask as soon as the thread is free."""
    async with asyncio.timeout(10):
        while True:
            body = question_request("And now?", thread_id)
            response = await live.http.post("/assistant/chatkit", json=body, headers=headers)
            if response.status_code == 200:
                return native_events(response.text)
