"""What an answer needs, opened while the sidecar already serves: each part is there, or says why it is not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

from booklight.errors import NotReady
from booklight.ops.redaction import describe

RETRY_SECONDS = 2.0

Opened = TypeVar("Opened", covariant=True)

logger = logging.getLogger("booklight")


class PartUnavailable(Exception):
    """A part cannot be opened. `reason` says to anyone what mends it; the error's text is for the operator's log."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Openable(Protocol):
    """A part of whatever kind."""

    async def try_open(self) -> bool: ...


class Part(Generic[Opened]):
    """One part, opened by `open_part`, which raises PartUnavailable when it knows why it cannot."""

    def __init__(self, name: str, open_part: Callable[[], Awaitable[Opened]]) -> None:
        self.name = name
        self.reason: str | None = f"The {name} is being opened."
        self._open_part = open_part
        self._opened: Opened | None = None
        self._there = asyncio.Event()

    @property
    def opened(self) -> Opened | None:
        """The part, once it is there."""
        return self._opened

    def require(self) -> Opened:
        """Return the part. Raises NotReady while it is not there."""
        if self._opened is None:
            raise NotReady(self.reason or f"The {self.name} is closed.")
        return self._opened

    async def wait(self) -> None:
        """Return when the part is there."""
        await self._there.wait()

    async def try_open(self) -> bool:
        """Open the part if it is not open, and say whether it is."""
        if self._opened is not None:
            return True
        (opened,) = await asyncio.gather(self._open_part(), return_exceptions=True)
        if isinstance(opened, BaseException):
            self._note(opened)
            return False
        self._opened, self.reason = opened, None
        self._there.set()
        return True

    def _note(self, failure: BaseException) -> None:
        """Remember why the part is not there; the log gets the same reason once."""
        reason, text = f"The {self.name} cannot be opened; the server's log says why.", describe(failure)
        if isinstance(failure, PartUnavailable):
            reason, text = failure.reason, str(failure)
        if reason != self.reason:
            logger.warning("%s %s", reason, text)
        self.reason = reason


async def open_all(parts: Sequence[Openable]) -> None:
    """Open `parts`, trying again those that fail, until all are open."""
    waiting = list(parts)
    while waiting:
        waiting = [part for part in waiting if not await part.try_open()]
        if waiting:
            await asyncio.sleep(RETRY_SECONDS)
