"""Readers of a turn who come, leave and come back, here or on another worker; and how a message grows for them."""

import asyncio

from chatkit.types import AssistantMessageContent, AssistantMessageItem, ThreadItemAddedEvent, ThreadItemUpdatedEvent

from backend.tests.samples import sample_answer
from booklight.chat.open_items import OpenItems
from booklight.chat.resume import growth
from booklight.chat.viewers import Readers


class Turn:
    """A turn whose other workers are asked about its readers; `there` is what they say."""

    def __init__(self, *, there: bool = False) -> None:
        self.there, self.ended = there, asyncio.Event()
        self.looked = asyncio.Event()
        self.readers = Readers(0, look=self.look, end=self.ended.set)

    async def look(self) -> None:
        self.readers.note_elsewhere(self.there)
        self.looked.set()


async def test_a_turn_ends_when_its_last_reader_has_left() -> None:
    turn = Turn()
    with turn.readers.reading(), turn.readers.reading():
        pass
    await asyncio.wait_for(turn.ended.wait(), 5)
    await turn.readers.close()


async def test_a_turn_that_nobody_has_read_yet_goes_on() -> None:
    turn = Turn()
    await turn.look()
    await turn.readers.close()
    assert not turn.ended.is_set()


async def test_a_reader_on_another_worker_keeps_a_turn_until_they_leave() -> None:
    turn = Turn(there=True)
    with turn.readers.reading():
        pass
    await asyncio.wait_for(turn.looked.wait(), 5)
    assert (turn.readers.elsewhere, turn.ended.is_set()) == (True, False)
    turn.there = False
    await turn.look()
    await asyncio.wait_for(turn.ended.wait(), 5)
    await turn.readers.close()


async def test_a_reader_who_comes_back_in_time_keeps_a_turn() -> None:
    turn = Turn()
    with turn.readers.reading():
        pass
    with turn.readers.reading():
        await asyncio.sleep(0)
        await turn.readers.close()
    assert not turn.ended.is_set()


def test_updates_make_of_a_message_what_it_has_become() -> None:
    short = sample_answer(text="Bees")
    short.content[0].annotations = []
    grown = sample_answer(text="Bees dance.")
    grown.content.append(AssistantMessageContent(text="Often."))
    assert grow(short, grown) == grown
    assert list(growth(grown, grown)) == []


def grow(before: AssistantMessageItem, now: AssistantMessageItem) -> AssistantMessageItem:
    """Return `before` after the updates, as whoever follows a stream makes it."""
    follower = OpenItems()
    follower.follow(ThreadItemAddedEvent(item=before))
    for update in growth(before, now):
        follower.follow(ThreadItemUpdatedEvent(item_id=before.id, update=update))
    return follower.unfinished()[0]
