"""Renewals of leases, those of a worker's turns gathered into one statement, with the events that each turn keeps."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Float,
    Integer,
    Row,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    column,
    false,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from booklight import timing
from booklight.ops.failures import failure_of
from booklight.store.database import Database, Insert, StoreUnavailable
from booklight.store.tables import SafeJson, Values, database_seconds, threads, turn_events
from booklight.store.turn_events import KeptEvents, add_events, add_events_of, event_values


@dataclass(frozen=True, slots=True)
class Renewal:
    """The result of renewing a lease: whether the turn goes on, and whether it is viewed on another worker."""

    goes_on: bool
    followed: bool = False


LOST = Renewal(goes_on=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Due:
    """A lease to renew for `seconds`, the events to keep with it, and who waits for the result."""

    thread_id: str
    turn_id: str
    seconds: float
    new: KeptEvents
    result: asyncio.Future[Renewal]

    @property
    def values(self) -> Values:
        lease = {"thread_id": self.thread_id, "turn_id": self.turn_id, "seconds": self.seconds}
        return lease | (event_values(self.new) if self.new.events else {"first": 0, "events": None})


class Renewals:
    """Renews the leases of turns. All that are asked for within `timing.GATHER_SECONDS` are renewed together.

    One that another transaction holds up is not waited for, so that it holds up no other.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = database.insert(turn_events)
        self._renew_all = _renew_all(self._insert)
        self._due: dict[str, _Due] = {}
        self._writing: asyncio.Task[None] | None = None

    async def renew(self, thread_id: str, turn_id: str, seconds: float, new: KeptEvents) -> Renewal:
        """Renew the lease of a turn and keep its `new` events. Raises StoreUnavailable.

        Of a turn that asks again, whoever asked before has given up.
        """
        due = _Due(thread_id, turn_id, seconds, new, asyncio.get_running_loop().create_future())
        self._due[turn_id] = due
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await due.result

    async def _write_all(self) -> None:
        try:
            while self._due:
                await asyncio.sleep(timing.GATHER_SECONDS)
                due, self._due = [*self._due.values()], {}
                failure = await failure_of(self._write(due))
                for one in due:
                    if failure is not None and not one.result.done():
                        one.result.set_exception(failure)
        finally:
            self._writing = None

    async def _write(self, due: Sequence[_Due]) -> None:
        renewed = await (self._write_at_once(due) if self._database.writes_in_with else self._write_in_turn(due))
        for one in due:
            if one.result.done():  # whoever asked has given up
                continue
            if (renewal := renewed.get(one.turn_id, LOST)) is None:
                one.result.set_exception(StoreUnavailable("The thread's row is locked."))
            else:
                one.result.set_result(renewal)

    async def _write_at_once(self, due: Sequence[_Due]) -> dict[str, Renewal | None]:
        """Return the renewal of each turn that holds its thread, None of one whose row another transaction holds."""
        async with self._database.statement() as connection:
            rows = await connection.execute(self._renew_all, {"given": [one.values for one in due]})
            return {row.turn_id: _renewal(row) if row.renewed else None for row in rows}

    async def _write_in_turn(self, due: Sequence[_Due]) -> dict[str, Renewal | None]:
        async with self._database.transaction() as connection:
            return {one.turn_id: await self._write_one(connection, one) for one in due}

    async def _write_one(self, connection: AsyncConnection, due: _Due) -> Renewal:
        lease = {"the_thread": due.thread_id, "the_turn": due.turn_id, "seconds": due.seconds}
        if (row := (await connection.execute(_renew_one(), lease)).first()) is None:
            return LOST
        await add_events(connection, self._insert, due.thread_id, due.turn_id, due.new)
        return _renewal(row)


def _renewal(row: Row[Any]) -> Renewal:
    return Renewal(goes_on=not row.stop_asked, followed=bool(row.followed))


@cache
def _renew_one() -> Update:
    held = and_(threads.c.id == bindparam("the_thread"), threads.c.turn_id == bindparam("the_turn"))
    longer = update(threads).where(held).values(turn_expires=database_seconds() + bindparam("seconds", type_=Float()))
    return longer.returning(threads.c.stop_asked, _followed())


def _renew_all(insert: Insert) -> Select[Any]:
    """Return the renewal of the leases in the parameter `given`, with their events.

    It has a row for each turn that holds its thread, `renewed` or not.
    """
    columns: tuple[ColumnClause[Any], ...] = (
        *(column(name, Text()) for name in ("thread_id", "turn_id", "events")),
        column("first", Integer()),
        column("seconds", Float()),
    )
    rows = func.jsonb_to_recordset(bindparam("given", type_=SafeJson())).table_valued(*columns, name="given")
    given = rows.render_derived(with_types=True)
    theirs = and_(threads.c.id == given.c.thread_id, threads.c.turn_id == given.c.turn_id)
    unlocked = select(threads.c.id, given).join(given, theirs)
    free = unlocked.with_for_update(skip_locked=True, of=threads, key_share=True).cte("free")
    longer = update(threads).where(threads.c.id == free.c.id).values(turn_expires=database_seconds() + free.c.seconds)
    renewed = longer.returning(threads.c.id, free.c.turn_id, free.c.first, free.c.events).cte("renewed")
    kept = select(renewed.c.id, renewed.c.turn_id, renewed.c.first, renewed.c.events)
    added = add_events_of(insert, kept.where(renewed.c.events.is_not(None))).cte("added")
    found = select(given.c.turn_id, threads.c.stop_asked, _followed(), renewed.c.id.is_not(None).label("renewed"))
    held = found.select_from(given).join(threads, theirs).outerjoin(renewed, renewed.c.id == threads.c.id)
    return held.add_cte(added)


def _followed() -> ColumnElement[bool]:
    return func.coalesce(threads.c.followed_until > database_seconds(), false()).label("followed")
