"""What one worker sees of another's turn. A lease of -1 seconds has run out as it is taken."""

import pytest
from chatkit.store import NotFoundError
from chatkit.types import ThreadItem

from backend.tests.samples import sample_answer, sample_question, sample_thread
from booklight.context import RequestContext, TurnState
from booklight.store.dead_turns import Conclusion
from booklight.store.leases import TurnLost
from booklight.store.threads import SqlStore
from booklight.store.turn_events import KeptEvents

ANN = RequestContext(owner="reader-ann")
BEN = RequestContext(owner="reader-ben")
SAID = KeptEvents(0, ['{"text":"🦉"}', '{"text":"\\u0000"}'])
MORE = KeptEvents(2, ['{"text":"and"}'])


@pytest.fixture
async def held(store: SqlStore) -> SqlStore:
    """A store in which a turn of ann's holds her thr_1."""
    await store.save_thread(sample_thread(), RequestContext(owner=ANN.owner))
    await store.add_thread_item("thr_1", sample_question(), ANN)
    assert await store.begin_turn("thr_1", "one", ANN, 60)
    return store


async def stored(store: SqlStore) -> list[ThreadItem]:
    return (await store.load_thread_items("thr_1", None, 10, "asc", ANN)).data


async def kept(store: SqlStore, after: int = 0, reader: RequestContext = ANN) -> list[str]:
    batches = await store.load_turn_events("thr_1", "one", after, reader)
    return [event for batch in batches for event in batch.events]


async def test_a_turn_is_seen_with_its_events_and_learns_that_it_is_followed(held: SqlStore) -> None:
    assert not (await held.renew_turn("thr_1", "one", 60)).followed
    seen = await held.follow_turn("thr_1", ANN, 60)
    assert seen is not None
    assert (seen.turn_id, seen.alive) == ("one", True)
    assert (await held.renew_turn("thr_1", "one", 60, SAID)).followed
    assert (await held.renew_turn("thr_1", "one", 60, MORE)).followed
    assert await kept(held) == [*SAID.events, *MORE.events]
    await held.follow_turn("thr_1", ANN, -1)
    assert not (await held.renew_turn("thr_1", "one", 60)).followed


@pytest.mark.parametrize("after", range(5))
async def test_events_are_read_on_from_any_of_them(held: SqlStore, after: int) -> None:
    await held.renew_turn("thr_1", "one", 60, SAID)
    await held.renew_turn("thr_1", "one", 60, MORE)
    assert await kept(held, after) == [*SAID.events, *MORE.events][after:]
    assert [batch.end for batch in await held.load_turn_events("thr_1", "one", 0, ANN)] == [2, 3]


async def test_events_that_are_kept_again_are_there_once(held: SqlStore) -> None:
    await held.renew_turn("thr_1", "one", 60, KeptEvents(0, SAID.events[:1]))
    await held.renew_turn("thr_1", "one", 60, SAID)
    assert await kept(held) == list(SAID.events)


async def test_a_turn_that_lost_its_thread_keeps_nothing_more(held: SqlStore) -> None:
    await held.end_turn("thr_1", "one")
    assert not (await held.renew_turn("thr_1", "one", 60, SAID)).goes_on
    assert await kept(held) == []


async def test_the_last_events_are_kept_for_those_who_follow_and_no_event_for_nobody(held: SqlStore) -> None:
    await held.renew_turn("thr_1", "one", 60, SAID)
    await held.follow_turn("thr_1", ANN, 60)
    await held.end_turn("thr_1", "one", lambda: MORE)
    assert await kept(held) == [*SAID.events, *MORE.events]
    assert await held.begin_turn("thr_1", "two", ANN, 60)
    await held.renew_turn("thr_1", "two", 60, SAID)
    await held.end_turn("thr_1", "two", lambda: MORE)
    assert await kept(held) == []


async def test_events_that_were_kept_for_followers_go_in_time(held: SqlStore) -> None:
    await held.renew_turn("thr_1", "one", 60, SAID)
    await held.delete_ended_turn_events()
    assert await kept(held) == list(SAID.events)
    await held.follow_turn("thr_1", ANN, 60)
    await held.end_turn("thr_1", "one", lambda: MORE)
    await held.delete_ended_turn_events()
    assert await kept(held) == []


