"""A lock with a time limit (a lease) on a thread's row: one turn at a time in a thread, across processes.

With it the turn keeps its events, which another worker shows to a reader who comes back there, and learns that one did.

Each step is a conditional UPDATE, the same on SQLite and Postgres, and only the database's clock is asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NoReturn

from sqlalchemy import (
    ColumnElement,
    Float,
    Update,
    and_,
    bindparam,
    delete,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from booklight.context import RequestContext
from booklight.store.database import Database, OnDatabase
from booklight.store.renewals import Renewal, Renewals
from booklight.store.statements import OWN, found, own_thread, update_activity, whose
from booklight.store.tables import SafeText, Values, current_moment, database_seconds, threads, turn_events
from booklight.store.turn_events import NO_EVENTS, KeptEvents, add_events, no_events

FREE = {
    "turn_id": null(),
    "turn_expires": null(),
    "stop_asked": False,
    "followed_until": null(),
}
"""A thread's columns while no turn holds it."""

LONGEST_SECONDS = 120.0
"""No lease is longer. One that seems to be was taken before the clock was set back, and whoever renews it is gone."""

DEAD = and_(
    threads.c.turn_id.is_not(None),
    or_(
        threads.c.turn_expires < database_seconds(),
        threads.c.turn_expires > database_seconds() + LONGEST_SECONDS,
    ),
)
"""The condition for a thread whose turn renews its lease no more."""


class TurnLost(Exception):
    """A turn tried to write to a thread that it no longer holds."""


@dataclass(frozen=True, slots=True)
class RemoteTurn:
    """A turn as another worker sees it, and whether it still renews its lease."""

    turn_id: str
    alive: bool


class TurnLeases(OnDatabase):
    """The leases of turns on threads. Seconds are counted from the moment the database sees the statement."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._renewals = Renewals(database)

    async def begin_turn(self, thread_id: str, turn_id: str, context: RequestContext, seconds: float) -> bool:
        """Take the thread for `turn_id`; False when another turn holds it, be it dead. The thread must have been saved.

        Asking again for the same turn renews it. Raises NotFoundError for an unknown or foreign thread.
        """
        lease = whose(thread_id, context) | {"the_turn": turn_id, "seconds": seconds}
        async with self._database.statement() as connection:
            if (await connection.execute(_take(), lease)).first() is not None:
                return True
            own = select(threads.c.id).where(own_thread(thread_id, context))
            found((await connection.execute(own)).first(), "thread")
        return False

    async def renew_turn(self, thread_id: str, turn_id: str, seconds: float, new: KeptEvents = NO_EVENTS) -> Renewal:
        """Hold the thread for `seconds` more, and keep the turn's `new` events.

        The turn should end when a stop was asked or the thread is lost. After a stop the thread is still held, so that
        the turn can save what it has. A lease that ran out but that nobody took is renewed. Raises StoreUnavailable.
        """
        return await self._renewals.renew(thread_id, turn_id, seconds, new)

    async def end_turn(
        self, thread_id: str, turn_id: str, rest: Callable[[], KeptEvents] = no_events, *, keeps_some: bool = True
    ) -> None:
        """Free the thread, if `turn_id` still holds it.

        Its events go, unless it is followed on another worker: then its last events, `rest`, are kept with them. They
        are asked for only then. `keeps_some` says whether any events of it may have been kept.
        """
        turn = {"the_thread": thread_id, "the_turn": turn_id}
        async with self._database.statement() as connection:
            freed = (await connection.execute(_free_unfollowed(), turn)).first()
            if freed is not None and keeps_some:
                await connection.execute(delete(turn_events).where(turn_events.c.thread_id == thread_id))
        if freed is None:
            async with self._database.transaction() as connection:
                if (await connection.execute(_free(), turn)).first() is not None:
                    await add_events(connection, self._database.insert(turn_events), thread_id, turn_id, rest())

    async def ask_stop(self, thread_id: str, context: RequestContext) -> None:
        """Ask the turn that holds the thread, on whatever worker, to stop. There need not be one.

        Raises NotFoundError for an unknown or foreign thread.
        """
        asked = threads.c.turn_id.is_not(None)
        statement = (
            update(threads).where(own_thread(thread_id, context)).values(stop_asked=asked).returning(threads.c.id)
        )
        async with self._database.statement() as connection:
            found((await connection.execute(statement)).first(), "thread")

    async def follow_turn(self, thread_id: str, context: RequestContext, seconds: float) -> RemoteTurn | None:
        """Return the turn that holds a reader's thread, None if none does.

        Its next renewal returns that for `seconds` from now it is viewed.
        """
        followed = update(threads).values(followed_until=database_seconds() + seconds)
        held = followed.where(own_thread(thread_id, context), threads.c.turn_id.is_not(None))
        async with self._database.statement() as connection:
            row = (await connection.execute(held.returning(threads.c.turn_id, DEAD.label("dead")))).first()
        return None if row is None else RemoteTurn(turn_id=row.turn_id, alive=not row.dead)


async def lock_thread(connection: AsyncConnection, thread_id: str, context: RequestContext) -> None:
    """Begin a write within a thread: lock its row and update its time of last activity.

    Raises NotFoundError, and TurnLost where `context.turn.id` is set but that turn does not hold the thread.
    """
    if (await connection.execute(update_activity(), write_parameters(thread_id, context))).first() is None:
        await raise_not_held(connection, thread_id, context)


def write_parameters(thread_id: str, context: RequestContext) -> Values:
    """Return the parameters of `update_activity` for a write in this request."""
    return whose(thread_id, context) | {"the_turn": context.turn.id, "now": current_moment()}


async def raise_not_held(connection: AsyncConnection, thread_id: str, context: RequestContext) -> NoReturn:
    """Raise why a write in a thread was refused: NotFoundError or TurnLost."""
    own = select(threads.c.id).where(own_thread(thread_id, context))
    found((await connection.execute(own)).first(), "thread")
    raise TurnLost(f"The turn {context.turn.id} does not hold its thread any more.")


@cache
def _take() -> Update:
    turn = bindparam("the_turn", type_=SafeText())
    free = or_(threads.c.turn_id.is_(None), threads.c.turn_id == turn)
    lease = FREE | {"turn_id": turn, "turn_expires": _now() + bindparam("seconds", type_=Float())}
    return update(threads).where(OWN, free).values(lease).returning(threads.c.id)


@cache
def _free() -> Update:
    return update(threads).where(_held()).values(FREE).returning(threads.c.id)


@cache
def _free_unfollowed() -> Update:
    unfollowed = or_(threads.c.followed_until.is_(None), threads.c.followed_until < _now())
    return _free().where(unfollowed)


def _held() -> ColumnElement[bool]:
    return and_(threads.c.id == bindparam("the_thread"), threads.c.turn_id == bindparam("the_turn"))


def _now() -> database_seconds:
    return database_seconds()
