"""Readers' feedback on answers: one rating an item, of which the last counts."""

from collections.abc import Sequence

from chatkit.store import NotFoundError
from chatkit.types import FeedbackKind
from sqlalchemy import select

from booklight.context import RequestContext
from booklight.store.database import OnDatabase
from booklight.store.leases import lock_thread
from booklight.store.tables import current_moment, feedback, items


class Feedback(OnDatabase):
    """Keeps feedback; it goes with its item."""

    async def save_feedback(
        self, thread_id: str, item_ids: Sequence[str], kind: FeedbackKind, reason: str | None, context: RequestContext
    ) -> None:
        """Keep what the reader thinks of these items, in place of what they thought before. All or none are kept."""
        insert = self._database.insert(feedback)
        latest = {name: insert.excluded[name] for name in ("kind", "reason", "created_at")}
        upsert = insert.on_conflict_do_update(index_elements=["thread_id", "item_id"], set_=latest)
        row = {"thread_id": thread_id, "kind": kind, "reason": reason, "created_at": current_moment()}
        async with self._database.transaction() as connection:
            await lock_thread(connection, thread_id, context)
            known = await connection.scalars(select(items.c.id).where(items.c.thread_id == thread_id))
            if not item_ids or not set(item_ids) <= set(known):
                raise NotFoundError("There is no such item.")
            await connection.execute(upsert, [row | {"item_id": item_id} for item_id in dict.fromkeys(item_ids)])
