"""Shared answers: links by which whoever has one reads one answer with its question, for as long as it is kept.

A link refers to the answer and is no copy of it: deleting the answer or its conversation, however that is done, ends
every link to it. Of a link's id only a digest is kept, so that the database opens none.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chatkit.types import AssistantMessageItem, UserMessageItem
from sqlalchemy import ColumnElement, Row, and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from booklight.context import AnswerKind, RequestContext
from booklight.contracts import PageContext
from booklight.store import rows
from booklight.store.database import OnDatabase
from booklight.store.leases import lock_thread
from booklight.store.question_metadata import AnswerMetadata
from booklight.store.statements import found, own_thread
from booklight.store.tables import current_moment, items, shares, threads


@dataclass(frozen=True, slots=True)
class SharedTurn:
    """What a link shows: an answer and the question before it, and until when.

    `kind` is what kind of answer it is, None where that is not known. `cut` says that it ended early. `page` is where
    it was asked, as the client said.
    """

    question: UserMessageItem
    answer: AssistantMessageItem
    kind: AnswerKind | None
    cut: bool
    page: PageContext
    expires_at: datetime


class Shares(OnDatabase):
    """Keeps links to answers. Those that have expired count as gone, and are deleted in time."""

    async def add_share(
        self, thread_id: str, item_id: str, share_id: str, lifetime: timedelta, context: RequestContext
    ) -> datetime:
        """Keep a link to an answer of the reader's, and return until when it holds.

        Raises NotFoundError for what is not theirs, or is no answer.
        """
        now = current_moment()
        row = {"digest": _digest(share_id), "thread_id": thread_id, "item_id": item_id, "created_at": now}
        async with self._database.transaction() as connection:
            await lock_thread(connection, thread_id, context)
            found((await connection.execute(select(items.c.id).where(_answer(thread_id, item_id)))).first(), "answer")
            await connection.execute(shares.insert().values(row | {"expires_at": now + lifetime}))
        return now + lifetime

    async def delete_shares(self, thread_id: str, item_id: str, context: RequestContext) -> int:
        """End all links to an answer of the reader's, and count them. Raises NotFoundError for a foreign thread."""
        async with self._database.transaction() as connection:
            await lock_thread(connection, thread_id, context)
            return (await connection.execute(delete(shares).where(_links_to(thread_id, item_id)))).rowcount

    async def load_share_state(
        self, thread_id: str, item_id: str, context: RequestContext
    ) -> tuple[int, datetime | None]:
        """Return how many links to an answer of the reader's hold, and until when the last does.

        Raises NotFoundError for what is not theirs, or is no answer.
        """
        own = select(items.c.id).join(threads, threads.c.id == items.c.thread_id)
        links = select(func.count(), func.max(shares.c.expires_at)).where(_links_to(thread_id, item_id), _holds())
        async with self._database.statement() as connection:
            answer = await connection.execute(own.where(own_thread(thread_id, context), _answer(thread_id, item_id)))
            found(answer.first(), "answer")
            count, expires_at = (await connection.execute(links)).one()
        return count, expires_at

    async def count_shares(self, context: RequestContext) -> int:
        """Count the reader's links that hold."""
        linked = shares.join(threads, threads.c.id == shares.c.thread_id)
        theirs = select(func.count()).select_from(linked).where(threads.c.owner == context.owner, _holds())
        async with self._database.statement() as connection:
            return int((await connection.execute(theirs)).scalar_one())

    async def load_shared_turn(self, share_id: str) -> SharedTurn | None:
        """Return what a link shows, whoever asks; None for one that is unknown, was ended or has expired."""
        linked = and_(items.c.thread_id == shares.c.thread_id, items.c.id == shares.c.item_id)
        query = select(items, shares.c.expires_at).join(shares, linked)
        async with self._database.statement() as connection:
            row = (await connection.execute(query.where(shares.c.digest == _digest(share_id), _holds()))).first()
            return None if row is None else await _load_turn(connection, row)

    async def delete_expired_shares(self) -> None:
        """Delete the links that have expired."""
        async with self._database.statement() as connection:
            await connection.execute(delete(shares).where(~_holds()))


async def _load_turn(connection: AsyncConnection, row: Row[Any]) -> SharedTurn | None:
    """Return the answer in `row` with the question before it; None where it is no answer to anything."""
    within = select(items).where(items.c.thread_id == row.thread_id)
    asked = within.where(items.c.type == "user_message", items.c.sequence < row.sequence)
    question_row = (await connection.execute(asked.order_by(items.c.sequence.desc()).limit(1))).first()
    behind = within.where(items.c.sequence > row.sequence).order_by(items.c.sequence).limit(1)
    following = (await connection.execute(behind)).first()
    answer, question = rows.load_item_row(row), question_row and rows.load_item_row(question_row)
    if not (question_row and isinstance(question, UserMessageItem) and isinstance(answer, AssistantMessageItem)):
        return None
    page = PageContext.model_validate(question_row.metadata.get("page_context", {}))
    kind = AnswerMetadata.model_validate(row.metadata).answer
    cut = following is not None and following.type == "end_of_turn"
    return SharedTurn(question, answer, kind, cut, page, row.expires_at)


def _answer(thread_id: str, item_id: str) -> ColumnElement[bool]:
    shown = and_(items.c.type == "assistant_message", items.c.replaced_by.is_(None))
    return and_(items.c.thread_id == thread_id, items.c.id == item_id, shown)


def _links_to(thread_id: str, item_id: str) -> ColumnElement[bool]:
    return and_(shares.c.thread_id == thread_id, shares.c.item_id == item_id)


def _holds() -> ColumnElement[bool]:
    return shares.c.expires_at > current_moment()


def _digest(share_id: str) -> str:
    return hashlib.sha256(share_id.encode()).hexdigest()
