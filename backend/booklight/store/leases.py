"""One turn at a time in a thread, across processes: a lease on the thread's row, which ends by itself.

Each step is one conditional UPDATE, the same on SQLite and Postgres, and only the database's clock is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from chatkit.store import NotFoundError
from chatkit.types import AssistantMessageItem
from sqlalchemy import ColumnElement, Float, Update, and_, bindparam, false, func, null, or_, select, update

from booklight.context import RequestContext
from booklight.store import rows
from booklight.store.columns import SafeText, database_seconds
from booklight.store.database import Database
from booklight.store.statements import OWN, whose
from booklight.store.tables import threads

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
    """What a turn learns as it renews its lease: whether it goes on, and whether it is followed on another worker."""

    goes_on: bool
    followed: bool = False


class TurnLeases:
    """The leases of turns on threads. Seconds are counted from the moment the database sees the statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin_turn(self, thread_id: str, turn_id: str, context: RequestContext, seconds: float) -> bool:
        """Take the thread for `turn_id`; False when another turn holds it. The thread must have been saved.

        Asking again for the same turn renews it. Raises NotFoundError for an unknown or foreign thread.
        """
        lease = whose(thread_id, context) | {"the_turn": turn_id, "seconds": seconds}
        async with self._database.statement() as connection:
            if (await connection.execute(_take(), lease)).first() is not None:
                return True
            if (await connection.execute(select(threads.c.id).where(own_thread(thread_id, context)))).first() is None:
                raise NotFoundError("There is no such thread.")
        return False

    async def renew_turn(
        self, thread_id: str, turn_id: str, seconds: float, drafts: Sequence[AssistantMessageItem] = ()
    ) -> Renewal:
        """Hold the thread for `seconds` more, and note what the turn has begun to say.

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
            if (await connection.execute(statement)).first() is None:
                raise NotFoundError("There is no such thread.")


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


def own_thread(thread_id: str, context: RequestContext) -> ColumnElement[bool]:
    """Return the condition for the thread of that id, if it is the reader's."""
    return and_(threads.c.id == thread_id, threads.c.owner == context.owner)


def _now() -> database_seconds:
    return database_seconds()
