"""Turns whose worker is gone: whoever looks at the thread next ends them, and keeps what they had said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chatkit.types import AssistantMessageItem, ThreadItem, UserMessageItem
from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from booklight.context import RequestContext
from booklight.store import rows
from booklight.store.database import OnDatabase
from booklight.store.leases import DEAD, FREE
from booklight.store.question_metadata import AnswerMetadata
from booklight.store.replacements import delete_hidden, restore_hidden
from booklight.store.statements import own_thread
from booklight.store.tables import items, threads, turn_events
from booklight.store.turn_events import KeptEvents, add_events, load_all_events

_SINCE_QUESTION = 50
"""The most items behind a question that are looked at."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How a turn ends whose worker is gone: the items to store, and the last of its events."""

    items: Sequence[ThreadItem]
    events: KeptEvents


Conclude = Callable[[Sequence[str], Sequence[ThreadItem]], Conclusion]
"""From the kept events of a turn, and what its thread holds behind the latest question, to how the turn ends."""


class DeadTurns(OnDatabase):
    """Finds and ends the turns of workers that are gone."""

    async def find_dead_turn(self, thread_id: str, context: RequestContext) -> str | None:
        """Return the turn that holds a reader's thread and renews its lease no more; None if there is none."""
        dead = select(threads.c.turn_id).where(own_thread(thread_id, context), DEAD)
        async with self._database.statement() as connection:
            return (await connection.execute(dead)).scalar_one_or_none()

    async def end_dead_turn(self, thread_id: str, turn_id: str, conclude: Conclude, context: RequestContext) -> bool:
        """Free a thread whose turn renews its lease no more, as `conclude` says; False if it lives after all."""
        dead = and_(own_thread(thread_id, context), threads.c.turn_id == turn_id, DEAD)
        free = update(threads).where(dead).values(FREE).returning(threads.c.id)
        async with self._database.transaction() as connection:
            if (await connection.execute(free)).first() is None:
                return False
            kept = await load_all_events(connection, thread_id, turn_id)
            end = conclude(kept, await _behind_question(connection, thread_id))
            await self._keep(connection, thread_id, turn_id, end)
        return True

    async def _keep(self, connection: AsyncConnection, thread_id: str, turn_id: str, end: Conclusion) -> None:
        if end.items:
            await connection.execute(delete_hidden(thread_id, turn_id))
        await restore_hidden(connection, thread_id, turn_id)
        for item in end.items:
            cut = isinstance(item, AssistantMessageItem)
            metadata = AnswerMetadata(answer="cut").model_dump(exclude_none=True) if cut else {}
            values = rows.item_values(item) | {"id": item.id, "thread_id": thread_id, "metadata": metadata}
            added = self._database.insert(items).values(values)
            await connection.execute(added.on_conflict_do_nothing(index_elements=["thread_id", "id"]))
        await add_events(connection, self._database.insert(turn_events), thread_id, turn_id, end.events)


async def _behind_question(connection: AsyncConnection, thread_id: str) -> Sequence[ThreadItem]:
    """Return what stands behind the latest question of a thread, oldest first; all of it where there is none."""
    shown = and_(items.c.thread_id == thread_id, items.c.replaced_by.is_(None), items.c.type.not_in(rows.HIDDEN))
    latest = select(items).where(shown).order_by(items.c.sequence.desc()).limit(_SINCE_QUESTION)
    behind: list[ThreadItem] = []
    for row in await connection.execute(latest):
        item = rows.load_item_row(row)
        if isinstance(item, UserMessageItem):
            break
        behind.insert(0, item)
    return behind
