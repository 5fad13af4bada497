"""What one worker sees of another's turn. A lease of -1 seconds has run out as it is taken."""

import pytest
from chatkit.store import NotFoundError
from chatkit.types import ThreadItem

from backend.tests.samples import sample_answer, sample_question, sample_thread
from booklight.context import RequestContext, TurnState
from booklight.store.leases import TurnLost
from booklight.store.threads import SqlStore

ANN = RequestContext(owner="reader-ann")
BEN = RequestContext(owner="reader-ben")


@pytest.fixture
async def held(store: SqlStore) -> SqlStore:
    """A store in which a turn of ann's holds her thr_1."""
    await store.save_thread(sample_thread(), RequestContext(owner=ANN.owner))
    await store.add_thread_item("thr_1", sample_question(), ANN)
    assert await store.begin_turn("thr_1", "one", ANN, 60)
    return store


async def stored(store: SqlStore) -> list[ThreadItem]:
    return (await store.load_thread_items("thr_1", None, 10, "asc", ANN)).data


async def test_a_turn_is_seen_with_what_it_has_begun_and_learns_that_it_is_followed(held: SqlStore) -> None:
    assert not (await held.renew_turn("thr_1", "one", 60)).followed
    seen = await held.follow_turn("thr_1", ANN, 60)
    assert seen is not None
    assert (seen.turn_id, list(seen.drafts), seen.alive) == ("one", [], True)
    drafts = [sample_answer("msg_begun", "Half an 🦉")]
    assert (await held.renew_turn("thr_1", "one", 60, drafts)).followed
    seen = await held.follow_turn("thr_1", ANN, -1)
    assert seen is not None
    assert list(seen.drafts) == drafts
    assert not (await held.renew_turn("thr_1", "one", 60)).followed
    assert await stored(held) == [sample_question()]


async def test_the_next_turn_has_no_part_of_the_last_one(held: SqlStore) -> None:
    await held.follow_turn("thr_1", ANN, 60)
    await held.renew_turn("thr_1", "one", 60, [sample_answer()])
    await held.end_turn("thr_1", "one")
    assert await held.follow_turn("thr_1", ANN, 60) is None
    assert await held.begin_turn("thr_1", "two", ANN, 60)
    assert not (await held.renew_turn("thr_1", "two", 60)).followed


async def test_a_dead_turn_is_ended_once_and_what_it_left_is_kept(held: SqlStore) -> None:
    await held.renew_turn("thr_1", "one", -1, [sample_answer()])
    dead = await held.follow_turn("thr_1", ANN, 60)
    assert dead is not None
    assert not dead.alive
    assert [await held.end_dead_turn("thr_1", "one", dead.drafts, ANN) for _ in range(2)] == [True, False]
    assert await stored(held) == [sample_question(), sample_answer()]
    assert await held.begin_turn("thr_1", "two", ANN, 60)
    with pytest.raises(TurnLost):
        await held.add_thread_item("thr_1", sample_answer(), RequestContext(owner=ANN.owner, turn=TurnState(id="one")))


async def test_what_a_dead_turn_has_finished_is_not_replaced_by_a_draft(held: SqlStore) -> None:
    await held.add_thread_item("thr_1", sample_answer(text="The whole of it."), ANN)
    await held.renew_turn("thr_1", "one", -1)
    assert await held.end_dead_turn("thr_1", "one", [sample_answer(text="The wh")], ANN)
    assert (await stored(held))[-1] == sample_answer(text="The whole of it.")


async def test_a_turn_that_lives_is_not_ended(held: SqlStore) -> None:
    assert not await held.end_dead_turn("thr_1", "one", [sample_answer()], ANN)
    assert not await held.begin_turn("thr_1", "two", ANN, 60)
    assert await stored(held) == [sample_question()]


async def test_nobody_follows_or_ends_anothers_turn(held: SqlStore) -> None:
    await held.renew_turn("thr_1", "one", -1, [sample_answer()])
    assert await held.follow_turn("thr_1", BEN, 60) is None
    assert not await held.end_dead_turn("thr_1", "one", [sample_answer()], BEN)
    with pytest.raises(NotFoundError):
        await held.load_thread_items("thr_1", None, 10, "asc", BEN)
    assert not (await held.renew_turn("thr_1", "one", 60)).followed
