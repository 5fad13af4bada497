"""Threads, kept in a database: chatkit's whole Store, where readers see what is theirs and nothing else.

Whatever is unknown or another reader's raises NotFoundError, the same for both.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from chatkit.store import NotFoundError, Store, StoreItemType, default_generate_id
from chatkit.types import Attachment, FeedbackKind, Page, ThreadItem, ThreadMetadata
from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from backend.context import RequestContext
from backend.store import rows
from backend.store.asking import item_origin
from backend.store.columns import current_moment, database_seconds
from backend.store.database import Database, parse_database_url
from backend.store.following import TurnFollowing
from backend.store.leases import TurnLeases, own_thread
from backend.store.queries import build_page, first_of, found, start_after, touch_thread
from backend.store.revisions import compare_revision
from backend.store.tables import attachments, feedback, items, threads
from backend.store.usage import UsageLedger
from ingest.catalogue import page_key

_PRUNED_AT_ONCE = 500


async def open_store(database_url: str, *, pool_size: int = 5) -> "SqlStore":
    """Bring the database to today's schema and return a store on it, with at most twice `pool_size` connections.

    Raises SettingsError for a URL that is not accepted, StoreUnavailable for a database that cannot be used.
    """
    url = parse_database_url(database_url)
    if await compare_revision(url) != "current":
        from backend.store.migrations import upgrade

        await upgrade(url)
    return SqlStore(Database(url, pool_size=pool_size))


class SqlStore(TurnLeases, TurnFollowing, UsageLedger, Store[RequestContext]):
    """chatkit's Store on SQLite or Postgres. All methods raise StoreUnavailable when the database fails.

    Saves insert or replace. Lists are in the order rows were added, and `after` is the id of the last row seen.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._database = database

    def generate_thread_id(self, context: RequestContext) -> str:
        """Return a new id of 128 random bits."""
        return _generate_id("thread")

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: RequestContext) -> str:
        """Return a new id of 128 random bits, with chatkit's prefix for the type."""
        return _generate_id(item_type)

    async def load_thread(self, thread_id: str, context: RequestContext) -> ThreadMetadata:
        """Return a thread without its items."""
        async with self._database.statement() as connection:
            row = (await connection.execute(select(threads).where(own_thread(thread_id, context)))).first()
        thread = rows.load_thread_row(found(row, "thread"))
        context.threads_seen.add(thread_id)
        return thread

    async def save_thread(self, thread: ThreadMetadata, context: RequestContext) -> None:
        """Create a thread or change its title, status and metadata.

        A thread that this request has seen is not created again once it is deleted: that raises NotFoundError.
        """
        values = rows.thread_values(thread) | {"updated_at": current_moment()}
        if thread.id in context.threads_seen:
            statement: Any = update(threads).where(own_thread(thread.id, context)).values(values)
        else:
            created = self._database.insert(threads).values(values | {"id": thread.id, "owner": context.owner})
            mine = threads.c.owner == context.owner
            statement = created.on_conflict_do_update(index_elements=["id"], set_=values, where=mine)
        async with self._database.statement() as connection:
            row = (await connection.execute(statement.returning(threads.c.id))).first()
        found(row, "thread")
        context.threads_seen.add(thread.id)

    async def delete_thread(self, thread_id: str, context: RequestContext) -> None:
        """Delete a thread and all that belongs to it."""
        statement = delete(threads).where(own_thread(thread_id, context)).returning(threads.c.id)
        async with self._database.statement() as connection:
            found((await connection.execute(statement)).first(), "thread")

    async def load_threads(
        self, limit: int, after: str | None, order: str, context: RequestContext
    ) -> Page[ThreadMetadata]:
        """Return a page of the reader's threads; with `context.asked_on`, only those with a question asked there."""
        query = select(threads).where(threads.c.owner == context.owner)
        if context.asked_on is not None:
            on_page = and_(items.c.thread_id == threads.c.id, items.c.path == page_key(context.asked_on))
            query = query.where(select(items.c.id).where(on_page).exists())
        async with self._database.statement() as connection:
            if after is not None:
                query = query.where(await start_after(connection, threads, own_thread(after, context), order))
            result = await connection.execute(first_of(query, threads, order, limit))
        return build_page(result.all(), limit, rows.load_thread_row)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: RequestContext
    ) -> Page[ThreadItem]:
        """Return a page of a thread's items, whole even where `context.visible_only` leaves hidden ones out."""
        in_thread = items.c.thread_id == thread_id
        async with self._database.statement() as connection:
            if after is not None:
                cursor = and_(in_thread, items.c.id == after)
                in_thread &= await start_after(connection, items, cursor, order)
            if context.visible_only:
                in_thread &= items.c.type.not_in(rows.HIDDEN)
            # An outer join, so that a thread without items is told from no thread in one statement.
            query = select(items).select_from(threads.outerjoin(items, in_thread)).where(own_thread(thread_id, context))
            result = (await connection.execute(first_of(query, items, order, limit))).all()
        found(result[0] if result else None, "thread")
        return build_page([row for row in result if row.id is not None], limit, rows.load_item_row)

    async def load_item(self, thread_id: str, item_id: str, context: RequestContext) -> ThreadItem:
        """Return one item of a thread."""
        query = select(items).join(threads, threads.c.id == items.c.thread_id)
        async with self._database.statement() as connection:
            result = await connection.execute(query.where(own_thread(thread_id, context), items.c.id == item_id))
        return rows.load_item_row(found(result.first(), "item"))

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: RequestContext) -> None:
        """Add an item, or replace the thread's item of the same id; both count as activity in the thread.

        Raises TurnLost when `context.turn_id` is set and that turn does not hold the thread any more.
        """
        values = rows.item_values(item)
        created = values | item_origin(item, context) | {"id": item.id, "thread_id": thread_id}
        statement = self._database.insert(items).values(created)
        async with self._database.transaction() as connection:
            await touch_thread(connection, thread_id, context)
            await connection.execute(statement.on_conflict_do_update(index_elements=["thread_id", "id"], set_=values))

    async def save_item(self, thread_id: str, item: ThreadItem, context: RequestContext) -> None:
        """Replace an item, or add it where it is new; the same as add_thread_item."""
        await self.add_thread_item(thread_id, item, context)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: RequestContext) -> None:
        """Delete an item; one that is not there, as after a first delete, is no error."""
        statement = delete(items).where(items.c.thread_id == thread_id, items.c.id == item_id)
        async with self._database.transaction() as connection:
            await touch_thread(connection, thread_id, context)
            await connection.execute(statement)

    async def save_feedback(
        self, thread_id: str, item_ids: Sequence[str], kind: FeedbackKind, reason: str | None, context: RequestContext
    ) -> None:
        """Keep what the reader thinks of these items, in place of what they thought before. All or none are kept."""
        insert = self._database.insert(feedback)
        latest = {name: insert.excluded[name] for name in ("kind", "reason", "created_at")}
        upsert = insert.on_conflict_do_update(index_elements=["thread_id", "item_id"], set_=latest)
        said = {"thread_id": thread_id, "kind": kind, "reason": reason, "created_at": current_moment()}
        async with self._database.transaction() as connection:
            await touch_thread(connection, thread_id, context)
            known = await connection.scalars(select(items.c.id).where(items.c.thread_id == thread_id))
            if not item_ids or not set(item_ids) <= set(known):
                raise NotFoundError("There is no such item.")
            await connection.execute(upsert, [said | {"item_id": item_id} for item_id in dict.fromkeys(item_ids)])

    async def save_attachment(self, attachment: Attachment, context: RequestContext) -> None:
        """Keep what is known of a file."""
        values = rows.attachment_values(attachment)
        created = values | {"id": attachment.id, "owner": context.owner, "created_at": current_moment()}
        statement = self._database.insert(attachments).values(created)
        mine = attachments.c.owner == context.owner
        statement = statement.on_conflict_do_update(index_elements=["id"], set_=values, where=mine)
        async with self._database.transaction() as connection:
            if attachment.thread_id is not None:
                await touch_thread(connection, attachment.thread_id, context)
            row = (await connection.execute(statement.returning(attachments.c.id))).first()
            found(row, "attachment")

    async def load_attachment(self, attachment_id: str, context: RequestContext) -> Attachment:
        """Return what is known of a file."""
        async with self._database.statement() as connection:
            result = await connection.execute(select(attachments).where(_own_attachment(attachment_id, context)))
        return rows.load_attachment_row(found(result.first(), "attachment"))

    async def delete_attachment(self, attachment_id: str, context: RequestContext) -> None:
        """Forget a file."""
        statement = delete(attachments).where(_own_attachment(attachment_id, context)).returning(attachments.c.id)
        async with self._database.statement() as connection:
            found((await connection.execute(statement)).first(), "attachment")

    async def prune(self, older_than: timedelta) -> int:
        """Delete threads with no activity for so long, but for running turns, and files never sent; count threads."""
        before = current_moment() - older_than
        free = or_(threads.c.turn_id.is_(None), threads.c.turn_expires < database_seconds())
        idle = and_(threads.c.updated_at < before, free)
        batch = select(threads.c.sequence).where(idle).limit(_PRUNED_AT_ONCE)
        # The condition again, for a thread that a reader takes up between the two.
        prune_batch = delete(threads).where(threads.c.sequence.in_(batch), idle)
        unsent = and_(attachments.c.thread_id.is_(None), attachments.c.created_at < before)
        pruned = 0
        async with self._database.statement() as connection:
            await connection.execute(delete(attachments).where(unsent))
            while count := (await connection.execute(prune_batch)).rowcount:
                pruned += count
        return pruned

    async def ping(self) -> None:
        """Ask the database for an answer."""
        await self._database.ping()

    async def close(self) -> None:
        """Close all connections; the store is of no use afterwards."""
        await self._database.close()


async def prune_threads(database_url: str, older_than: timedelta) -> int:
    """Prune the database at `database_url` by itself, as a command does, and count the threads.

    Raises SettingsError and StoreUnavailable.
    """
    store = await open_store(database_url)
    try:
        return await store.prune(older_than)
    finally:
        await store.close()


def _generate_id(item_type: StoreItemType) -> str:
    prefix = default_generate_id(item_type).partition("_")[0]
    return f"{prefix}_{secrets.token_hex(16)}"


def _own_attachment(attachment_id: str, context: RequestContext) -> ColumnElement[bool]:
    return and_(attachments.c.id == attachment_id, attachments.c.owner == context.owner)
