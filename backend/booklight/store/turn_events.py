"""The events of running turns, kept as they are shown: what another worker shows of a turn, and what a kill leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Integer, Row, Select, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from booklight.context import RequestContext
from booklight.store.database import Insert, OnDatabase
from booklight.store.statements import OWN, whose
from booklight.store.tables import Values, threads, turn_events


@dataclass(frozen=True, slots=True)
class KeptEvents:
    """Events of a turn as JSON, in order; `first` is the number of the first."""

    first: int = 0
    events: Sequence[str] = ()

    @property
    def end(self) -> int:
        """The number behind the last."""
        return self.first + len(self.events)

    def beyond(self, number: int) -> "KeptEvents":
        """Return those of that number and of greater ones."""
        return KeptEvents(max(self.first, number), self.events[max(0, number - self.first) :])


NO_EVENTS = KeptEvents()


def no_events() -> KeptEvents:
    """Return none."""
    return NO_EVENTS


class TurnEvents(OnDatabase):
    """Reads the events of turns that run on other workers, and drops those of turns that have ended."""

    async def load_turn_events(
        self, thread_id: str, turn_id: str, after: int, context: RequestContext
    ) -> Sequence[KeptEvents]:
        """Return the kept events of a turn from number `after` on; none of one in another reader's thread."""
        which = whose(thread_id, context) | {"the_turn": turn_id, "after": after}
        async with self._database.statement() as connection:
            batches = [_load_batch(row) for row in await connection.execute(_own_events(), which)]
        return [batch.beyond(after) for batch in batches]

    async def delete_ended_turn_events(self) -> None:
        """Delete the events of turns that have ended."""
        running = select(threads.c.turn_id).where(threads.c.turn_id.is_not(None))
        async with self._database.statement() as connection:
            await connection.execute(delete(turn_events).where(turn_events.c.turn_id.not_in(running)))


async def load_all_events(connection: AsyncConnection, thread_id: str, turn_id: str) -> Sequence[str]:
    """Return the kept events of a turn, whoever's it is."""
    found = await connection.execute(_events(), {"the_thread": thread_id, "the_turn": turn_id})
    return [event for row in found for event in _load_batch(row).events]


async def add_events(
    connection: AsyncConnection, insert: Insert, thread_id: str, turn_id: str, kept: KeptEvents
) -> None:
    """Keep more events of a turn."""
    if kept.events:
        await connection.execute(_completed(insert), event_values(kept) | {"thread_id": thread_id, "turn_id": turn_id})


def add_events_of(insert: Insert, given: Select[Any]) -> ReturningInsert[Any]:
    """Return `insert` into the events, completed, for rows of a thread, a turn, the first's number and the events."""
    added = insert.from_select(["thread_id", "turn_id", "first", "events"], given, include_defaults=False)
    return _completed(added).returning(turn_events.c.first)


def event_values(kept: KeptEvents) -> Values:
    """Return the columns of `kept`; JSON holds no line break."""
    return {"first": kept.first, "events": "\n".join(kept.events)}


def _completed(insert: Insert) -> Insert:
    """Return `insert`, completed: a batch that was kept before, by a write that seemed to fail, is replaced."""
    return insert.on_conflict_do_update(
        index_elements=["thread_id", "turn_id", "first"], set_={"events": insert.excluded.events}
    )


@cache
def _events() -> Select[Any]:
    own = (turn_events.c.thread_id == bindparam("the_thread"), turn_events.c.turn_id == bindparam("the_turn"))
    return select(turn_events.c.first, turn_events.c.events).where(*own).order_by(turn_events.c.first)


@cache
def _own_events() -> Select[Any]:
    """Return the events from the batch on that number `after` stands in."""
    before = turn_events.alias()
    last = select(func.max(before.c.first)).where(
        before.c.thread_id == bindparam("the_thread"),
        before.c.turn_id == bindparam("the_turn"),
        before.c.first <= bindparam("after", type_=Integer()),
    )
    mine = select(threads.c.id).where(OWN, threads.c.id == turn_events.c.thread_id).exists()
    return _events().where(mine, turn_events.c.first >= func.coalesce(last.scalar_subquery(), 0))


def _load_batch(row: Row[Any]) -> KeptEvents:
    return KeptEvents(row.first, row.events.split("\n"))
