"""Pieces of text that arrive together are passed on together, in order, and nothing else changes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from agents import AgentUpdatedStreamEvent, RawResponsesStreamEvent, StreamEvent
from openai.types.responses import ResponseTextDeltaEvent

from backend.agent.book import build_agent
from backend.agent.bursts import join_bursts
from backend.tests.small_book import SmallSearch

OTHER = AgentUpdatedStreamEvent(new_agent=build_agent(SmallSearch(), ""))


def piece(text: str, item_id: str = "msg_1") -> StreamEvent:
    delta = ResponseTextDeltaEvent(
        type="response.output_text.delta",
        item_id=item_id,
        output_index=0,
        content_index=0,
        delta=text,
        logprobs=[],
        sequence_number=0,
    )
    return RawResponsesStreamEvent(data=delta)


async def stream(
    *events: StreamEvent, hold: asyncio.Event | None = None, failure: Exception | None = None
) -> AsyncIterator[StreamEvent]:
    """Yield `events` at once, wait for `hold` before the last, then raise `failure`."""
    for number, event in enumerate(events):
        if hold is not None and number == len(events) - 1:
            await hold.wait()
        yield event
    if failure is not None:
        raise failure


def told(event: StreamEvent) -> str:
    match event:
        case RawResponsesStreamEvent(data=ResponseTextDeltaEvent(item_id=item_id, delta=delta)):
            return f"{item_id}: {delta}"
        case _:
            return event.type


async def test_a_burst_becomes_one_piece_for_each_text() -> None:
    events = stream(piece("a"), piece("b"), OTHER, piece("c"), piece("d", "msg_2"), piece("e", "msg_2"))
    assert [told(event) async for event in join_bursts(events)] == [
        "msg_1: ab",
        "agent_updated_stream_event",
        "msg_1: c",
        "msg_2: de",
    ]


async def test_what_has_arrived_does_not_wait_for_what_has_not() -> None:
    hold = asyncio.Event()
    joined = join_bursts(stream(piece("a"), piece("b"), hold=hold))
    assert told(await anext(joined)) == "msg_1: a"
    hold.set()
    assert [told(event) async for event in joined] == ["msg_1: b"]


async def test_a_failure_comes_after_all_that_came_before_it() -> None:
    joined = join_bursts(stream(piece("a"), piece("b"), failure=ZeroDivisionError()))
    assert told(await anext(joined)) == "msg_1: ab"
    with pytest.raises(ZeroDivisionError):
        await anext(joined)
