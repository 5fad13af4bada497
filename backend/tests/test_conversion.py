"""A run's events as ChatKit's: text goes past ChatKit's own conversion and still comes in its place."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from agents import RawResponsesStreamEvent, StreamEvent
from chatkit.types import ProgressUpdateEvent, ThreadItemUpdatedEvent, ThreadStreamEvent

from backend.tests.threads import THREAD, agent_context
from booklight.context import RequestContext
from booklight.extractive.events import stream_message
from booklight.llm.conversion import convert
from booklight.store.threads import SqlStore

PIECES = ["Bees ", "dance", "."]


class PlayedRun:
    """A run of one message. It waits before its last piece until `go_on`, and ends there if it is ended."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = pieces
        self.ended = False
        self.go_on = asyncio.Event()

    async def events(self) -> AsyncIterator[StreamEvent]:
        for event in stream_message("played", self.pieces):
            if event.type == "response.output_text.delta" and event.delta == self.pieces[-1]:
                await self.go_on.wait()
            if self.ended:
                return
            yield RawResponsesStreamEvent(data=event)

    def end(self) -> None:
        self.ended = True
        self.go_on.set()


@pytest.fixture
async def thread_store(store: SqlStore) -> SqlStore:
    """A store that has the thread of the run."""
    await store.save_thread(THREAD, RequestContext(owner="reader"))
    return store


def told(event: ThreadStreamEvent) -> str:
    if isinstance(event, ThreadItemUpdatedEvent):
        return event.update.type.rpartition(".")[2]
    return event.type


async def test_pieces_come_between_the_events_that_came_before_and_after_them(thread_store: SqlStore) -> None:
    run = PlayedRun(PIECES)
    run.go_on.set()
    events = [told(event) async for event in convert(run, agent_context(store=thread_store))]
    assert events == ["thread.item.added", "added", *["text_delta"] * 3, "done", "thread.item.done"]


async def test_what_a_tool_streams_does_not_wait_for_the_model(thread_store: SqlStore) -> None:
    context = agent_context(store=thread_store)
    run = PlayedRun(["Bees"])
    converted = convert(run, context)
    assert [told(await anext(converted)) for _ in range(2)] == ["thread.item.added", "added"]
    await context.stream(ProgressUpdateEvent(text="Searching"))
    assert told(await anext(converted)) == "progress_update"
    run.go_on.set()
    assert [told(event) async for event in converted] == ["text_delta", "done", "thread.item.done"]


async def test_a_run_that_nobody_wants_more_of_is_ended(thread_store: SqlStore) -> None:
    run = PlayedRun(["Bees"])
    converted = convert(run, agent_context(store=thread_store))
    await anext(converted)
    await converted.aclose()  # type: ignore[attr-defined]
    assert run.ended
    assert len(asyncio.all_tasks()) == 1
