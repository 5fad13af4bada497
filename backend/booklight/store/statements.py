"""SQL that the store's modules share: whose a row is, prepared statements of every turn, and pagination by cursor.

A prepared statement is built once: building one anew costs about as much as having it answered.
Its parameters are `the_thread` and `the_reader`, whose it is, `the_turn`, which holds it (None outside a turn), and
others as each says.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from chatkit.store import NotFoundError
from chatkit.types import Page
from sqlalchemy import ColumnElement, Float, Row, Select, Table, Update, and_, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from booklight.context import RequestContext
from booklight.store.database import Insert
from booklight.store.tables import SafeText, Values, database_seconds, items, threads

OWN = and_(threads.c.id == bindparam("the_thread"), threads.c.owner == bindparam("the_reader"))
"""The condition for a reader's own thread."""

_THREAD = ["title", "status", "allowed_image_domains", "metadata", "created_at", "updated_at"]
_ITEM = [column for column in items.c if column.name not in {"sequence", "thread_id", "replaced_by"}]
# Lists read no more than they send: what else a row holds may be many times as much.
LISTED_THREAD = [
    threads.c[name] for name in ("sequence", "id", "title", "status", "allowed_image_domains", "created_at")
]
SHOWN_ITEM = [items.c[name] for name in ("sequence", "id", "thread_id", "type", "content", "created_at")]
_AS_FIRST_ADDED = {"id", "metadata", "path"}
MAX_PAGE = 200

Built = TypeVar("Built")


def whose(thread_id: str, context: RequestContext) -> Values:
    """Return the parameters that name a reader's thread."""
    return {"the_thread": thread_id, "the_reader": context.owner}


def own_thread(thread_id: str, context: RequestContext) -> ColumnElement[bool]:
    """Return the condition for the thread of that id, if it is the reader's."""
    return and_(threads.c.id == thread_id, threads.c.owner == context.owner)


def upsert_thread(insert: Insert) -> ReturningInsert[Any]:
    """Return `insert` into the threads, completed: the reader's own is changed, another's left alone, with no row."""
    replaced = {name: insert.excluded[name] for name in _THREAD}
    mine = threads.c.owner == insert.excluded.owner
    changed = insert.on_conflict_do_update(index_elements=["id"], set_=replaced, where=mine)
    return changed.returning(threads.c.id)


def insert_held_thread(insert: Insert) -> ReturningInsert[Any]:
    """Return `insert` into the threads, completed: its turn holds the new thread for `seconds`."""
    expires = database_seconds() + bindparam("seconds", type_=Float())
    return insert.values(turn_expires=expires).returning(threads.c.id)


@cache
def update_thread() -> Update:
    """Return the change of a thread's columns, which are its parameters; no row where it is not there."""
    return update(threads).where(OWN).returning(threads.c.id)


@cache
def update_activity() -> Update:
    """Return the UPDATE of a thread's time of last activity to `now`.

    No row where it is not the reader's, or the turn does not hold it. It locks the row: other writers to the thread
    wait until the transaction ends.
    """
    return update(threads).where(OWN, _may_write()).values(updated_at=bindparam("now")).returning(threads.c.id)


def upsert_item(insert: Insert) -> Insert:
    """Return `insert` into the items, completed: an item of the same id in the thread is replaced in its place."""
    replaced = {column.name: insert.excluded[column.name] for column in _ITEM if column.name not in _AS_FIRST_ADDED}
    return insert.on_conflict_do_update(index_elements=["thread_id", "id"], set_=replaced)


def lock_and_upsert_item(insert: Insert) -> ReturningInsert[Any]:
    """Return `update_activity` and `upsert_item` in one, where a WITH clause can write.

    The item's parameters begin with `new_`. No row where the thread is not the reader's or not held by the turn.
    """
    thread = update_activity().cte("thread")
    values = [bindparam(f"new_{column.name}", type_=column.type) for column in _ITEM]
    names = [column.name for column in _ITEM]
    added = insert.from_select([*names, "thread_id"], select(*values, thread.c.id), include_defaults=False)
    return upsert_item(added).returning(items.c.id)


@cache
def note_item() -> Update:
    """Return the UPDATE of the metadata of `the_item` to `noted`.

    No row where it is not there, or its thread is not the reader's or not held by the turn.
    """
    mine = and_(items.c.thread_id == threads.c.id, items.c.id == bindparam("the_item"), OWN, _may_write())
    noted = bindparam("noted", type_=items.c.metadata.type)
    return update(items).where(mine).values(metadata=noted).returning(items.c.id)


def _may_write() -> ColumnElement[bool]:
    turn = bindparam("the_turn", type_=SafeText())
    return or_(turn.is_(None), threads.c.turn_id == turn)


@cache
def page_of_items(order: str, *, hidden: tuple[str, ...], after: bool) -> Select[Any]:
    """Return the first `rows` items of a thread, those `after` a sequence if so; none of the `hidden` types.

    What is about to be replaced is left out.
    A thread without items gives one row of nulls, and no thread gives no row.
    """
    in_thread = and_(items.c.thread_id == bindparam("the_thread"), items.c.replaced_by.is_(None))
    if hidden:
        in_thread &= items.c.type.not_in(hidden)
    if after:
        seen = bindparam("seen", type_=items.c.sequence.type)
        in_thread &= items.c.sequence > seen if order == "asc" else items.c.sequence < seen
    ordered = items.c.sequence.asc() if order == "asc" else items.c.sequence.desc()
    query = select(*SHOWN_ITEM).select_from(threads.outerjoin(items, in_thread)).where(OWN)
    return query.order_by(ordered).limit(bindparam("rows"))


async def load_cursor(connection: AsyncConnection, table: Table, cursor: ColumnElement[bool]) -> int:
    """Return the sequence of the row that `cursor` names. Raises NotFoundError if there is none."""
    row = found((await connection.execute(select(table.c.sequence).where(cursor))).first(), "cursor")
    return int(row.sequence)


def rows_of_page(limit: int) -> int:
    """Return how many rows to select for a page: one more than it has, to know whether there is a next."""
    return _page_size(limit) + 1


def build_page(rows: Sequence[Row[Any]], limit: int, build: Callable[[Row[Any]], Built]) -> Page[Built]:
    """Return the page that `rows_of_page` rows were selected for; `after` is the id of its last row if more follow."""
    shown = rows[: _page_size(limit)]
    has_more = len(rows) > len(shown)
    return Page(data=[build(row) for row in shown], has_more=has_more, after=shown[-1].id if has_more else None)


def found(row: Row[Any] | None, what: str) -> Row[Any]:
    """Return `row`. Raises NotFoundError if there is none."""
    if row is None:
        raise NotFoundError(f"There is no such {what}.")
    return row


def _page_size(limit: int) -> int:
    return max(1, min(limit, MAX_PAGE))
