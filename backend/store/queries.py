"""What the store's statements share: whose a row is, where a page starts, and what a page is."""

import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chatkit.store import NotFoundError
from chatkit.types import Page
from sqlalchemy import ColumnElement, Row, Select, Table, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.context import RequestContext
from backend.store.columns import current_moment
from backend.store.leases import TurnLost, own_thread
from backend.store.tables import threads

MAX_PAGE = 200

Entry = TypeVar("Entry")


async def touch_thread(connection: AsyncConnection, thread_id: str, context: RequestContext) -> None:
    """Begin a write within a thread: note the activity, and let other writers to it wait until this one is done.

    Raises NotFoundError, and TurnLost where `context.turn_id` is set but that turn does not hold the thread.
    """
    own = own_thread(thread_id, context)
    held = own if context.turn_id is None else and_(own, threads.c.turn_id == context.turn_id)
    statement = update(threads).where(held).values(updated_at=current_moment()).returning(threads.c.id)
    if (await connection.execute(statement)).first() is not None:
        return
    found((await connection.execute(select(threads.c.id).where(own))).first(), "thread")
    raise TurnLost(f"The turn {context.turn_id} does not hold its thread any more.")


async def start_after(
    connection: AsyncConnection, table: Table, cursor: ColumnElement[bool], order: str
) -> ColumnElement[bool]:
    """Return the condition for rows after the one that `cursor` names. Raises NotFoundError if there is none."""
    row = found((await connection.execute(select(table.c.sequence).where(cursor))).first(), "cursor")
    is_after = operator.gt if order == "asc" else operator.lt
    condition: ColumnElement[bool] = is_after(table.c.sequence, row.sequence)
    return condition


def first_of(query: Select[Any], table: Table, order: str, limit: int) -> Select[Any]:
    """Return `query` cut to a page's rows and one more, which tells whether there is a next page."""
    sequence = table.c.sequence.asc() if order == "asc" else table.c.sequence.desc()
    return query.order_by(sequence).limit(_page_size(limit) + 1)


def build_page(rows: Sequence[Row[Any]], limit: int, build: Callable[[Row[Any]], Entry]) -> Page[Entry]:
    """Return the page that `first_of` selected; `after` is the id of its last row."""
    shown = rows[: _page_size(limit)]
    after = shown[-1].id if shown else None
    return Page(data=[build(row) for row in shown], has_more=len(rows) > len(shown), after=after)


def found(row: Row[Any] | None, what: str) -> Row[Any]:
    """Return `row`. Raises NotFoundError if there is none."""
    if row is None:
        raise NotFoundError(f"There is no such {what}.")
    return row


def _page_size(limit: int) -> int:
    return max(1, min(limit, MAX_PAGE))
