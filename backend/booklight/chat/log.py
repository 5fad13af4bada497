"""The log of one turn: its events in order, which any number of viewers read from anywhere."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from chatkit.types import (
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    ThreadItemAddedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
)

from booklight.api.serialization import event_json
from booklight.chat.open_items import copy_content
from booklight.idle_timeout import IdleTimeout

Read = TypeVar("Read")


class TurnLog:
    """Events are appended until the log is closed; they are numbered from 0 and never change.

    `viewing` is held for each viewer while they read.
    """

    def __init__(self, viewing: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self._viewing = viewing
        self._events: list[ThreadStreamEvent] = []
        self._json: list[str] = []
        self._closed = False
        self._begun = asyncio.Event()
        self._grown = asyncio.Event()
        self._waits: set[_Wait] = set()

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
        """End the log: no event follows."""
        self._closed = True
        self._announce()

    async def wait_for_first(self) -> None:
        """Return when there is an event, or when there will be none."""
        await self._begun.wait()

    async def wait_beyond(self, number: int) -> None:
        """Return when there is an event of that number, or when there will be none; one waits at a time."""
        while len(self._events) <= number and not self._closed:
            self._grown.clear()
            await self._grown.wait()

    def events_from(self, number: int) -> Sequence[ThreadStreamEvent]:
        """Return the events from that number on."""
        return self._events[number:]

    def json_from(self, number: int) -> Sequence[str]:
        """Return the events from that number on as JSON. Each is written once, for all viewers and for the store."""
        self._json += map(event_json, self._events[len(self._json) :])
        return self._json[number:]

    def read(self, after: int = 0, *, patience: float) -> AsyncGenerator[Sequence[ThreadStreamEvent], None]:
        """Yield the events from number `after` on, as many at a time as there are.

        After `patience` seconds without one, yields an empty sequence and goes on waiting.
        """
        return self._read(self.events_from, after, patience)

    def read_json(self, after: int = 0, *, patience: float) -> AsyncGenerator[Sequence[str], None]:
        """Yield what `read` does, as JSON."""
        return self._read(self.json_from, after, patience)

    async def _read(
        self, events_from: Callable[[int], Sequence[Read]], after: int, patience: float
    ) -> AsyncGenerator[Sequence[Read], None]:
        wait = _Wait(patience)
        self._waits.add(wait)
        try:
            with self._viewing():
                while (batch := events_from(after)) or not self._closed:
                    after += len(batch)
                    if batch:
                        yield batch
                    elif not await wait.for_event():
                        yield ()
        finally:
            self._waits.discard(wait)
            wait.close()

    def _announce(self) -> None:
        self._begun.set()
        self._grown.set()
        for wait in self._waits:
            wait.end(arrived=True)


class _Wait:
    """A viewer's wait for the next event, begun again after each."""

    def __init__(self, patience: float) -> None:
        self._arrived: asyncio.Future[bool] | None = None
        self._timeout = IdleTimeout(patience, lambda: self.end(arrived=False))

    async def for_event(self) -> bool:
        """Return True when an event has arrived or the log was closed, False when patience has run out."""
        self._arrived = asyncio.get_running_loop().create_future()
        self._timeout.start()
        try:
            return await self._arrived
        finally:
            self._arrived = None
            self._timeout.stop()

    def end(self, *, arrived: bool) -> None:
        """End the wait, if there is one."""
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(arrived)

    def close(self) -> None:
        """Leave no timer behind."""
        self._timeout.close()
