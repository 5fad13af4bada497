"""The leases of a worker's turns are renewed together, and none holds up another."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text
from sqlalchemy.pool import Pool

from backend.tests.samples import sample_thread
from booklight import timing
from booklight.context import RequestContext
from booklight.store.database import StoreUnavailable
from booklight.store.renewals import Renewal
from booklight.store.threads import SqlStore, open_store
from booklight.store.turn_events import KeptEvents

ANN = RequestContext(owner="reader-ann")
TURNS = 40
GOES_ON = Renewal(goes_on=True)


@pytest.fixture
async def worker(database_url: str) -> AsyncIterator[SqlStore]:
    """A worker whose turns 0, 1, … hold threads of their own."""
    store = await open_store(database_url)
    for number in range(TURNS):
        await store.save_thread(sample_thread(f"thr_{number}"), RequestContext(owner=ANN.owner))
        assert await store.begin_turn(f"thr_{number}", f"turn {number}", ANN, 60)
    yield store
    await store.close()


@contextmanager
def connections_taken() -> Iterator[list[object]]:
    """Note each time that a connection is taken from a pool."""
    taken: list[object] = []

    def note(connection: object, *_: object) -> None:
        taken.append(connection)

    event.listen(Pool, "checkout", note)
    try:
        yield taken
    finally:
        event.remove(Pool, "checkout", note)


def said(number: int) -> KeptEvents:
    """Return what a turn has said: every other turn says nothing."""
    return KeptEvents(0, [f'"{number}"']) if number % 2 else KeptEvents()


async def renew(store: SqlStore, number: int) -> Renewal:
    return await store.renew_turn(f"thr_{number}", f"turn {number}", 60, said(number))


async def test_all_leases_of_a_worker_are_renewed_together_and_each_keeps_its_own_events(worker: SqlStore) -> None:
    with connections_taken() as taken:
        renewals = await asyncio.gather(*(renew(worker, number) for number in range(TURNS)))
    assert len(taken) == 1
    assert renewals == [GOES_ON] * TURNS
    for number in range(TURNS):
        kept = await worker.load_turn_events(f"thr_{number}", f"turn {number}", 0, ANN)
        assert [batch.events for batch in kept] == [said(number).events][: number % 2]


async def test_each_turn_learns_what_became_of_its_own_thread(worker: SqlStore) -> None:
    await worker.delete_thread("thr_0", ANN)
    await worker.ask_stop("thr_1", ANN)
    await worker.follow_turn("thr_2", ANN, 60)
    renewals = await asyncio.gather(*(renew(worker, number) for number in range(4)))
    assert renewals == [Renewal(goes_on=False), Renewal(goes_on=False), Renewal(goes_on=True, followed=True), GOES_ON]


async def test_a_renewal_that_nobody_waits_for_any_more_disturbs_no_other(worker: SqlStore) -> None:
    left = asyncio.create_task(renew(worker, 0))
    others = [asyncio.create_task(renew(worker, number)) for number in (1, 2)]
    await asyncio.sleep(0)
    left.cancel()
    assert await asyncio.gather(*others) == [GOES_ON] * 2
    assert await renew(worker, 0) == GOES_ON


@pytest.mark.parametrize("database_kind", ["postgres"])
async def test_a_thread_that_is_locked_holds_up_no_other_and_is_renewed_later(
    worker: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "GATHER_SECONDS", 0)
    async with worker.database.transaction() as connection:
        await connection.execute(text("SELECT id FROM threads WHERE id = 'thr_0' FOR UPDATE"))
        renewals = await asyncio.gather(*(renew(worker, number) for number in range(3)), return_exceptions=True)
    assert isinstance(renewals[0], StoreUnavailable)
    assert renewals[1:] == [GOES_ON] * 2
    assert await renew(worker, 0) == GOES_ON