async def test_the_next_turn_has_no_part_of_the_last_one(held: SqlStore) -> None:
    await held.follow_turn("thr_1", ANN, 60)
    await held.end_turn("thr_1", "one")
    assert await held.follow_turn("thr_1", ANN, 60) is None
    assert await held.begin_turn("thr_1", "two", ANN, 60)
    assert not (await held.renew_turn("thr_1", "two", 60)).followed


def keep_answer(events: object, behind: object) -> Conclusion:
    """End a turn with an answer."""
    return Conclusion([sample_answer(text="The wh")], MORE)


async def test_a_dead_turn_is_ended_once_with_what_it_left_and_its_last_events(held: SqlStore) -> None:
    await held.renew_turn("thr_1", "one", -1, SAID)
    told: list[object] = []

    def conclude(*known: object) -> Conclusion:
        told.extend(known)
        return keep_answer(*known)

    dead = await held.follow_turn("thr_1", ANN, 60)
    assert dead is not None
    assert not dead.alive
    assert [await held.end_dead_turn("thr_1", "one", conclude, ANN) for _ in range(2)] == [True, False]
    assert told == [list(SAID.events), []]
    assert await stored(held) == [sample_question(), sample_answer(text="The wh")]
    assert await kept(held) == [*SAID.events, *MORE.events]
    assert await held.begin_turn("thr_1", "two", ANN, 60)
    with pytest.raises(TurnLost):
        await held.add_thread_item("thr_1", sample_answer(), RequestContext(owner=ANN.owner, turn=TurnState(id="one")))


async def test_what_a_dead_turn_has_finished_is_known_and_not_replaced(held: SqlStore) -> None:
    await held.add_thread_item("thr_1", sample_answer(text="The whole of it."), ANN)
    await held.renew_turn("thr_1", "one", -1)
    assert await held.end_dead_turn("thr_1", "one", keep_answer, ANN)
    assert (await stored(held))[-1] == sample_answer(text="The whole of it.")


async def test_nobody_follows_or_ends_anothers_turn(held: SqlStore) -> None:
    await held.renew_turn("thr_1", "one", -1, SAID)
    assert await held.follow_turn("thr_1", BEN, 60) is None
    assert await kept(held, reader=BEN) == []
    assert not await held.end_dead_turn("thr_1", "one", keep_answer, BEN)
    with pytest.raises(NotFoundError):
        await held.load_thread_items("thr_1", None, 10, "asc", BEN)
    assert not (await held.renew_turn("thr_1", "one", 60)).followed


class Retry:
    """A turn that answers the question of thr_1 again, which had the answer `msg_old`."""

    def __init__(self, store: SqlStore) -> None:
        self.store, self.context = store, RequestContext(owner=ANN.owner, turn=TurnState(id="one"))

    async def begin(self) -> None:
        await self.store.add_thread_item("thr_1", sample_answer("msg_old", "Old."), self.context)
        await self.store.hide_replaced("thr_1", sample_question().id, self.context)


@pytest.fixture
async def retry(held: SqlStore) -> Retry:
    retry = Retry(held)
    await retry.begin()
    return retry


async def ids(store: SqlStore) -> list[str]:
    return [item.id for item in await stored(store)]


async def test_a_retry_hides_an_answer_and_replaces_it_by_its_own(retry: Retry) -> None:
    question = sample_question().id
    assert await ids(retry.store) == [question]
    await retry.store.add_thread_item("thr_1", sample_question("msg_found"), retry.context)
    assert await ids(retry.store) == [question]
    await retry.store.add_thread_item("thr_1", sample_answer("msg_new", "New."), retry.context)
    assert await ids(retry.store) == [question, "msg_found", "msg_new"]
    await retry.store.add_thread_item("thr_1", sample_question("msg_more"), retry.context)
    assert await ids(retry.store) == [question, "msg_found", "msg_new", "msg_more"]


async def test_a_retry_that_comes_to_nothing_leaves_the_answer(retry: Retry) -> None:
    await retry.store.give_up_replacing("thr_1", retry.context)
    assert await ids(retry.store) == [sample_question().id, "msg_old"]


@pytest.mark.parametrize("begun", [False, True])
async def test_a_retry_whose_worker_died_leaves_the_old_answer_or_the_new_one(retry: Retry, begun: bool) -> None:
    await retry.store.renew_turn("thr_1", "one", -1, SAID)
    new = [sample_answer("msg_new", "New")] if begun else []
    assert await retry.store.end_dead_turn("thr_1", "one", lambda *_: Conclusion(new, MORE), ANN)
    assert await ids(retry.store) == [sample_question().id, "msg_new" if begun else "msg_old"]
