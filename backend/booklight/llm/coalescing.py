"""Coalescing: pieces of text that arrive faster than a reader can tell them apart are passed on as one.

All that follows (the run, ids, citations, storing, sending) costs per event, most of it in the Agents SDK: joined only
behind it, an answer that comes at once costs a quarter more. A piece that comes after a pause is passed on at once, and
nothing but text is held.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from typing import Any

from agents import Model
from agents.items import TResponseStreamEvent
from openai.types.responses import ResponseTextDeltaEvent

GAP_SECONDS = 1 / 20
"""Between two pieces that are passed on: text that grows so often is read as growing steadily."""


class Coalescing(Model):
    """Mixed into a model, coalesces what it streams."""

    def stream_response(self, *asked: Any, **options: Any) -> AsyncIterator[TResponseStreamEvent]:
        """Stream the model's answer."""
        return coalesce(super().stream_response(*asked, **options))  # type: ignore[safe-super]  # a mixin, never alone


async def coalesce(events: AsyncIterator[TResponseStreamEvent]) -> AsyncIterator[TResponseStreamEvent]:
    """Yield `events`, with neighbouring pieces of one text joined where they have arrived meanwhile."""
    arrived = _Arrived(events)
    reading = asyncio.create_task(arrived.read_all())
    try:
        while batch := await arrived.take():
            for event in _joined(batch):
                yield event
        await reading
    finally:
        reading.cancel()
        await asyncio.wait({reading})
        # Where nobody reads on, a failure is nobody's any more; where somebody does, it was raised above.
        if not reading.cancelled():
            reading.exception()


class _Arrived:
    """What has arrived and has not been taken."""

    def __init__(self, events: AsyncIterator[TResponseStreamEvent]) -> None:
        self._events = events
        self._waiting: list[TResponseStreamEvent] = []
        self._news = asyncio.Event()
        self._end = asyncio.Event()
        self._piece_due = 0.0

    async def read_all(self) -> None:
        """Read to the end. Raises what the events raise, once all before it can be taken."""
        try:
            async for event in self._events:
                self._waiting.append(event)
                self._news.set()
        finally:
            self._end.set()
            self._news.set()

    async def take(self) -> Sequence[TResponseStreamEvent]:
        """Return all that waits, as soon as there is any, text when it is due; nothing once all has been taken."""
        while not self._waiting and not self._end.is_set():
            self._news.clear()
            await self._news.wait()
        if self._waiting and isinstance(self._waiting[0], ResponseTextDeltaEvent):
            early = self._piece_due - time.monotonic()
            if early > 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(early):
                        await self._end.wait()
            self._piece_due = time.monotonic() + GAP_SECONDS
        batch, self._waiting = self._waiting, []
        return batch


def _joined(batch: Sequence[TResponseStreamEvent]) -> Iterator[TResponseStreamEvent]:
    """Yield `batch` with each run of pieces of one text as a single piece."""
    run: list[ResponseTextDeltaEvent] = []
    for event in batch:
        piece = event if isinstance(event, ResponseTextDeltaEvent) else None
        if run and (piece is None or not _same_text(piece, run[0])):
            yield _join(run)
            run = []
        if piece is None:
            yield event
        else:
            run.append(piece)
    if run:
        yield _join(run)


def _same_text(one: ResponseTextDeltaEvent, other: ResponseTextDeltaEvent) -> bool:
    return (one.item_id, one.content_index) == (other.item_id, other.content_index)


def _join(run: Sequence[ResponseTextDeltaEvent]) -> ResponseTextDeltaEvent:
    return run[0] if len(run) == 1 else run[0].model_copy(update={"delta": "".join(piece.delta for piece in run)})
