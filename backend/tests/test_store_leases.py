"""One turn at a time in a thread, whatever the number of workers. A lease of -1 seconds has run out as it is taken."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from chatkit.store import NotFoundError

from backend.tests.samples import sample_answer, sample_question, sample_thread
from booklight.context import FirstLease, RequestContext, TurnState
from booklight.store.dead_turns import Conclusion
from booklight.store.leases import TurnLost
from booklight.store.threads import SqlStore, open_store
from booklight.store.turn_events import NO_EVENTS

ANN = RequestContext(owner="reader-ann")
BEN = RequestContext(owner="reader-ben")


async def end_dead(worker: SqlStore, turn_id: str) -> bool:
    """End a turn whose lease ran out, of which nothing was left."""
    return await worker.end_dead_turn("thr_1", turn_id, lambda kept, stored: Conclusion([], NO_EVENTS), ANN)


@pytest.fixture
async def workers(database_url: str) -> AsyncIterator[list[SqlStore]]:
    """Three workers on one database, in which ann has thr_1."""
    stores = [await open_store(database_url) for _ in range(3)]
    await stores[0].save_thread(sample_thread(), RequestContext(owner=ANN.owner))
    yield stores
    for store in stores:
        await store.close()


async def test_a_second_turn_is_refused_until_the_first_ends(workers: list[SqlStore]) -> None:
    here, there, _ = workers
    assert await here.begin_turn("thr_1", "one", ANN, 60)
    assert not await there.begin_turn("thr_1", "two", ANN, 60)
    await here.end_turn("thr_1", "one")
    assert await there.begin_turn("thr_1", "two", ANN, 60)


async def test_a_thread_that_a_turn_makes_is_held_by_it_from_the_first(workers: list[SqlStore]) -> None:
    here, there, _ = workers
    for thread_id, seconds in (("thr_2", 60.0), ("thr_3", -1.0)):
        making = RequestContext(owner=ANN.owner)
        making.turn.first_lease = FirstLease("one", seconds)
        await here.save_thread(sample_thread(thread_id), making)
        assert not await there.begin_turn(thread_id, "two", ANN, 60)
    assert await there.find_dead_turn("thr_2", ANN) is None
    assert await there.find_dead_turn("thr_3", ANN) == "one"
    assert (await here.renew_turn("thr_2", "one", 60)).goes_on
    await here.end_turn("thr_2", "one")
    assert await there.begin_turn("thr_2", "two", ANN, 60)


async def test_a_thread_that_a_turn_makes_has_the_title_of_its_question_until_it_has_another(
    workers: list[SqlStore],
) -> None:
    here, there, _ = workers
    making = RequestContext(owner=ANN.owner)
    making.turn.first_lease, making.turn.first_title = FirstLease("one", 60), "How do bees dance?"
    made = sample_thread("thr_2").model_copy(update={"title": None, "metadata": {}})
    await here.save_thread(made, making)
    kept = await there.load_thread("thr_2", ANN)
    assert (kept.title, kept.metadata["session"]) == ("How do bees dance?", ANN.owner)
    await there.replace_title("thr_2", "How do bees dance?", "Dances", ANN)
    await here.save_thread(kept, making)
    assert (await there.load_thread("thr_2", ANN)).title == "Dances"
    await here.save_thread(kept.model_copy(update={"title": "In the dark"}), making)
    assert (await there.load_thread("thr_2", ANN)).title == "In the dark"
    await here.save_thread(kept, making)
    assert (await there.load_thread("thr_2", ANN)).title == "How do bees dance?"


async def test_of_many_turns_that_begin_at_once_one_gets_the_thread(workers: list[SqlStore]) -> None:
    begun = await asyncio.gather(*(workers[n % 3].begin_turn("thr_1", f"turn {n}", ANN, 60) for n in range(30)))
    assert begun.count(True) == 1


async def test_beginning_the_same_turn_again_keeps_it(workers: list[SqlStore]) -> None:
    assert await workers[0].begin_turn("thr_1", "one", ANN, 60)
    assert await workers[0].begin_turn("thr_1", "one", ANN, 60)


async def test_a_turn_whose_lease_ran_out_is_ended_before_the_next_and_is_then_lost(workers: list[SqlStore]) -> None:
    here, there, _ = workers
    assert await here.begin_turn("thr_1", "one", ANN, -1)
    assert not await there.begin_turn("thr_1", "two", ANN, 60)
    assert await there.find_dead_turn("thr_1", ANN) == "one"
    assert await end_dead(there, "one")
    assert await there.begin_turn("thr_1", "two", ANN, 60)
    assert not (await here.renew_turn("thr_1", "one", 60)).goes_on
    await here.end_turn("thr_1", "one")
    assert (await there.renew_turn("thr_1", "two", 60)).goes_on


async def test_a_lease_that_ran_out_is_renewed_if_nobody_took_it(workers: list[SqlStore]) -> None:
    here, there, _ = workers
    assert await here.begin_turn("thr_1", "one", ANN, -1)
    assert (await here.renew_turn("thr_1", "one", 60)).goes_on
    assert not await there.begin_turn("thr_1", "two", ANN, 60)


async def test_a_turn_that_renews_its_lease_is_not_dead(workers: list[SqlStore]) -> None:
    here, there, _ = workers
    assert await here.begin_turn("thr_1", "one", ANN, 60)
    assert await there.find_dead_turn("thr_1", ANN) is None
    assert not await end_dead(there, "one")
    assert (await here.renew_turn("thr_1", "one", 60)).goes_on


async def test_a_stop_reaches_the_turn_on_another_worker_and_no_later_turn(workers: list[SqlStore]) -> None:
    here, there, _ = workers
    assert await here.begin_turn("thr_1", "one", ANN, 60)
    await there.ask_stop("thr_1", ANN)
    assert not (await here.renew_turn("thr_1", "one", 60)).goes_on
    assert not await there.begin_turn("thr_1", "two", ANN, 60), "it is still held, to save what there is"
    await here.end_turn("thr_1", "one")
    assert await there.begin_turn("thr_1", "two", ANN, 60)
    assert (await there.renew_turn("thr_1", "two", 60)).goes_on


async def test_a_stop_with_no_turn_running_stops_nothing(workers: list[SqlStore]) -> None:
    await workers[0].ask_stop("thr_1", ANN)
    assert await workers[0].begin_turn("thr_1", "one", ANN, 60)
    assert (await workers[0].renew_turn("thr_1", "one", 60)).goes_on


async def test_a_stop_of_a_turn_whose_worker_died_does_not_stop_the_next(workers: list[SqlStore]) -> None:
    assert await workers[0].begin_turn("thr_1", "died", ANN, -1)
    await workers[1].ask_stop("thr_1", ANN)
    assert await end_dead(workers[1], "died")
    assert await workers[1].begin_turn("thr_1", "next", ANN, 60)
    assert (await workers[1].renew_turn("thr_1", "next", 60)).goes_on


@pytest.mark.parametrize(("thread_id", "reader"), [("thr_1", BEN), ("thr_unknown", ANN), ("\x00", ANN)])
async def test_turns_and_stops_in_threads_that_are_not_theirs(
    workers: list[SqlStore], thread_id: str, reader: RequestContext
) -> None:
    assert await workers[0].begin_turn("thr_1", "one", ANN, 60)
    with pytest.raises(NotFoundError):
        await workers[0].begin_turn(thread_id, "two", reader, 60)
    with pytest.raises(NotFoundError):
        await workers[0].ask_stop(thread_id, reader)
    assert (await workers[0].renew_turn("thr_1", "one", 60)).goes_on


async def test_a_turn_in_a_deleted_thread_is_lost(workers: list[SqlStore]) -> None:
    assert await workers[0].begin_turn("thr_1", "one", ANN, 60)
    await workers[1].delete_thread("thr_1", ANN)
    assert not (await workers[0].renew_turn("thr_1", "one", 60)).goes_on
    await workers[0].end_turn("thr_1", "one")


async def test_a_turn_that_lost_its_thread_cannot_write_into_the_next_ones(workers: list[SqlStore]) -> None:
    here, there, _ = workers
    slow = RequestContext(owner=ANN.owner, turn=TurnState(id="one"))
    quick = RequestContext(owner=ANN.owner, turn=TurnState(id="two"))
    assert await here.begin_turn("thr_1", "one", slow, -1)
    await here.add_thread_item("thr_1", sample_question("msg_1"), slow)
    assert await end_dead(there, "one")
    assert await there.begin_turn("thr_1", "two", quick, 60)
    await there.add_thread_item("thr_1", sample_question("msg_2"), quick)
    with pytest.raises(TurnLost):
        await here.add_thread_item("thr_1", sample_answer("msg_late"), slow)
    with pytest.raises(TurnLost):
        await here.delete_thread_item("thr_1", "msg_2", slow)
    page = await there.load_thread_items("thr_1", None, 10, "asc", quick)
    assert [item.id for item in page.data] == ["msg_1", "msg_2"]


async def test_saving_a_thread_leaves_its_turn_alone(workers: list[SqlStore]) -> None:
    assert await workers[0].begin_turn("thr_1", "one", ANN, 60)
    await workers[1].save_thread(sample_thread(title="Renamed"), RequestContext(owner=ANN.owner))
    assert not await workers[1].begin_turn("thr_1", "two", ANN, 60)
    assert (await workers[0].renew_turn("thr_1", "one", 60)).goes_on
