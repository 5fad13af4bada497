"""Viewers of a turn who come, leave and come back, here or on another worker."""

import asyncio

import pytest

from booklight.chat.viewers import Viewers


class Turn:
    """A turn whose other workers are asked about its viewers; `there` is what they say."""

    def __init__(self, *, there: bool = False) -> None:
        self.there, self.ended = there, asyncio.Event()
        self.polled = asyncio.Event()
        self.viewers = Viewers(0, poll=self.poll, end=self.ended.set)

    async def poll(self) -> None:
        self.viewers.note_remote(self.there)
        self.polled.set()


async def test_a_turn_ends_when_its_last_viewer_has_left() -> None:
    turn = Turn()
    with turn.viewers.viewing(), turn.viewers.viewing():
        pass
    await asyncio.wait_for(turn.ended.wait(), 5)
    await turn.viewers.close()


async def test_a_turn_ends_when_those_on_other_workers_cannot_be_learned_of(caplog: pytest.LogCaptureFixture) -> None:
    async def poll() -> None:
        raise ArithmeticError

    ended = asyncio.Event()
    viewers = Viewers(0, poll=poll, end=ended.set)
    with viewers.viewing():
        pass
    await asyncio.wait_for(ended.wait(), 5)
    await viewers.close()
    assert "ArithmeticError" in caplog.text


async def test_a_turn_that_nobody_has_viewed_yet_goes_on() -> None:
    turn = Turn()
    await turn.poll()
    await turn.viewers.close()
    assert not turn.ended.is_set()


async def test_a_viewer_on_another_worker_keeps_a_turn_until_they_leave() -> None:
    turn = Turn(there=True)
    with turn.viewers.viewing():
        pass
    await asyncio.wait_for(turn.polled.wait(), 5)
    assert (turn.viewers.remote, turn.ended.is_set()) == (True, False)
    turn.there = False
    await turn.poll()
    await asyncio.wait_for(turn.ended.wait(), 5)
    await turn.viewers.close()


async def test_a_viewer_who_comes_back_in_time_keeps_a_turn() -> None:
    turn = Turn()
    with turn.viewers.viewing():
        pass
    with turn.viewers.viewing():
        await asyncio.sleep(0)
        await turn.viewers.close()
    assert not turn.ended.is_set()
