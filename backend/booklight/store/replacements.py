"""A retry hides the answer that it replaces until its own has begun to be kept; if it never does, that is back."""

from chatkit.types import ThreadItem
from sqlalchemy import ColumnElement, Delete, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from booklight.context import RequestContext
from booklight.store import rows
from booklight.store.database import OnDatabase
from booklight.store.leases import lock_thread
from booklight.store.question_metadata import item_origin
from booklight.store.statements import upsert_item
from booklight.store.tables import items


class Replacements(OnDatabase):
    """Replaces the items behind a question by those of a new answer."""

    async def hide_replaced(self, thread_id: str, question_id: str, context: RequestContext) -> None:
        """Hide what stands behind a question, for as long as the turn that answers it again has kept nothing."""
        question = select(items.c.sequence).where(items.c.thread_id == thread_id, items.c.id == question_id)
        behind = and_(items.c.thread_id == thread_id, items.c.sequence > question.scalar_subquery())
        async with self._database.transaction() as connection:
            await lock_thread(connection, thread_id, context)
            await connection.execute(update(items).where(behind).values(replaced_by=context.turn.id))
        context.turn.withheld = []

    async def replace_hidden(self, thread_id: str, context: RequestContext, *new: ThreadItem) -> None:
        """Delete what is hidden, and store what was withheld, then `new`: the new answer has begun to be kept."""
        upsert = upsert_item(self._database.insert(items))
        async with self._database.transaction() as connection:
            await lock_thread(connection, thread_id, context)
            await connection.execute(delete_hidden(thread_id, context.turn.id))
            for item in (*(context.turn.withheld or ()), *new):
                values = rows.item_values(item) | item_origin(item, context) | {"id": item.id, "thread_id": thread_id}
                await connection.execute(upsert, values)
        context.turn.withheld = None

    async def give_up_replacing(self, thread_id: str, context: RequestContext) -> None:
        """Show again what is hidden: there is no new answer."""
        async with self._database.transaction() as connection:
            await lock_thread(connection, thread_id, context)
            await restore_hidden(connection, thread_id, context.turn.id)


async def restore_hidden(connection: AsyncConnection, thread_id: str, turn_id: str | None) -> None:
    """Show again what a turn has hidden and not replaced."""
    await connection.execute(update(items).where(_hidden(thread_id, turn_id)).values(replaced_by=None))


def delete_hidden(thread_id: str, turn_id: str | None) -> Delete:
    """Return the DELETE of what a turn has hidden."""
    return delete(items).where(_hidden(thread_id, turn_id))


def _hidden(thread_id: str, turn_id: str | None) -> ColumnElement[bool]:
    return and_(items.c.thread_id == thread_id, items.c.replaced_by == turn_id)
