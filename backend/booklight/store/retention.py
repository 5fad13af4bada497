"""Forget what is too old: on start, and then once a day."""

import asyncio
import logging
from datetime import timedelta
from typing import Protocol

from booklight.ops.redaction import describe

DAY_SECONDS = 24 * 60 * 60.0

logger = logging.getLogger("booklight")


class Forgetful(Protocol):
    """What housekeeping needs of the store."""

    async def prune(self, older_than: timedelta) -> int: ...
    async def forget_usage(self) -> None: ...


async def keep_house(store: Forgetful, retention: timedelta | None) -> None:
    """Tidy `store` now and once a day, until cancelled; a database that fails is tried again the day after."""
    while True:
        (failure,) = await asyncio.gather(tidy(store, retention), return_exceptions=True)
        if failure is not None:
            logger.error("housekeeping failed: %s", describe(failure))
        await asyncio.sleep(DAY_SECONDS)


async def tidy(store: Forgetful, retention: timedelta | None) -> None:
    """Drop yesterday's counts, and the threads with no activity for as long as `retention`, which is None for ever."""
    await store.forget_usage()
    if retention is not None:
        pruned = await store.prune(retention)
        logger.info("pruned %d threads with no activity for %d days", pruned, retention.days)
