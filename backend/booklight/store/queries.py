"""What the store's statements share: whose a row is, where a page starts, and what a page is."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

from chatkit.store import NotFoundError
from chatkit.types import Page
from sqlalchemy import ColumnElement, Row, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from booklight.context import RequestContext
from booklight.store.columns import current_moment
from booklight.store.leases import TurnLost, own_thread
from booklight.store.statements import Values, touch, whose
from booklight.store.tables import threads

MAX_PAGE = 200

Entry = TypeVar("Entry")


async def touch_thread(connection: AsyncConnection, thread_id: str, context: RequestContext) -> None:
    """Begin a write within a thread: note the activity, and let other writers to it wait until this one is done.

    Raises NotFoundError, and TurnLost where `context.turn_id` is set but that turn does not hold the thread.
    """
    if (await connection.execute(touch(), touching(thread_id, context))).first() is None:
        await refuse_touch(connection, thread_id, context)


def touching(thread_id: str, context: RequestContext) -> Values:
    """Return the parameters of `touch` for a write in this request."""
    return whose(thread_id, context) | {"the_turn": context.turn_id, "now": current_moment()}


async def refuse_touch(connection: AsyncConnection, thread_id: str, context: RequestContext) -> NoReturn:
    """Raise what it means that a thread could not be touched: NotFoundError or TurnLost."""
    own = select(threads.c.id).where(own_thread(thread_id, context))
    found((await connection.execute(own)).first(), "thread")
    raise TurnLost(f"The turn {context.turn_id} does not hold its thread any more.")


async def load_cursor(connection: AsyncConnection, table: Table, cursor: ColumnElement[bool]) -> int:
    """Return the sequence of the row that `cursor` names. Raises NotFoundError if there is none."""
    row = found((await connection.execute(select(table.c.sequence).where(cursor))).first(), "cursor")
    return int(row.sequence)


def rows_of_page(limit: int) -> int:
    """Return how many rows to select for a page: one more than it has, which tells whether there is a next."""
    return _page_size(limit) + 1


def build_page(rows: Sequence[Row[Any]], limit: int, build: Callable[[Row[Any]], Entry]) -> Page[Entry]:
    """Return the page that `rows_of_page` rows were selected for; `after` is the id of its last row."""
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
