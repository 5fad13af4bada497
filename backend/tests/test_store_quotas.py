"""Today's budget, counted on both databases, by workers that share one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from booklight.store import quotas
from booklight.store.quotas import Allowance, DailyBudget
from booklight.store.threads import SqlStore, open_store

ANN, BEN = "reader-ann", "reader-ben"


@pytest.fixture
async def workers(database_url: str) -> AsyncIterator[list[SqlStore]]:
    stores = [await open_store(database_url, pool_size=2) for _ in range(2)]
    yield stores
    for store in stores:
        await store.close()


async def test_nothing_is_spent_where_nothing_is_bounded(store: SqlStore) -> None:
    assert [await store.spend_turn(ANN, DailyBudget()) for _ in range(3)] == [None] * 3


async def test_a_reader_has_so_many_turns_and_another_has_as_many(workers: list[SqlStore]) -> None:
    budget = DailyBudget(reader=Allowance(turns=2))
    spent = [await worker.spend_turn(ANN, budget) for worker in workers * 2]
    assert spent == [None, None, "reader", "reader"]
    assert await workers[0].spend_turn(BEN, budget) is None


async def test_what_is_refused_is_not_counted_for_everybody(store: SqlStore) -> None:
    budget = DailyBudget(reader=Allowance(turns=1), everybody=Allowance(turns=2))
    spent = [await store.spend_turn(owner, budget) for owner in (ANN, ANN, ANN, BEN, "reader-cay")]
    assert spent == [None, "reader", "reader", None, "everybody"]


async def test_of_many_turns_that_begin_at_once_no_more_than_allowed_are_let_through(workers: list[SqlStore]) -> None:
    budget = DailyBudget(everybody=Allowance(turns=5))
    turns = [worker.spend_turn(f"reader-{number}", budget) for number in range(10) for worker in workers]
    assert (await asyncio.gather(*turns)).count(None) == 5


async def test_tokens_are_counted_when_they_are_known(store: SqlStore) -> None:
    budget = DailyBudget(reader=Allowance(tokens=100), everybody=Allowance(tokens=150))
    assert await store.spend_turn(ANN, budget) is None
    await store.spend_tokens(ANN, 100)
    assert await store.spend_turn(ANN, budget) == "reader"
    assert await store.spend_turn(BEN, budget) is None
    await store.spend_tokens(BEN, 50)
    assert await store.spend_turn(BEN, budget) == "everybody"


async def test_tomorrow_begins_anew_and_yesterday_is_forgotten(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = DailyBudget(reader=Allowance(turns=1))
    assert [await store.spend_turn(ANN, budget) for _ in range(2)] == [None, "reader"]
    monkeypatch.setattr(quotas, "current_moment", lambda: datetime.now(UTC) + timedelta(days=1))
    assert [await store.spend_turn(ANN, budget) for _ in range(2)] == [None, "reader"]
    await store.delete_old_usage()
    assert await store.spend_turn(ANN, budget) == "reader"
    monkeypatch.undo()
    assert await store.spend_turn(ANN, budget) is None
