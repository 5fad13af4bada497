"""The log of one turn: its events in order, which any number of readers follow from anywhere."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from chatkit.types import AssistantMessageContentPartTextDelta, ThreadItemUpdatedEvent, ThreadStreamEvent


class TurnLog:
    """Events are appended until the log is closed; they are numbered from 0 and never change."""

    def __init__(self) -> None:
        self._events: list[ThreadStreamEvent] = []
        self._closed = False
        self._news = asyncio.Event()

    @property
    def closed(self) -> bool:
        """Whether the turn has ended."""
        return self._closed

    @property
    def empty(self) -> bool:
        """Whether nothing has been appended."""
        return not self._events

    def append(self, event: ThreadStreamEvent) -> None:
        """Append `event`. All but text deltas are copied, as ChatKit goes on changing what it has sent."""
        match event:
            case ThreadItemUpdatedEvent(update=AssistantMessageContentPartTextDelta()):
                self._events.append(event)
            case _:
                self._events.append(event.model_copy(deep=True))
        self._announce()

    def close(self) -> None:
        """Say that nothing follows."""
        self._closed = True
        self._announce()

    async def wait_for_first(self) -> None:
        """Return when there is an event, or when there will be none."""
        while self.empty and not self._closed:
            await self._news.wait()

    async def read(self, after: int = 0, *, patience: float) -> AsyncIterator[Sequence[ThreadStreamEvent]]:
        """Yield the events from number `after` on, as many at a time as there are.

        After `patience` seconds without one, yields an empty sequence and goes on waiting.
        """
        while True:
            batch = self._events[after:]
            after += len(batch)
            if batch:
                yield batch
            elif self._closed:
                return
            elif not await self._wait(patience):
                yield ()

    async def _wait(self, patience: float) -> bool:
        try:
            async with asyncio.timeout(patience):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    def _announce(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
