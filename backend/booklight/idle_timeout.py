"""A limit of time that is set again and again: one timer that looks when it is due, and not a new one each time."""

import asyncio
from collections.abc import Callable


class Alarm:
    """Calls `ring` when `seconds` have passed since it was last set, if it has not been put off meanwhile."""

    def __init__(self, seconds: float, ring: Callable[[], object]) -> None:
        self._seconds, self._ring = seconds, ring
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def set(self) -> None:
        """Begin to count, or begin again."""
        loop = asyncio.get_running_loop()
        self._due = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(self._due, self._look)

    def put_off(self) -> None:
        """Do not ring until set again."""
        self._due = None

    def close(self) -> None:
        """Do not ring any more."""
        self._due = None
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        if self._due is None:
            return
        if self._due > loop.time():
            self._timer = loop.call_at(self._due, self._look)
        else:
            self._due = None
            self._ring()
