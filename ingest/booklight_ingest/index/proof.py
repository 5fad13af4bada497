"""Whether a search is answered: asked when someone wants to know, and not more than once a second."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from booklight_ingest.errors import IndexUnavailable

# Probes of health give up after a second or more.
PROOF_SECONDS = 1.0
KEPT_SECONDS = 1.0


class Proof:
    """Runs `prove`, which raises IndexUnavailable where a search fails, and keeps what came of it for a moment."""

    def __init__(self, prove: Callable[[], Awaitable[None]], clock: Callable[[], float] = time.monotonic) -> None:
        self._prove = prove
        self._clock = clock
        self._run: asyncio.Task[None] | None = None
        self._ended = 0.0

    async def check(self) -> None:
        """Return if a search is answered; whoever asks meanwhile shares the answer. Raises IndexUnavailable."""
        if self._run is None or (self._run.done() and self._clock() - self._ended >= KEPT_SECONDS):
            self._run = asyncio.create_task(self._prove_in_time())
            self._run.add_done_callback(self._note_end)
        await asyncio.shield(self._run)

    async def close(self) -> None:
        """Stop asking."""
        if self._run is not None:
            self._run.cancel()
            await asyncio.wait([self._run])

    async def _prove_in_time(self) -> None:
        try:
            async with asyncio.timeout(PROOF_SECONDS):
                await self._prove()
        except TimeoutError:
            raise IndexUnavailable(f"no search was answered within {PROOF_SECONDS:.0f} s") from None

    def _note_end(self, run: asyncio.Task[None]) -> None:
        self._ended = self._clock()
        if not run.cancelled():
            # Whoever asked may have left: an error that nobody took would be printed.
            run.exception()
