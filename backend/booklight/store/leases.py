"""A lock with a time limit (a lease) on a thread's row: one turn at a time in a thread, across processes.

Another worker that a reader comes back to sees in it how far the turn is, and ends one whose worker is gone.

Each step is one conditional UPDATE, the same on SQLite and Postgres, and only the database's clock is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NoReturn

from chatkit.types import AssistantMessageItem, ThreadItem
from sqlalchemy import ColumnElement, Float, Update, and_, bindparam, false, func, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from booklight.context import RequestContext
from booklight.store import rows
from booklight.store.database import OnDatabase
from booklight.store.question_metadata import item_origin
from booklight.store.statements import OWN, found, own_thread, update_activity, whose
from booklight.store.tables import SafeText, Values, current_moment, database_seconds, items, threads

FREE = {
    "turn_id": null(),
    "turn_expires": null(),
    "stop_asked": False,
    "followed_until": null(),
    "drafts": null(),
}
"""A thread's columns while no turn holds it."""

LONGEST_SECONDS = 120.0
"""No lease is longer. One that seems to be was taken before the clock was set back, and whoever renews it is gone."""


class TurnLost(Exception):
    """A turn tried to write to a thread that it no longer holds."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """The result of renewing a lease: whether the turn goes on, and whether it is viewed on another worker."""

    goes_on: bool
    followed: bool = False


@dataclass(frozen=True, slots=True)
class RemoteTurn:
    """A turn as another worker sees it: its unfinished messages, and whether it still renews its lease."""

    turn_id: str
    drafts: Sequence[AssistantMessageItem]
    alive: bool


class TurnLeases(OnDatabase):
    """The leases of turns on threads. Seconds are counted from the moment the database sees the statement."""

    async def begin_turn(self, thread_id: str, turn_id: str, context: RequestContext, seconds: float) -> bool:
        """Take the thread for `turn_id`; False when another turn holds it. The thread must have been saved.

        Asking again for the same turn renews it. Raises NotFoundError for an unknown or foreign thread.
        """
        lease = whose(thread_id, context) | {"the_turn": turn_id, "seconds": seconds}
        async with self._database.statement() as connection:
            if (await connection.execute(_take(), lease)).first() is not None:
                return True
            own = select(threads.c.id).where(own_thread(thread_id, context))
            found((await connection.execute(own)).first(), "thread")
        return False

    async def renew_turn(
        self, thread_id: str, turn_id: str, seconds: float, drafts: Sequence[AssistantMessageItem] = ()
    ) -> Renewal:
        """Hold the thread for `seconds` more, and store the turn's unfinished messages.

        The turn should end when a stop was asked or the thread is lost. After a stop the thread is still held, so that
        the turn can save what it has. A lease that ran out but that nobody took is renewed.
        """
        lease = {"the_thread": thread_id, "the_turn": turn_id, "seconds": seconds, "drafts": rows.dump_drafts(drafts)}
        async with self._database.statement() as connection:
            row = (await connection.execute(_renew(), lease)).first()
        return Renewal(goes_on=row is not None and not row.stop_asked, followed=row is not None and bool(row.followed))

    async def end_turn(self, thread_id: str, turn_id: str) -> None:
        """Free the thread, if `turn_id` still holds it."""
        async with self._database.statement() as connection:
            await connection.execute(_free(), {"the_thread": thread_id, "the_turn": turn_id})

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
        alive = (threads.c.turn_expires >= database_seconds()).label("alive")
        async with self._database.statement() as connection:
            row = (await connection.execute(held.returning(threads.c.turn_id, threads.c.drafts, alive))).first()
        if row is None:
            return None
        return RemoteTurn(turn_id=row.turn_id, drafts=rows.load_drafts(row.drafts), alive=bool(row.alive))

    async def end_dead_turn(
        self, thread_id: str, turn_id: str, kept: Sequence[ThreadItem], context: RequestContext
    ) -> bool:
        """Free a thread whose turn renews its lease no more, and add what it left; False if it lives after all."""
        lost = and_(threads.c.turn_id == turn_id, threads.c.turn_expires < database_seconds())
        free = update(threads).where(own_thread(thread_id, context), lost).values(FREE).returning(threads.c.id)
        async with self._database.transaction() as connection:
            if (await connection.execute(free)).first() is None:
                return False
            for item in kept:
                values = rows.item_values(item) | item_origin(item, context)
                created = self._database.insert(items).values(values | {"id": item.id, "thread_id": thread_id})
                # The turn may have finished it after it noted the draft.
                await connection.execute(created.on_conflict_do_nothing(index_elements=["thread_id", "id"]))
        return True


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
    over = or_(threads.c.turn_expires < _now(), threads.c.turn_expires > _now() + LONGEST_SECONDS)
    free = or_(threads.c.turn_id.is_(None), threads.c.turn_id == turn, over)
    lease = FREE | {"turn_id": turn, "turn_expires": _now() + bindparam("seconds", type_=Float())}
    return update(threads).where(OWN, free).values(lease).returning(threads.c.id)


@cache
def _renew() -> Update:
    """The drafts are a parameter by the name of their column."""
    followed = func.coalesce(threads.c.followed_until > _now(), false()).label("followed")
    longer = update(threads).where(_held()).values(turn_expires=_now() + bindparam("seconds", type_=Float()))
    return longer.returning(threads.c.stop_asked, followed)


@cache
def _free() -> Update:
    return update(threads).where(_held()).values(FREE)


def _held() -> ColumnElement[bool]:
    return and_(threads.c.id == bindparam("the_thread"), threads.c.turn_id == bindparam("the_turn"))


def _now() -> database_seconds:
    return database_seconds()
