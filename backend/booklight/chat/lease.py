"""The lease of a turn on its thread: taken before the first word, renewed while it runs, and given back at its end."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from chatkit.store import NotFoundError
from chatkit.types import AssistantMessageItem, ThreadItem

from booklight import timing
from booklight.context import RequestContext
from booklight.errors import ThreadBusy
from booklight.store.database import StoreUnavailable
from booklight.store.leases import RemoteTurn, Renewal, TurnLost

STORE_FAILURES = (StoreUnavailable, TurnLost, NotFoundError, TimeoutError)
"""What a write of a turn fails with: no database in time, or a thread that another holds or a reader deleted."""


class TurnStore(Protocol):
    """What a turn needs of the store: the lease on its thread, and a place for what was said."""

    async def begin_turn(self, thread_id: str, turn_id: str, context: RequestContext, seconds: float) -> bool: ...
    async def renew_turn(
        self, thread_id: str, turn_id: str, seconds: float, drafts: Sequence[AssistantMessageItem]
    ) -> Renewal: ...
    async def end_turn(self, thread_id: str, turn_id: str) -> None: ...
    async def ask_stop(self, thread_id: str, context: RequestContext) -> None: ...
    async def follow_turn(self, thread_id: str, context: RequestContext, seconds: float) -> RemoteTurn | None: ...
    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: RequestContext) -> None: ...
    async def delete_thread(self, thread_id: str, context: RequestContext) -> None: ...


class Lease:
    """The lease of the turn `turn_id`, which holds no thread before `take`."""

    def __init__(self, store: TurnStore, turn_id: str, context: RequestContext) -> None:
        self._store, self._turn_id, self._context = store, turn_id, context
        self._thread_id: str | None = None

    async def take(self, thread_id: str) -> None:
        """Hold a thread. Raises ThreadBusy while another turn does."""
        if not await self._store.begin_turn(thread_id, self._turn_id, self._context, timing.LEASE_SECONDS):
            raise ThreadBusy("This conversation is still being answered; wait for the answer or stop it.")
        self._thread_id = thread_id

    async def renew(self, drafts: Sequence[AssistantMessageItem]) -> Renewal | None:
        """Hold the thread for longer and note the unfinished messages; None where that has not succeeded.

        A database that does not answer may be back before the lease runs out, so that alone ends nothing.
        """
        if self._thread_id is None:
            return None
        try:
            async with asyncio.timeout(timing.STORE_SECONDS):
                return await self._store.renew_turn(self._thread_id, self._turn_id, timing.LEASE_SECONDS, drafts)
        except STORE_FAILURES:
            return None

    async def release(self) -> None:
        """Free the thread; where the database fails, the lease runs out by itself."""
        if self._thread_id is not None:
            with suppress(*STORE_FAILURES):
                async with asyncio.timeout(timing.STORE_SECONDS):
                    await self._store.end_turn(self._thread_id, self._turn_id)
