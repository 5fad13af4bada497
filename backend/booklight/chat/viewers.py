"""Who views a turn, here and on other workers, and what becomes of it when nobody does."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from booklight.ops.failures import failure_of
from booklight.ops.redaction import log_error


class Viewers:
    """The viewers of one turn. When all have left, it has `seconds` more, then `end` is called.

    Those on other workers are found by `poll`, which calls `note_remote`; it is awaited before `end` is called,
    since a viewer may have come back there meanwhile. Where it fails, only those of this worker count.
    """

    def __init__(self, seconds: float, *, poll: Callable[[], Awaitable[None]], end: Callable[[], None]) -> None:
        self._seconds, self._poll, self._end = seconds, poll, end
        self._local = 0
        self._remote = False
        self._closed = False
        self._leaving: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def remote(self) -> bool:
        """Whether the turn is viewed on another worker."""
        return self._remote

    @contextmanager
    def viewing(self) -> Iterator[None]:
        """Count a viewer of this worker while they view."""
        self._local += 1
        self._update()
        try:
            yield
        finally:
            self._local -= 1
            self._update()

    def note_remote(self, viewed: bool) -> None:
        """Note whether the turn is viewed on another worker. One that never was viewed does not end by this."""
        if viewed != self._remote:
            self._remote = viewed
            self._update()

    async def close(self) -> None:
        """Leave nothing waiting and nothing to call, as the turn has ended."""
        self._closed = True
        if self._leaving is not None:
            self._leaving.cancel()
        if self._ending is not None:
            await asyncio.wait({self._ending})
        self._poll, self._end = _ask_nobody, _end_nothing

    def _update(self) -> None:
        viewed = self._local > 0 or self._remote
        if viewed and self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        elif not viewed and self._leaving is None and not self._closed:
            self._leaving = asyncio.get_running_loop().call_later(self._seconds, self._begin_to_end)

    def _begin_to_end(self) -> None:
        self._ending = asyncio.create_task(self._end_unless_viewed())

    async def _end_unless_viewed(self) -> None:
        failure = await failure_of(self._poll())
        if failure is not None:
            log_error("viewers on other workers cannot be polled", failure)
        if self._local == 0 and not self._remote:
            self._end()


async def _ask_nobody() -> None:
    """There is no turn any more."""


def _end_nothing() -> None:
    """There is no turn any more."""
