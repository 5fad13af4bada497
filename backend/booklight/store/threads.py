"""Threads, kept in a database: chatkit's whole Store, where readers see what is theirs and nothing else.

Whatever is unknown or another reader's raises NotFoundError, the same for both.
"""

import secrets
from dataclasses import asdict
from datetime import timedelta
from functools import cache
from typing import Any

from chatkit.store import NotFoundError, Store, StoreItemType, default_generate_id
from chatkit.types import AssistantMessageItem, Attachment, Page, ThreadItem, ThreadMetadata
from sqlalchemy import ColumnElement, UpdateBase, and_, delete, select, update

from booklight.context import RequestContext
from booklight.store import rows
from booklight.store.asked_places import AskedPlacesStore
from booklight.store.database import Database, parse_database_url
from booklight.store.dead_turns import DeadTurns
from booklight.store.feedback import Feedback
from booklight.store.leases import TurnLeases, lock_thread, raise_not_held, write_parameters
from booklight.store.migrations import bring_up_to_date
from booklight.store.personal_data import PersonalDataStore
from booklight.store.question_metadata import add_question_metadata, answer_metadata, item_origin
from booklight.store.quotas import QuotaUsage
from booklight.store.replacements import Replacements
from booklight.store.retention import Retention
from booklight.store.retry import retry_write
from booklight.store.shares import Shares
from booklight.store.statements import (
    LISTED_THREAD,
    SHOWN_ITEM,
    build_page,
    found,
    insert_held_thread,
    load_cursor,
    lock_and_upsert_item,
    note_item,
    own_thread,
    page_of_items,
    rows_of_page,
    update_thread,
    upsert_item,
    upsert_thread,
    whose,
)
from booklight.store.tables import Values, current_moment, items, threads
from booklight.store.turn_events import TurnEvents
from booklight_ingest.index.manifest import page_key

_NO_ATTACHMENT = "There is no such attachment."


async def open_store(database_url: str, *, pool_size: int = 5) -> "SqlStore":
    """Bring the database to today's schema and return a store on it, with at most twice `pool_size` connections.

    Raises SettingsError for a URL that is not accepted, StoreUnavailable for a database that cannot be used.
    """
    url = parse_database_url(database_url)
    await bring_up_to_date(url)
    return SqlStore(Database(url, pool_size=pool_size))


