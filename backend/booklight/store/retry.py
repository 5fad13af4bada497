"""Retry the writes of a turn while a database restarts, since what a model has said cannot be asked for again."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from booklight import timing
from booklight.context import RequestContext
from booklight.store.database import StoreUnavailable

PAUSE_SECONDS = 0.2


async def retry_write(write: Callable[[], Awaitable[None]], context: RequestContext) -> None:
    """Do `write`, which may be done twice; in a turn, again and again for RETRY_SECONDS. Raises StoreUnavailable."""
    turn = context.turn
    while True:
        try:
            await write()
        except StoreUnavailable:
            turn.unstored_since = turn.unstored_since or time.monotonic()
            if turn.id is None or time.monotonic() - turn.unstored_since > timing.RETRY_SECONDS:
                raise
        else:
            turn.unstored_since = None
            return
        await asyncio.sleep(PAUSE_SECONDS)
