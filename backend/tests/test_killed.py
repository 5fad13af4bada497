"""A sidecar that is killed in mid-answer: what was shown as saved is there, and another one goes on."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from backend.tests.live import PATIENCE, Json, Reader, answers, is_dance, native_events, question_request, thread_of


@asynccontextmanager
async def sidecar(database_url: str, folder: Path, behaviour: str) -> AsyncIterator[tuple[Process, httpx.AsyncClient]]:
    """Run a sidecar in a process of its own, and kill it in the end."""
    arguments = ["-m", "backend.tests.killed_sidecar", database_url, str(folder), behaviour]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE)
    assert process.stdout is not None
    try:
        url = (await process.stdout.readline()).decode().strip()
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
            yield process, http
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ask_until_free(reader: Reader, thread_id: str) -> tuple[list[int], list[Json]]:
    """Ask as often as the thread is busy; return the statuses and the events of the answer."""
    statuses: list[int] = []
    async with asyncio.timeout(PATIENCE):
        while True:
            response = await reader.send(question_request("And now?", thread_id))
            statuses.append(response.status_code)
            if response.status_code == 200:
                return statuses, native_events(response.text)


async def test_a_kill_in_mid_answer_loses_nothing_that_was_shown_as_saved(database_url: str, tmp_path: Path) -> None:
    async with sidecar(database_url, tmp_path / "first", "hold") as (process, http):
        token = (await http.post("/assistant/session")).json()["token"]
        reader = Reader(http, {"Authorization": f"Bearer {token}"})
        async with reader.stream(question_request("How do bees dance?")) as events:
            await events.until(is_dance)
            process.kill()
            await process.wait()
        thread_id = thread_of(events.seen)
        saved = [event["item"] for event in events.seen if event["type"] == "thread.item.done"]
    async with sidecar(database_url, tmp_path / "second", "say") as (_, http):
        reader = Reader(http, reader.headers)
        before = await reader.items(thread_id)
        statuses, answer = await ask_until_free(reader, thread_id)
        after = await reader.items(thread_id)
    assert before == saved
    assert [item["type"] for item in saved] == ["user_message"]
    assert set(statuses) <= {409, 200}
    assert answer[-1]["type"] == "thread.item.done"
    assert answers(after) == ["Bees dance in eights."]
