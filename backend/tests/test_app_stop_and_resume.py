"""Turns that are stopped, left and taken up again over real HTTP: nothing that was said is lost."""

import asyncio

import pytest

from backend.tests.held_answer import held_answer
from backend.tests.live import (
    PATIENCE,
    action_request,
    answers,
    is_dance,
    live_sidecar,
    question_request,
    thread_of,
)
from backend.tests.paced_model import PacedModel
from backend.tests.scripted_model import serve_held_model
from booklight.context import RequestContext
from booklight.llm.models import connect_model
from booklight.settings import Settings


async def test_a_stop_keeps_what_was_said_and_ends_the_model(database_url: str) -> None:
    async with held_answer(database_url) as held:
        seen = await held.stop()
        items = await held.reader.items(held.thread_id)
        held.model.go_on.set()
        following = await held.reader.ask("And now?", held.thread_id)
    assert held.model.cancelled.is_set()
    assert seen[-1]["type"] == "thread.item.done"
    assert answers(items) == ["Bees dance"]
    assert [item["type"] for item in items] == ["user_message", "assistant_message", "end_of_turn"]
    assert following[-1]["item"]["content"][0]["text"] == "Bees dance in eights."
    assert not any("cancelled" in str(sent) for sent in held.model.inputs)


async def test_a_question_right_behind_a_stop_is_answered(database_url: str) -> None:
    async with held_answer(database_url) as held:
        held.model.go_on = asyncio.Event()
        stopped = await held.reader.send(action_request("booklight.stop", held.thread_id))
        held.model.go_on.set()
        following = await held.reader.send(question_request("And now?", held.thread_id))
    assert (stopped.status_code, following.status_code) == (200, 200)


async def test_a_stop_hangs_up_on_the_model(sqlite_url: str) -> None:
    with serve_held_model() as held:
        model = connect_model(Settings(_env_file=None, model="openai:held", model_base_url=held.base_url))
        async with live_sidecar(model, sqlite_url) as live:
            reader = await live.reader()
            async with reader.stream(question_request("What is a waggle dance?")) as events:
                await events.until(is_dance)
                await reader.send(action_request("booklight.stop", thread_of(events.seen)))
                assert await asyncio.to_thread(held.hung_up.wait, PATIENCE)
        await model.close()


async def test_a_reader_who_comes_back_sees_the_whole_answer(sqlite_url: str) -> None:
    async with held_answer(sqlite_url) as held:
        await held.leave()
        async with held.reader.stream(action_request("booklight.resume", held.thread_id)) as taken_up:
            await taken_up.until(is_dance)
            assert taken_up.seen == held.events.seen
            held.model.go_on.set()
            whole = await taken_up.rest()
    assert not held.model.cancelled.is_set()
    assert whole[-1]["item"]["content"][0]["text"] == "Bees dance in eights."


async def test_there_is_nothing_to_take_up_when_nobody_answers(sqlite_url: str) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url) as live:
        reader = await live.reader()
        thread_id = thread_of(await reader.ask("Do they?"))
        response = await reader.send(action_request("booklight.resume", thread_id))
    assert response.status_code == 404


@pytest.mark.parametrize("moment", range(4))
async def test_leaving_at_any_moment_leaves_no_empty_thread(sqlite_url: str, moment: int) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url, resume_seconds=0) as live:
        reader = await live.reader()
        async with reader.stream(question_request("How?")) as events:
            for _ in range(moment):
                await events.until(lambda _: True)
        listed = (await reader.send({"type": "threads.list", "params": {}})).json()["data"]
        for thread in listed:
            assert await reader.items(thread["id"])


async def test_the_process_ends_with_every_answer_kept(database_url: str) -> None:
    async with held_answer(database_url, resume_seconds=600) as held:
        await held.leave()
    assert held.model.cancelled.is_set()
    async with live_sidecar(PacedModel([]), database_url) as live:
        owner = RequestContext(owner=await live.owner_of(held.thread_id))
        kept = await live.store.load_thread_items(held.thread_id, None, 10, "asc", owner)
    assert answers([item.model_dump() for item in kept.data]) == ["Bees dance"]
