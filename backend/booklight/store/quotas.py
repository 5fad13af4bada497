"""Quotas: how much a reader keeps, and what answers by the model cost today.

Both are counted in the database, so that all workers share one budget.
"""

from dataclasses import dataclass
from datetime import UTC
from functools import cache
from typing import Literal

from sqlalchemy import Row, Select, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from booklight.context import RequestContext
from booklight.store.database import OnDatabase
from booklight.store.statements import OWN, whose
from booklight.store.tables import Values, current_moment, items, threads, usage

_MESSAGES = ("user_message", "assistant_message")

EVERYBODY = ""
"""The owner under whose name all readers' use is added up."""

SpentBy = Literal["reader", "everybody"]
Used = Row[tuple[int, int]]
"""The turns and tokens of a day so far."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many turns and tokens a day has, in UTC; None is no bound."""

    turns: int | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class DailyBudget:
    """What the model may be used for in a day, by one reader and by all of them."""

    reader: Allowance = Allowance()
    everybody: Allowance = Allowance()

    @property
    def bounded(self) -> bool:
        """Whether anything has to be counted."""
        return self != DailyBudget()


class _Spent(Exception):
    """Takes back what was counted."""

    def __init__(self, by: SpentBy) -> None:
        super().__init__(by)
        self.by: SpentBy = by


class QuotaUsage(OnDatabase):
    """Counts what readers keep, and the turns and tokens they use per day."""

    async def count_threads(self, most: int, context: RequestContext) -> int:
        """Return how many threads the reader has, but at most `most`."""
        return await self._count(_count_threads(), {"the_reader": context.owner, "most": most})

    async def count_messages(self, thread_id: str, most: int, context: RequestContext) -> int:
        """Return how many questions and answers a thread has, but at most `most`; none for another reader's."""
        return await self._count(_count_messages(), whose(thread_id, context) | {"most": most})

    async def spend_turn(self, owner: str, budget: DailyBudget) -> SpentBy | None:
        """Count a turn of `owner`; where that would exceed `budget`, count nothing and return whose share is spent."""
        if not budget.bounded:
            return None
        try:
            # Everybody's row first: it makes turns that begin at once wait for each other, so none slips through.
            async with self._database.transaction() as connection:
                everybody = await self._add(connection, EVERYBODY, turns=1)
                own = await self._add(connection, owner, turns=1)
                if _exceeds(own, budget.reader):
                    raise _Spent("reader")
                if _exceeds(everybody, budget.everybody):
                    raise _Spent("everybody")
        except _Spent as spent:
            return spent.by
        return None

    async def has_tokens_left(self, owner: str, budget: DailyBudget) -> bool:
        """Say whether the model may be used for `owner` once more today, beside a turn that is counted."""
        if budget.reader.tokens is None and budget.everybody.tokens is None:
            return True
        today = select(usage.c.owner, usage.c.tokens).where(
            usage.c.day == _today(), usage.c.owner.in_([owner, EVERYBODY])
        )
        async with self._database.statement() as connection:
            used = {row.owner: row.tokens for row in await connection.execute(today)}
        shares = {owner: budget.reader.tokens, EVERYBODY: budget.everybody.tokens}
        return all(share is None or used.get(name, 0) < share for name, share in shares.items())

    async def spend_tokens(self, owner: str, tokens: int) -> None:
        """Count what a turn of `owner` used."""
        async with self._database.transaction() as connection:
            for name in (EVERYBODY, owner):
                await self._add(connection, name, tokens=tokens)

    async def delete_old_usage(self) -> None:
        """Drop what was counted before today."""
        async with self._database.statement() as connection:
            await connection.execute(delete(usage).where(usage.c.day < _today()))

    async def _count(self, counted: Select[int], parameters: Values) -> int:
        async with self._database.statement() as connection:
            return int((await connection.execute(counted, parameters)).scalar_one())

    async def _add(self, connection: AsyncConnection, owner: str, *, turns: int = 0, tokens: int = 0) -> Used:
        insert = self._database.insert(usage).values(day=_today(), owner=owner, turns=turns, tokens=tokens)
        more = {"turns": usage.c.turns + turns, "tokens": usage.c.tokens + tokens}
        upsert = insert.on_conflict_do_update(index_elements=["day", "owner"], set_=more)
        return (await connection.execute(upsert.returning(usage.c.turns, usage.c.tokens))).one()


@cache
def _count_threads() -> Select[int]:
    return _at_most(select(threads.c.id).where(threads.c.owner == bindparam("the_reader")))


@cache
def _count_messages() -> Select[int]:
    in_thread = select(items.c.id).join(threads, threads.c.id == items.c.thread_id)
    return _at_most(in_thread.where(OWN, items.c.type.in_(_MESSAGES)))


def _at_most(query: Select[tuple[str]]) -> Select[int]:
    """Return how many rows a query has, counted up to the parameter `most`."""
    return select(func.count()).select_from(query.limit(bindparam("most")).subquery())


def _exceeds(used: Used, allowance: Allowance) -> bool:
    too_many = allowance.turns is not None and used.turns > allowance.turns
    return too_many or (allowance.tokens is not None and used.tokens >= allowance.tokens)


def _today() -> str:
    return current_moment().astimezone(UTC).date().isoformat()
