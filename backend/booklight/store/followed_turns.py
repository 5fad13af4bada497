"""What another worker sees of a turn that it does not run, and how it puts an end to one whose worker is gone."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatkit.types import AssistantMessageItem, ThreadItem
from sqlalchemy import and_, update

from booklight.context import RequestContext
from booklight.store import rows
from booklight.store.columns import database_seconds
from booklight.store.database import Database
from booklight.store.leases import FREE, own_thread
from booklight.store.question_metadata import item_origin
from booklight.store.tables import items, threads


@dataclass(frozen=True, slots=True)
class HeldThread:
    """The turn that holds a thread, what it has begun to say, and whether it still renews its lease."""

    turn_id: str
    drafts: Sequence[AssistantMessageItem]
    alive: bool


class TurnFollowing:
    """Turns as seen from workers that do not run them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def follow_turn(self, thread_id: str, context: RequestContext, seconds: float) -> HeldThread | None:
        """Return the turn that holds a reader's thread, None if none does.

        It learns, as it renews its lease, that for `seconds` from now a reader follows it.
        """
        followed = update(threads).values(followed_until=database_seconds() + seconds)
        held = followed.where(own_thread(thread_id, context), threads.c.turn_id.is_not(None))
        alive = (threads.c.turn_expires >= database_seconds()).label("alive")
        async with self._database.statement() as connection:
            row = (await connection.execute(held.returning(threads.c.turn_id, threads.c.drafts, alive))).first()
        if row is None:
            return None
        return HeldThread(turn_id=row.turn_id, drafts=rows.load_drafts(row.drafts), alive=bool(row.alive))

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
