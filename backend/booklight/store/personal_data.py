"""What is kept of one reader or of one conversation: exported whole, or deleted, as readers may ask by law."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Row, delete, select

from booklight.store.database import OnDatabase
from booklight.store.tables import Values, feedback, items, shares, threads, usage


class ExportedItem(BaseModel):
    """A question, an answer or another item, with what was kept beside it and what the reader thought of it."""

    id: str
    type: str
    created_at: datetime
    content: dict[str, Any]
    metadata: dict[str, Any]
    path: str | None
    rating: str | None
    reason: str | None


class ExportedShare(BaseModel):
    """A link to an answer, the item of that id, which whoever has the link can read until it expires."""

    item_id: str
    created_at: datetime
    expires_at: datetime


class ExportedThread(BaseModel):
    """A conversation with all its items, oldest first, and the links to them."""

    id: str
    title: str | None
    created_at: datetime
    updated_at: datetime
    metadata: dict[str, Any]
    items: list[ExportedItem]
    shares: list[ExportedShare]


class ExportedUsage(BaseModel):
    """What the reader used of the model on one day, where a budget is counted."""

    day: str
    turns: int
    tokens: int


class PersonalData(BaseModel):
    """Everything that is kept of one reader, or of one conversation."""

    reader: str | None
    threads: list[ExportedThread]
    usage: list[ExportedUsage]


class PersonalDataStore(OnDatabase):
    """Exports and deletes what is kept of readers. An id that nothing is kept of is no error."""

    async def export_reader(self, owner: str) -> PersonalData:
        """Return everything that is kept of a reader."""
        used = select(usage).where(usage.c.owner == owner).order_by(usage.c.day)
        async with self._database.statement() as connection:
            days = (await connection.execute(used)).all()
        return PersonalData(
            reader=owner,
            threads=await self._export(threads.c.owner == owner),
            usage=[ExportedUsage(day=row.day, turns=row.turns, tokens=row.tokens) for row in days],
        )

    async def export_thread(self, thread_id: str) -> PersonalData:
        """Return one conversation, whoever's it is."""
        return PersonalData(reader=None, threads=await self._export(threads.c.id == thread_id), usage=[])

    async def forget_reader(self, owner: str) -> int:
        """Delete everything that is kept of a reader, and count the conversations; a running turn of theirs ends."""
        async with self._database.transaction() as connection:
            gone = (await connection.execute(delete(threads).where(threads.c.owner == owner))).rowcount
            await connection.execute(delete(usage).where(usage.c.owner == owner))
        return gone

    async def load_answering_threads(self, owner: str) -> Sequence[str]:
        """Return the ids of a reader's conversations in which an answer is being written."""
        held = select(threads.c.id).where(threads.c.owner == owner, threads.c.turn_id.is_not(None))
        async with self._database.statement() as connection:
            return (await connection.scalars(held)).all()

    async def forget_thread(self, thread_id: str) -> int:
        """Delete one conversation, whoever's it is, and count it."""
        async with self._database.statement() as connection:
            return (await connection.execute(delete(threads).where(threads.c.id == thread_id))).rowcount

    async def _export(self, which: ColumnElement[bool]) -> list[ExportedThread]:
        rated = (feedback.c.thread_id == items.c.thread_id) & (feedback.c.item_id == items.c.id)
        within = (
            select(items, feedback.c.kind.label("rating"), feedback.c.reason)
            .join(threads, threads.c.id == items.c.thread_id)
            .outerjoin(feedback, rated)
            .where(which)
            .order_by(items.c.sequence)
        )
        links = select(shares).join(threads, threads.c.id == shares.c.thread_id).where(which)
        async with self._database.statement() as connection:
            found = (await connection.execute(select(threads).where(which).order_by(threads.c.sequence))).all()
            rows = (await connection.execute(within)).all()
            shared = (await connection.execute(links.order_by(shares.c.created_at))).all()
        return [_thread(row, _within(row, rows), _within(row, shared)) for row in found]


def _within(thread: Row[Any], rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    return [row for row in rows if row.thread_id == thread.id]


def _thread(row: Row[Any], within: Sequence[Row[Any]], links: Sequence[Row[Any]]) -> ExportedThread:
    exported = {
        "items": [ExportedItem.model_validate(_columns(item, ExportedItem)) for item in within],
        "shares": [ExportedShare.model_validate(_columns(link, ExportedShare)) for link in links],
    }
    return ExportedThread.model_validate(_columns(row, ExportedThread) | exported)


def _columns(row: Row[Any], model: type[BaseModel]) -> Values:
    return {name: value for name, value in row._asdict().items() if name in model.model_fields}
