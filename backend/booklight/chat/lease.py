"""The lease of a turn on its thread: taken before the first word, renewed while it runs, and given back at its end.

What the turn has shown is kept with each renewal, so that it outlives this process.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from chatkit.store import NotFoundError
from chatkit.types import ThreadItem

from booklight import timing
from booklight.chat.dead_turn import DeadTurnStore, end_if_dead
from booklight.chat.log import TurnLog
from booklight.context import RequestContext
from booklight.errors import ThreadBusy
from booklight.store.database import StoreUnavailable
from booklight.store.leases import RemoteTurn, TurnLost
from booklight.store.renewals import Renewal
from booklight.store.turn_events import NO_EVENTS, KeptEvents, no_events

STORE_FAILURES = (StoreUnavailable, TurnLost, NotFoundError, TimeoutError)
"""What a write of a turn fails with: no database in time, or a thread that another holds or a reader deleted."""


class TurnStore(DeadTurnStore, Protocol):
    """What a turn needs of the store: the lease on its thread, and a place for what was said."""

    async def begin_turn(self, thread_id: str, turn_id: str, context: RequestContext, seconds: float) -> bool: ...
    async def renew_turn(
        self, thread_id: str, turn_id: str, seconds: float, new: KeptEvents = NO_EVENTS
    ) -> Renewal: ...
    async def end_turn(
        self, thread_id: str, turn_id: str, rest: Callable[[], KeptEvents] = no_events, *, keeps_some: bool = True
    ) -> None: ...
    async def ask_stop(self, thread_id: str, context: RequestContext) -> None: ...
    async def follow_turn(self, thread_id: str, context: RequestContext, seconds: float) -> RemoteTurn | None: ...
    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: RequestContext) -> None: ...
    async def delete_thread(self, thread_id: str, context: RequestContext) -> None: ...
    async def replace_hidden(self, thread_id: str, context: RequestContext, *new: ThreadItem) -> None: ...
    async def give_up_replacing(self, thread_id: str, context: RequestContext) -> None: ...


class Lease:
    """The lease of the turn `turn_id`, which holds no thread before it is taken, and keeps what `log` holds."""

    def __init__(self, store: TurnStore, turn_id: str, log: TurnLog, context: RequestContext) -> None:
        self._store, self._turn_id, self._log, self._context = store, turn_id, log, context
        self._thread_id: str | None = None
        self._renewing = asyncio.Lock()
        self.kept = 0

    async def take(self, thread_id: str) -> None:
        """Hold a thread. Raises ThreadBusy while another turn does; one whose worker is gone is ended first."""
        while not await self._store.begin_turn(thread_id, self._turn_id, self._context, timing.LEASE_SECONDS):
            if not await end_if_dead(self._store, thread_id, self._context):
                raise ThreadBusy("This conversation is still being answered; wait for the answer or stop it.")
        self._thread_id = thread_id

    def note_taken(self, thread_id: str) -> None:
        """Hold a thread that was made with this lease."""
        self._thread_id = thread_id

    async def renew(self) -> Renewal | None:
        """Hold the thread for longer and keep what is new in the log; None where that has not succeeded.

        A database that does not answer may be back before anybody takes the thread, so that alone ends nothing.
        """
        if self._thread_id is None:
            return None
        try:
            async with self._renewing, asyncio.timeout(timing.STORE_SECONDS):
                new = self._unkept()
                renewed = await self._store.renew_turn(self._thread_id, self._turn_id, timing.LEASE_SECONDS, new)
                self.kept += len(new.events)
        except STORE_FAILURES:
            return None
        return renewed

    async def release(self) -> None:
        """Free the thread; where the database fails, the lease runs out by itself."""
        if self._thread_id is not None:
            with suppress(*STORE_FAILURES):
                async with asyncio.timeout(timing.STORE_SECONDS):
                    await self._store.end_turn(self._thread_id, self._turn_id, self._unkept, keeps_some=self.kept > 0)

    def _unkept(self) -> KeptEvents:
        return KeptEvents(self.kept, self._log.json_from(self.kept))
