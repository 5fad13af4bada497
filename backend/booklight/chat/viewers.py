"""Who reads a turn, here and on other workers, and what becomes of it when nobody does."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager


class Readers:
    """The readers of one turn. When all have left, it has `seconds` more, then `end` is called.

    Those on other workers are learned of by `look`, which tells `note_elsewhere`; it is called before `end` is, since a
    reader may have come back there meanwhile.
    """

    def __init__(self, seconds: float, *, look: Callable[[], Awaitable[None]], end: Callable[[], None]) -> None:
        self._seconds, self._look, self._end = seconds, look, end
        self._here = 0
        self._elsewhere = False
        self._closed = False
        self._leaving: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def elsewhere(self) -> bool:
        """Whether the turn is read on another worker."""
        return self._elsewhere

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Count a reader while they read."""
        self._here += 1
        self._note()
        try:
            yield
        finally:
            self._here -= 1
            self._note()

    def note_elsewhere(self, read: bool) -> None:
        """Note whether the turn is read on another worker. One that never was read anywhere does not end by this."""
        if read != self._elsewhere:
            self._elsewhere = read
            self._note()

    async def close(self) -> None:
        """Leave nothing waiting, as the turn has ended."""
        self._closed = True
        if self._leaving is not None:
            self._leaving.cancel()
        if self._ending is not None:
            await asyncio.wait({self._ending})

    def _note(self) -> None:
        read = self._here > 0 or self._elsewhere
        if read and self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        elif not read and self._leaving is None and not self._closed:
            self._leaving = asyncio.get_running_loop().call_later(self._seconds, self._begin_to_end)

    def _begin_to_end(self) -> None:
        self._ending = asyncio.create_task(self._end_unless_read())

    async def _end_unless_read(self) -> None:
        await self._look()
        if self._here == 0 and not self._elsewhere:
            self._end()
