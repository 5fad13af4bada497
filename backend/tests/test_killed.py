"""A sidecar that is killed in mid-answer while a reader follows the answer on another one."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from backend.tests.live import (
    PATIENCE,
    Reader,
    action_request,
    answers,
    is_dance,
    question_request,
    thread_of,
)
from booklight.chat.resume import INTERRUPTED


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


async def test_a_reader_of_a_worker_that_is_killed_is_shown_what_was_noted(database_url: str, tmp_path: Path) -> None:
    async with (
        sidecar(database_url, tmp_path / "first", "hold") as (process, http),
        sidecar(database_url, tmp_path / "second", "say") as (_, other),
    ):
        token = (await http.post("/assistant/session")).json()["token"]
        reader = Reader(http, {"Authorization": f"Bearer {token}"})
        async with reader.stream(question_request("How do bees dance?")) as events:
            await events.until(is_dance)
            thread_id = thread_of(events.seen)
        reader = Reader(other, reader.headers)
        async with reader.stream(action_request("booklight.resume", thread_id)) as events:
            await events.until(lambda event: event["type"] == "thread.item.added")
            process.kill()
            seen = await events.rest()
        items = await reader.items(thread_id)
        following = await reader.ask("And now?", thread_id)
        again = await reader.send(action_request("booklight.resume", thread_id))
    assert (seen[-1]["type"], seen[-1]["message"]) == ("error", INTERRUPTED)
    assert answers(items) == ["Bees dance"]
    assert [event["item"] for event in seen if event["type"] == "thread.item.done"] == items
    assert following[-1]["type"] == "thread.item.done"
    assert again.status_code == 404
