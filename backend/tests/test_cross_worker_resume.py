"""A reader who comes back to another worker than the one that answers: two sidecars on one database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from backend.tests.live import (
    HELD,
    Events,
    Json,
    Live,
    Reader,
    action_request,
    answers,
    is_dance,
    live_sidecar,
    question_request,
    thread_of,
)
from backend.tests.paced_model import HOLD, PacedModel
from booklight import timing

RESUME_SECONDS = 0.3
POLL_SECONDS = 0.02


@dataclass
class Workers:
    """The worker that answers, with a model that waits in mid-answer, and the one to which readers come back."""

    model: PacedModel
    here: Live
    there: Live

    async def leave(self, question: str = "How?") -> tuple[Reader, str]:
        """Ask here, leave in mid-answer, and return the reader as the other worker knows them, and the thread."""
        reader = await self.here.reader()
        async with reader.stream(question_request(question)) as events:
            await events.until(is_dance)
            return Reader(self.there.http, reader.headers), thread_of(events.seen)


@pytest.fixture
async def workers(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Workers]:
    """Two workers that learn of each other quickly."""
    monkeypatch.setattr(timing, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr(timing, "POLL_SECONDS", POLL_SECONDS)
    monkeypatch.setattr(timing, "VIEWED_SECONDS", 1.0)
    model = PacedModel(HELD)
    async with (
        live_sidecar(model, database_url, resume_seconds=RESUME_SECONDS) as here,
        live_sidecar(PacedModel([]), database_url) as there,
    ):
        yield Workers(model, here, there)


def resume(thread_id: str, after: int = 0) -> Json:
    return action_request("booklight.resume", thread_id, {"after": after})


def shown(events: list[Json]) -> str:
    """Return the text of the answer as a client has it after `events`."""
    text = ""
    for event in events:
        item = event.get("item", {})
        if item.get("type") == "assistant_message":
            text = "".join(part["text"] for part in item["content"])
        text += str(event.get("update", {}).get("delta", ""))
    return text


async def polls(events: Events, number: int) -> None:
    """Return when the worker has polled the turn so many times more."""
    seen = 0
    async for line in events._lines:
        seen += line.startswith(": keepalive")
        if seen == number:
            return


def begins_with_dance(event: Json) -> bool:
    return "dance" in shown([event])


async def test_a_reader_who_comes_back_there_sees_the_whole_answer(workers: Workers) -> None:
    reader, thread_id = await workers.leave()
    async with reader.stream(resume(thread_id)) as events:
        await events.until(begins_with_dance)
        before = list(events.seen)
        workers.model.go_on.set()
        seen = await events.rest()
        items = await reader.items(thread_id)
    assert [event["type"] for event in before[:3]] == ["thread.created", "thread.item.done", "stream_options"]
    assert before[1]["item"]["type"] == "user_message"
    assert shown(before) == "Bees dance"
    assert seen[-1]["type"] == "thread.item.done"
    assert seen[-1]["item"] == items[-1]
    assert answers(items) == ["Bees dance in eights."]
    assert len({event["item"]["id"] for event in seen if "item" in event}) == 2


async def test_the_events_there_are_those_here_by_the_same_numbers_follow_up_questions_too(workers: Workers) -> None:
    workers.model.searches, workers.model.pieces = True, ["They ", "dance.[^1]", HOLD, " Often."]
    reader = await workers.here.reader()
    elsewhere = Reader(workers.there.http, reader.headers)
    async with reader.stream(question_request("What is a waggle dance?")) as here:
        await here.until(is_dance)
        thread_id, before = thread_of(here.seen), len(here.seen)
        async with (
            elsewhere.stream(resume(thread_id)) as all_of_it,
            elsewhere.stream(resume(thread_id, before)) as rest,
        ):
            await all_of_it.until(is_dance)
            workers.model.go_on.set()
            seen = [await events.rest() for events in (here, all_of_it, rest)]
    assert seen[0] == seen[1]
    assert seen[0][before:] == seen[2]
    assert seen[2][-1]["name"] == "booklight.follow_ups"


async def test_the_answer_grows_there_as_it_is_written_here(workers: Workers) -> None:
    workers.model.pieces = ["Bees ", "dance", HOLD, " in", " eights", HOLD, " often."]
    reader, thread_id = await workers.leave()
    async with reader.stream(resume(thread_id)) as events:
        await events.until(begins_with_dance)
        workers.model.go_on.set()
        workers.model.go_on = asyncio.Event()
        await events.until(lambda event: "eights" in str(event.get("update", {}).get("delta")))
        assert shown(events.seen) == "Bees dance in eights"
        workers.model.go_on.set()
        assert shown(await events.rest()) == "Bees dance in eights often."


async def test_a_turn_goes_on_while_it_is_read_there_and_ends_when_it_is_not(workers: Workers) -> None:
    reader, thread_id = await workers.leave()
    async with reader.stream(resume(thread_id)) as events:
        await polls(events, int(4 * RESUME_SECONDS / POLL_SECONDS))
        assert not workers.model.cancelled.is_set()
        busy = await reader.send(question_request("And?", thread_id))
    assert busy.status_code == 409
    async with asyncio.timeout(10):
        await workers.model.cancelled.wait()


async def test_a_stop_there_ends_the_answer_here_and_keeps_it(workers: Workers) -> None:
    reader, thread_id = await workers.leave()
    async with reader.stream(resume(thread_id)) as events:
        await events.until(begins_with_dance)
        stopped = await reader.send(action_request("booklight.stop", thread_id))
        seen = await events.rest()
    assert stopped.status_code == 200
    assert workers.model.cancelled.is_set()
    assert answers(await reader.items(thread_id)) == ["Bees dance"] == [shown(seen)]
    assert not any(event["type"] == "error" for event in seen)


async def test_a_question_right_behind_a_stop_there_is_answered(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "RENEW_SECONDS", 0.5)
    reader, thread_id = await workers.leave()
    stopped = await reader.send(action_request("booklight.stop", thread_id))
    following = await reader.send(question_request("And now?", thread_id))
    assert (stopped.status_code, following.status_code) == (200, 200)


async def test_an_answer_that_came_to_nothing_is_taken_back_there_as_it_is_here(workers: Workers) -> None:
    workers.model.pieces = [" ", HOLD]
    reader = await workers.here.reader()
    elsewhere = Reader(workers.there.http, reader.headers)
    async with reader.stream(question_request("How?")) as here:
        await here.until(lambda event: event["type"] == "thread.item.added")
        thread_id = thread_of(here.seen)
        async with elsewhere.stream(resume(thread_id)) as there:
            await there.until(lambda event: event["type"] == "thread.item.added")
            await elsewhere.send(action_request("booklight.stop", thread_id))
            seen = [await events.rest() for events in (here, there)]
    assert seen[0] == seen[1]
    assert seen[0][-1]["type"] == "thread.item.removed"


async def test_a_thread_that_is_deleted_meanwhile_ends_the_stream(workers: Workers) -> None:
    reader, thread_id = await workers.leave()
    async with reader.stream(resume(thread_id)) as events:
        await polls(events, 1)
        await reader.send({"type": "threads.delete", "params": {"thread_id": thread_id}})
        await events.rest()


async def test_there_is_nothing_to_take_up_there_when_the_answer_is_whole_or_anothers(workers: Workers) -> None:
    reader, thread_id = await workers.leave()
    stranger = await workers.there.reader()
    assert (await stranger.send(resume(thread_id))).status_code == 404
    async with reader.stream(resume(thread_id)) as events:
        workers.model.go_on.set()
        await events.rest()
    assert (await reader.send(resume(thread_id))).status_code == 404
