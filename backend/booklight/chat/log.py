"""The log of one turn: its events in order, which any number of readers follow from anywhere."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from chatkit.types import (
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    ThreadItemAddedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
)

from booklight.chat.open_items import copy_content
from booklight.idle_timeout import Alarm


class TurnLog:
    """Events are appended until the log is closed; they are numbered from 0 and never change."""

    def __init__(self) -> None:
        self._events: list[ThreadStreamEvent] = []
        self._closed = False
        self._begun = asyncio.Event()
        self._readers: set[_Reader] = set()

    @property
    def closed(self) -> bool:
        """Whether the turn has ended."""
        return self._closed

    @property
    def empty(self) -> bool:
        """Whether nothing has been appended."""
        return not self._events

    def append(self, event: ThreadStreamEvent) -> None:
        """Append `event`. What has only begun is copied, as ChatKit goes on changing it after it has sent it."""
        match event:
            case ThreadItemUpdatedEvent(
                update=AssistantMessageContentPartTextDelta() | AssistantMessageContentPartAnnotationAdded()
            ):
                self._events.append(event)
            case ThreadItemUpdatedEvent(
                update=AssistantMessageContentPartAdded() | AssistantMessageContentPartDone() as part
            ):
                own = part.model_copy(update={"content": copy_content(part.content)})
                self._events.append(event.model_copy(update={"update": own}))
            case ThreadItemAddedEvent() | ThreadItemUpdatedEvent():
                self._events.append(event.model_copy(deep=True))
            case _:
                self._events.append(event)
        self._announce()

    def close(self) -> None:
        """Say that nothing follows."""
        self._closed = True
        self._announce()

    async def wait_for_first(self) -> None:
        """Return when there is an event, or when there will be none."""
        await self._begun.wait()

    async def read(self, after: int = 0, *, patience: float) -> AsyncIterator[Sequence[ThreadStreamEvent]]:
        """Yield the events from number `after` on, as many at a time as there are.

        After `patience` seconds without one, yields an empty sequence and goes on waiting.
        """
        reader = _Reader(patience)
        self._readers.add(reader)
        try:
            while (batch := self._events[after:]) or not self._closed:
                after += len(batch)
                if batch:
                    yield batch
                elif not await reader.wait():
                    yield ()
        finally:
            self._readers.discard(reader)
            reader.close()

    def _announce(self) -> None:
        self._begun.set()
        for reader in self._readers:
            reader.tell(news=True)


class _Reader:
    """One that reads, as long as it waits for more."""

    def __init__(self, patience: float) -> None:
        self._told: asyncio.Future[bool] | None = None
        self._alarm = Alarm(patience, lambda: self.tell(news=False))

    async def wait(self) -> bool:
        """Return True when there is news, False when patience has run out."""
        self._told = asyncio.get_running_loop().create_future()
        self._alarm.set()
        try:
            return await self._told
        finally:
            self._told = None
            self._alarm.put_off()

    def tell(self, *, news: bool) -> None:
        """End the wait, if there is one."""
        if self._told is not None and not self._told.done():
            self._told.set_result(news)

    def close(self) -> None:
        """Leave no timer behind."""
        self._alarm.close()
