"""Retention: delete what is too old, when a process starts and then once a day."""

import asyncio
import logging
from datetime import timedelta
from typing import Protocol

from sqlalchemy import and_, delete, or_, select

from booklight.ops.redaction import log_error
from booklight.store.database import OnDatabase, StoreUnavailable
from booklight.store.tables import current_moment, database_seconds, threads

DAY_SECONDS = 24 * 60 * 60.0

_PRUNED_AT_ONCE = 500

logger = logging.getLogger("booklight")


class Prunable(Protocol):
    """What retention needs of the store."""

    async def prune(self, older_than: timedelta) -> int: ...
    async def delete_old_usage(self) -> None: ...
    async def delete_ended_turn_events(self) -> None: ...
    async def delete_expired_shares(self) -> None: ...


class Retention(OnDatabase):
    """Deletes threads that nobody has written to for long."""

    async def prune(self, older_than: timedelta) -> int:
        """Delete threads with no activity for so long, but for those with a running turn; count them."""
        before = current_moment() - older_than
        free = or_(threads.c.turn_id.is_(None), threads.c.turn_expires < database_seconds())
        idle = and_(threads.c.updated_at < before, free)
        batch = select(threads.c.sequence).where(idle).limit(_PRUNED_AT_ONCE)
        # The condition again, for a thread that a reader takes up between the two.
        prune_batch = delete(threads).where(threads.c.sequence.in_(batch), idle)
        pruned = 0
        async with self._database.statement() as connection:
            while count := (await connection.execute(prune_batch)).rowcount:
                pruned += count
        return pruned


async def enforce_retention(store: Prunable, retention: timedelta | None) -> None:
    """Delete what is too old now and once a day, until cancelled; a day without a database is made up for the next."""
    while True:
        try:
            await delete_expired(store, retention)
        except StoreUnavailable as failure:
            log_error("retention failed", failure)
        await asyncio.sleep(DAY_SECONDS)


async def delete_expired(store: Prunable, retention: timedelta | None) -> None:
    """Drop yesterday's counts, the events of turns that have ended, links that have expired, and old threads.

    Those are threads with no activity for as long as `retention`, which is None for ever.
    """
    await store.delete_old_usage()
    await store.delete_ended_turn_events()
    await store.delete_expired_shares()
    if retention is not None:
        pruned = await store.prune(retention)
        logger.info("pruned %d threads with no activity for %d days", pruned, retention.days)
