"""A timeout that is restarted again and again: one timer that checks when it is due, and not a new one each time."""

import asyncio
from collections.abc import Callable


class IdleTimeout:
    """Calls `expired` when `seconds` have passed since it was last started, if it has not been stopped meanwhile."""

    def __init__(self, seconds: float, expired: Callable[[], object]) -> None:
        self._seconds, self._expired = seconds, expired
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to count, or begin again."""
        loop = asyncio.get_running_loop()
        self._due = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(self._due, self._check)

    def stop(self) -> None:
        """Do not expire until started again."""
        self._due = None

    def close(self) -> None:
        """Do not expire any more, and leave no timer behind."""
        self._due = None
        if self._timer is not None:
            self._timer.cancel()

    def _check(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        if self._due is None:
            return
        if self._due > loop.time():
            self._timer = loop.call_at(self._due, self._check)
        else:
            self._due = None
            self._expired()
