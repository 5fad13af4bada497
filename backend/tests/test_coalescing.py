"""Pieces of text that arrive together are passed on together, in order, and nothing else changes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from agents.items import TResponseStreamEvent
from openai.types.responses import ResponseReasoningSummaryTextDoneEvent, ResponseTextDeltaEvent

from booklight.llm import coalescing
from booklight.llm.coalescing import coalesce

OTHER = ResponseReasoningSummaryTextDoneEvent(
    type="response.reasoning_summary_text.done",
    item_id="rs_1",
    output_index=0,
    summary_index=0,
    text="Thought.",
    sequence_number=0,
)


def piece(text: str, item_id: str = "msg_1") -> TResponseStreamEvent:
    return ResponseTextDeltaEvent(
        type="response.output_text.delta",
        item_id=item_id,
        output_index=0,
        content_index=0,
        delta=text,
        logprobs=[],
        sequence_number=0,
    )


async def stream(
    *events: TResponseStreamEvent, hold: asyncio.Event | None = None, failure: Exception | None = None
) -> AsyncIterator[TResponseStreamEvent]:
    """Yield `events` at once, wait for `hold` before the last, then raise `failure`."""
    for number, event in enumerate(events):
        if hold is not None and number == len(events) - 1:
            await hold.wait()
        yield event
    if failure is not None:
        raise failure


def told(event: TResponseStreamEvent) -> str:
    match event:
        case ResponseTextDeltaEvent(item_id=item_id, delta=delta):
            return f"{item_id}: {delta}"
        case _:
            return event.type


async def test_a_burst_becomes_one_piece_for_each_text() -> None:
    events = stream(piece("a"), piece("b"), OTHER, piece("c"), piece("d", "msg_2"), piece("e", "msg_2"))
    assert [told(event) async for event in coalesce(events)] == [
        "msg_1: ab",
        "response.reasoning_summary_text.done",
        "msg_1: c",
        "msg_2: de",
    ]


async def test_what_has_arrived_does_not_wait_for_what_has_not() -> None:
    hold = asyncio.Event()
    joined = coalesce(stream(piece("a"), piece("b"), hold=hold))
    assert told(await anext(joined)) == "msg_1: a"
    hold.set()
    assert [told(event) async for event in joined] == ["msg_1: b"]


async def test_a_failure_comes_after_all_that_came_before_it() -> None:
    joined = coalesce(stream(piece("a"), piece("b"), failure=ZeroDivisionError()))
    assert told(await anext(joined)) == "msg_1: ab"
    with pytest.raises(ZeroDivisionError):
        await anext(joined)


async def test_the_end_of_an_answer_is_not_held_until_its_pieces_are_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coalescing, "GAP_SECONDS", 3_600.0)
    hold = asyncio.Event()
    joined = coalesce(stream(piece("a"), piece("b"), piece("c"), hold=hold))
    assert told(await anext(joined)) == "msg_1: ab"
    hold.set()
    async with asyncio.timeout(10):
        assert [told(event) async for event in joined] == ["msg_1: c"]