class SqlStore(
    TurnLeases,
    TurnEvents,
    DeadTurns,
    Replacements,
    QuotaUsage,
    Feedback,
    Shares,
    Retention,
    PersonalDataStore,
    AskedPlacesStore,
    Store[RequestContext],
):
    """chatkit's Store on SQLite or Postgres. All methods raise StoreUnavailable when the database fails.

    Saves insert or replace. Lists are in the order rows were added, and `after` is the id of the last row seen.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._upsert_thread = upsert_thread(database.insert(threads))
        self._insert_held_thread = insert_held_thread(database.insert(threads))
        self._upsert_item = upsert_item(database.insert(items))
        self._lock_and_upsert_item = lock_and_upsert_item(database.insert(items))

    def generate_thread_id(self, context: RequestContext) -> str:
        """Return a new id of 128 random bits."""
        return _generate_id("thread")

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: RequestContext) -> str:
        """Return a new id of 128 random bits, with chatkit's prefix for the type."""
        return _generate_id(item_type)

    async def load_thread(self, thread_id: str, context: RequestContext) -> ThreadMetadata:
        """Return a thread without its items."""
        columns: list[ColumnElement[Any]] = [*LISTED_THREAD, threads.c.metadata]
        query = select(*columns).where(own_thread(thread_id, context))
        async with self._database.statement() as connection:
            row = (await connection.execute(query)).first()
        thread = rows.load_thread_row(found(row, "thread"))
        context.turn.threads_seen.add(thread_id)
        return thread

    async def save_thread(self, thread: ThreadMetadata, context: RequestContext) -> None:
        """Create a thread or change its title, status and metadata.

        A thread that this request has seen is not created again once it is deleted: that raises NotFoundError. One
        that a turn makes is made with the turn's first lease, and with the title and metadata of its question, which
        ChatKit would save once more: it is left as it is until it has others.
        """
        turn = context.turn
        values, own = rows.thread_values(thread), {"id": thread.id, "owner": context.owner}
        statement: UpdateBase
        if thread.id in turn.threads_seen:
            if values == turn.thread_made:
                return
            turn.thread_made = None
            statement, own = update_thread(), whose(thread.id, context)
        elif turn.first_lease is not None:
            values |= {"title": turn.first_title, "metadata": add_question_metadata({}, context)}
            turn.thread_made = values
            statement, own = self._insert_held_thread, own | asdict(turn.first_lease)
        else:
            statement = self._upsert_thread
        async with self._database.statement() as connection:
            row = (await connection.execute(statement, values | own | {"updated_at": current_moment()})).first()
        found(row, "thread")
        turn.threads_seen.add(thread.id)

    async def replace_title(self, thread_id: str, old: str, new: str, context: RequestContext) -> None:
        """Give a thread a new title, unless it has another than `old` by now or is gone."""
        titled = and_(own_thread(thread_id, context), threads.c.title == old)
        async with self._database.statement() as connection:
            await connection.execute(update(threads).where(titled).values(title=new))

    async def delete_thread(self, thread_id: str, context: RequestContext) -> None:
        """Delete a thread and all that belongs to it."""
        statement = delete(threads).where(own_thread(thread_id, context)).returning(threads.c.id)
        async with self._database.statement() as connection:
            found((await connection.execute(statement)).first(), "thread")

    async def load_threads(
        self, limit: int, after: str | None, order: str, context: RequestContext
    ) -> Page[ThreadMetadata]:
        """Return a page of the reader's threads without their metadata.

        With `context.asked_on`, only those with a question asked there.
        """
        query = select(*LISTED_THREAD).where(threads.c.owner == context.owner)
        if context.asked_on is not None:
            on_page = and_(items.c.thread_id == threads.c.id, items.c.path == page_key(context.asked_on))
            query = query.where(select(items.c.id).where(on_page).exists())
        async with self._database.statement() as connection:
            if after is not None:
                seen = await load_cursor(connection, threads, own_thread(after, context))
                query = query.where(threads.c.sequence > seen if order == "asc" else threads.c.sequence < seen)
            ordered = query.order_by(threads.c.sequence.asc() if order == "asc" else threads.c.sequence.desc())
            result = await connection.execute(ordered.limit(rows_of_page(limit)))
        return build_page(result.all(), limit, rows.load_listed_thread)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: RequestContext
    ) -> Page[ThreadItem]:
        """Return a page of a thread's items, whole even where `context.visible_only` leaves hidden ones out."""
        query = page_of_items(order, hidden=rows.HIDDEN if context.visible_only else (), after=after is not None)
        parameters = whose(thread_id, context) | {"rows": rows_of_page(limit)}
        async with self._database.statement() as connection:
            if after is not None:
                cursor = and_(items.c.thread_id == thread_id, items.c.id == after)
                parameters["seen"] = await load_cursor(connection, items, cursor)
            result = (await connection.execute(query, parameters)).all()
        found(result[0] if result else None, "thread")
        return build_page([row for row in result if row.id is not None], limit, rows.load_item_row)

    async def load_item(self, thread_id: str, item_id: str, context: RequestContext) -> ThreadItem:
        """Return one item of a thread."""
        query = select(*SHOWN_ITEM).join(threads, threads.c.id == items.c.thread_id)
        async with self._database.statement() as connection:
            result = await connection.execute(query.where(own_thread(thread_id, context), items.c.id == item_id))
        return rows.load_item_row(found(result.first(), "item"))

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: RequestContext) -> None:
        """Add an item, or replace the thread's item of the same id; both count as activity in the thread.

        In a turn, it waits a while for a database that cannot be reached; in one that answers a question again, what
        comes before the answer is withheld until that begins. Raises TurnLost when `context.turn.id` is set and that
        turn does not hold the thread any more.
        """
        withheld = context.turn.withheld
        if withheld is not None and not isinstance(item, AssistantMessageItem):
            withheld.append(item)
            return
        if withheld is not None:
            await retry_write(lambda: self.replace_hidden(thread_id, context, item), context)
            return
        values = rows.item_values(item) | item_origin(item, context) | {"id": item.id}
        add = self._add_at_once if self._database.writes_in_with else self._add_in_two
        await retry_write(lambda: add(thread_id, values, context), context)

    async def _add_at_once(self, thread_id: str, values: Values, context: RequestContext) -> None:
        new = {f"new_{name}": value for name, value in values.items()}
        async with self._database.statement() as connection:
            result = await connection.execute(self._lock_and_upsert_item, new | write_parameters(thread_id, context))
            if result.first() is None:
                await raise_not_held(connection, thread_id, context)

    async def _add_in_two(self, thread_id: str, values: Values, context: RequestContext) -> None:
        async with self._database.transaction() as connection:
            await lock_thread(connection, thread_id, context)
            await connection.execute(self._upsert_item, values | {"thread_id": thread_id})

    async def note_answer(self, thread_id: str, item_id: str, context: RequestContext) -> None:
        """Keep with an answer, if it is still there, what the turn has come to since it was added.

        Raises NotFoundError, and TurnLost where the turn does not hold the thread any more.
        """
        noted = {"the_item": item_id, "noted": answer_metadata(context.turn), "the_turn": context.turn.id}
        async with self._database.statement() as connection:
            result = await connection.execute(note_item(), noted | whose(thread_id, context))
            if result.first() is None:
                await lock_thread(connection, thread_id, context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: RequestContext) -> None:
        """Replace an item, or add it where it is new; the same as add_thread_item."""
        await self.add_thread_item(thread_id, item, context)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: RequestContext) -> None:
        """Delete an item; one that is not there, as after a first delete, is no error."""
        statement = delete(items).where(items.c.thread_id == thread_id, items.c.id == item_id)
        async with self._database.transaction() as connection:
            await lock_thread(connection, thread_id, context)
            await connection.execute(statement)

    async def save_attachment(self, attachment: Attachment, context: RequestContext) -> None:
        """Raise NotFoundError: attachments are refused before they reach a store."""
        raise NotFoundError(_NO_ATTACHMENT)

    async def load_attachment(self, attachment_id: str, context: RequestContext) -> Attachment:
        """Raise NotFoundError: there are no attachments."""
        raise NotFoundError(_NO_ATTACHMENT)

    async def delete_attachment(self, attachment_id: str, context: RequestContext) -> None:
        """Raise NotFoundError: there are no attachments."""
        raise NotFoundError(_NO_ATTACHMENT)

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
    return f"{_prefix(item_type)}_{secrets.token_hex(16)}"


@cache
def _prefix(item_type: StoreItemType) -> str:
    return default_generate_id(item_type).partition("_")[0]
