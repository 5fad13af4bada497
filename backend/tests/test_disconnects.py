"""Two hundred readers who leave at random moments, on Postgres: nothing lost, left running, locked or empty."""

import asyncio
import random
import re
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.tests.live import Json, Live, Reader, answers, live_sidecar, native_events, question_request, thread_of
from backend.tests.paced_model import HOLD, Input, PacedModel
from booklight.context import RequestContext
from booklight.store.tables import items, threads

READERS = 200
AT_ONCE = 8
PIECES = [f"piece {number}. " for number in range(12)]
SEED = 20260517


def pausing_model() -> PacedModel:
    """Return a model that says PIECES, and waits before the one whose number the question names."""

    def pieces(asked: Input) -> list[str]:
        pause = int(re.findall(r"piece (\d+)", str(asked))[-1])
        return [*PIECES[:pause], HOLD, *PIECES[pause:]]

    return PacedModel(pieces)


@dataclass
class Left:
    """What a reader had seen when they left."""

    reader: Reader
    thread_id: str | None
    text: str


async def ask_and_leave(reader: Reader, pause: int, events: int) -> Left:
    """Ask for an answer that waits before piece `pause`, and leave after so many events, or at the pause."""
    seen: list[Json] = []
    last = f"piece {pause - 1}. " if pause else None
    async with reader.stream(question_request(f"Wait before piece {pause}")) as stream:
        while len(seen) < events:
            seen.append(await stream.until(lambda _: True))
            text = said(seen)
            waits = last is None and seen[-1]["type"] == "thread.item.added"
            if waits or (last is not None and text.endswith(last.rstrip())):
                break
    return Left(reader, thread_of(seen) if seen else None, said(seen))


def said(events: list[Json]) -> str:
    """Return the text that events have brought so far."""
    updates = [event["update"] for event in events if event["type"] == "thread.item.updated"]
    return "".join(update["delta"] for update in updates if "delta" in update)


async def leave_at_random(live: Live, chance: random.Random) -> list[Left]:
    """Let all readers ask and leave, some at a time."""
    gate = asyncio.Semaphore(AT_ONCE)
    reader = await live.reader()
    moments = [(chance.randrange(len(PIECES) + 1), chance.randrange(30)) for _ in range(READERS)]

    async def one(pause: int, events: int) -> Left:
        async with gate:
            return await ask_and_leave(reader, pause, events)

    return await asyncio.gather(*(one(pause, events) for pause, events in moments))


async def until_all_ended(live: Live, model: PacedModel) -> None:
    """Return when no model runs and no thread is held."""
    held = select(func.count()).select_from(threads).where(threads.c.turn_id.is_not(None))
    async with asyncio.timeout(20):
        while True:
            async with live.store._database.statement() as connection:
                if (await connection.execute(held)).scalar_one() == 0 and model.running == 0:
                    return


@pytest.mark.parametrize("database_kind", ["postgres"])
async def test_readers_who_leave_lose_nothing_and_leave_nothing_behind(database_url: str) -> None:
    model = pausing_model()
    bounds: dict[str, Any] = {"turns_per_minute": 10_000, "turns_per_minute_per_address": 10_000, "resume_seconds": 0}
    async with live_sidecar(model, database_url, **bounds) as live:
        left = await leave_at_random(live, random.Random(SEED))
        await until_all_ended(live, model)
        lost = [one for one in left if one.thread_id and one.text not in await stored_answer(live, one.thread_id)]
        ghosts = await threads_without_question(live)
        model.go_on.set()
        again = [one for one in left if one.thread_id][::20]
        replies = [await one.reader.send(question_request("Go on from piece 0", one.thread_id)) for one in again]
    seen_text = [one for one in left if one.text]
    assert len(left) == READERS
    assert len(seen_text) > READERS // 4
    assert lost == []
    assert ghosts == 0
    assert {reply.status_code for reply in replies} == {200}
    assert {said(native_events(reply.text)) for reply in replies} == {"".join(PIECES)}


async def stored_answer(live: Live, thread_id: str) -> str:
    """Return what is kept of the answer in a thread."""
    context = RequestContext(owner=await live.owner_of(thread_id))
    page = await live.store.load_thread_items(thread_id, None, 10, "asc", context)
    return "".join(answers([item.model_dump() for item in page.data]))


async def threads_without_question(live: Live) -> int:
    """Count the threads in which nothing was asked."""
    asked = select(items.c.id).where(items.c.thread_id == threads.c.id, items.c.type == "user_message").exists()
    async with live.store._database.statement() as connection:
        count = await connection.execute(select(func.count()).select_from(threads).where(~asked))
        return int(count.scalar_one())
