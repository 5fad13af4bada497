"""Retention: what is old is forgotten on start and once a day, and what is in use is not."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from backend.tests.live import Json, Live, live_sidecar, thread_of
from backend.tests.paced_model import PacedModel
from booklight.store import retention
from booklight.store.database import StoreUnavailable
from booklight.store.retention import enforce_retention
from booklight.store.tables import current_moment, threads
from booklight.store.threads import SqlStore, prune_threads


async def grow_old(store: SqlStore, thread_id: str, days: int) -> None:
    """Let the last activity in a thread be `days` ago."""
    old = {"updated_at": current_moment() - timedelta(days=days)}
    async with store._database.statement() as connection:
        await connection.execute(update(threads).where(threads.c.id == thread_id).values(old))


async def ask_twice(live: Live) -> tuple[str, str, dict[str, str]]:
    reader = await live.reader()
    old, new = thread_of(await reader.ask("Do they?")), thread_of(await reader.ask("Really?"))
    await grow_old(live.store, old, days=31)
    return old, new, reader.headers


async def until_listed(live: Live, headers: dict[str, str], expected: list[str]) -> list[str]:
    """Return the reader's threads once they are as `expected`."""
    request: Json = {"type": "threads.list", "params": {}}
    async with asyncio.timeout(10):
        while True:
            response = await live.http.post("/assistant/chatkit", json=request, headers=headers)
            listed = [str(thread["id"]) for thread in response.json()["data"]]
            if listed == expected:
                return listed


async def test_old_threads_are_forgotten_on_start_where_that_is_set(database_url: str) -> None:
    async with live_sidecar(PacedModel(["Yes."]), database_url) as live:
        old, new, headers = await ask_twice(live)
    async with live_sidecar(PacedModel([]), database_url) as live:
        assert await until_listed(live, headers, [new, old]) == [new, old]
    async with live_sidecar(PacedModel([]), database_url, retention_days=30) as live:
        assert await until_listed(live, headers, [new]) == [new]


async def test_a_command_prunes_and_counts(database_url: str) -> None:
    async with live_sidecar(PacedModel(["Yes."]), database_url) as live:
        await ask_twice(live)
    assert await prune_threads(database_url, timedelta(days=30)) == 1
    assert await prune_threads(database_url, timedelta(days=30)) == 0


class FailingStore:
    """A store that fails on its first day."""

    def __init__(self) -> None:
        self.days: list[str] = []
        self.pruned = asyncio.Event()

    async def delete_old_usage(self) -> None:
        self.days.append("day")
        if len(self.days) == 1:
            raise StoreUnavailable("postgresql://reader@10.0.0.7 refused")

    async def delete_ended_turn_events(self) -> None:
        """Nothing was kept."""

    async def delete_expired_shares(self) -> None:
        """Nothing was shared."""

    async def prune(self, older_than: timedelta) -> int:
        self.pruned.set()
        return 0


async def test_a_day_on_which_the_database_fails_is_made_up_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(retention, "DAY_SECONDS", 0)
    store = FailingStore()
    keeping = asyncio.create_task(enforce_retention(store, timedelta(days=30)))
    async with asyncio.timeout(10):
        await store.pruned.wait()
    keeping.cancel()
    assert "StoreUnavailable" in caplog.text
    assert "10.0.0.7" not in caplog.text


async def test_an_error_that_is_no_failure_of_the_database_is_not_taken_for_one() -> None:
    class BrokenStore(FailingStore):
        async def prune(self, older_than: timedelta) -> int:
            raise ArithmeticError

        async def delete_old_usage(self) -> None:
            """Nothing to forget."""

    with pytest.raises(ArithmeticError):
        await asyncio.wait_for(enforce_retention(BrokenStore(), timedelta(days=30)), 10)
