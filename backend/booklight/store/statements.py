"""The statements that every turn makes, each built once: building one anew costs about as much as having it answered.

Their parameters are `the_thread` and `the_reader`, whose it is, `the_turn`, which holds it (None outside a turn), and
others as each says.
"""

from functools import cache
from typing import Any

from sqlalchemy import Select, Update, and_, bindparam, or_, select, update
from sqlalchemy.sql.dml import ReturningInsert

from booklight.context import RequestContext
from booklight.store.columns import SafeText
from booklight.store.database import Insert
from booklight.store.tables import items, threads

OWN = and_(threads.c.id == bindparam("the_thread"), threads.c.owner == bindparam("the_reader"))
"""The condition for a reader's own thread."""

_THREAD = ["title", "status", "allowed_image_domains", "metadata", "created_at", "updated_at"]
_ITEM = [column for column in items.c if column.name not in {"sequence", "thread_id"}]
_AS_FIRST_ADDED = {"id", "metadata", "path"}

Values = dict[str, Any]


def whose(thread_id: str, context: RequestContext) -> Values:
    """Return the parameters that name a reader's thread."""
    return {"the_thread": thread_id, "the_reader": context.owner}


def upsert_thread(insert: Insert) -> ReturningInsert[Any]:
    """Return `insert` into the threads, completed: the reader's own is changed, another's left alone, with no row."""
    replaced = {name: insert.excluded[name] for name in _THREAD}
    mine = threads.c.owner == insert.excluded.owner
    changed = insert.on_conflict_do_update(index_elements=["id"], set_=replaced, where=mine)
    return changed.returning(threads.c.id)


@cache
def update_thread() -> Update:
    """Return the change of a thread's columns, which are its parameters; no row where it is not there."""
    return update(threads).where(OWN).returning(threads.c.id)


@cache
def touch() -> Update:
    """Return the note of activity in a thread at `now`; no row where the reader or the turn does not hold it.

    Other writers to the thread wait from then on.
    """
    turn = bindparam("the_turn", type_=SafeText())
    held = or_(turn.is_(None), threads.c.turn_id == turn)
    return update(threads).where(OWN, held).values(updated_at=bindparam("now")).returning(threads.c.id)


def upsert_item(insert: Insert) -> Insert:
    """Return `insert` into the items, completed: an item of the same id in the thread is replaced in its place."""
    replaced = {column.name: insert.excluded[column.name] for column in _ITEM if column.name not in _AS_FIRST_ADDED}
    return insert.on_conflict_do_update(index_elements=["thread_id", "id"], set_=replaced)


def touch_and_upsert_item(insert: Insert) -> ReturningInsert[Any]:
    """Return `touch` and `upsert_item` in one, where a WITH clause can write; the item's parameters begin with `new_`.

    No row where the thread could not be touched.
    """
    thread = touch().cte("thread")
    values = [bindparam(f"new_{column.name}", type_=column.type) for column in _ITEM]
    names = [column.name for column in _ITEM]
    added = insert.from_select([*names, "thread_id"], select(*values, thread.c.id), include_defaults=False)
    return upsert_item(added).returning(items.c.id)


@cache
def page_of_items(order: str, *, hidden: tuple[str, ...], after: bool) -> Select[Any]:
    """Return the first `rows` items of a thread, those `after` a sequence if so; none of the `hidden` types.

    A thread without items gives one row of nulls, which tells it from no thread.
    """
    in_thread = items.c.thread_id == bindparam("the_thread")
    if hidden:
        in_thread &= items.c.type.not_in(hidden)
    if after:
        seen = bindparam("seen", type_=items.c.sequence.type)
        in_thread &= items.c.sequence > seen if order == "asc" else items.c.sequence < seen
    ordered = items.c.sequence.asc() if order == "asc" else items.c.sequence.desc()
    query = select(items).select_from(threads.outerjoin(items, in_thread)).where(OWN)
    return query.order_by(ordered).limit(bindparam("rows"))
