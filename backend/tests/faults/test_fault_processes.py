"""What if a worker is killed? Real processes on one Postgres and one index, and `kill -9`."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from backend.tests.faults.witness import Witness
from backend.tests.live import (
    PATIENCE,
    UNLIMITED,
    Events,
    Json,
    Reader,
    action_request,
    index_small_book,
    question_request,
    thread_of,
)
from backend.tests.postgres import Postgres
from backend.tests.processes import Sidecar, sidecar, until
from backend.tests.scripted_model import HALF, ScriptedModel
from backend.tests.thread_requests import retry_request
from booklight_ingest.embed.embedder import open_embedder

QUESTION = "What is a waggle dance?"
READERS = 50
LEASE_SECONDS = 2.0
SHORT_LEASES = (
    "from booklight import timing\n"
    f"timing.LEASE_SECONDS, timing.RENEW_SECONDS, timing.DOUBT_SECONDS = {LEASE_SECONDS}, 0.5, 0.5"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the index of the small book, for all processes."""
    asyncio.run(index_small_book(tmp_path / "index", open_embedder()))
    return tmp_path


@pytest.mark.fault("A worker is killed in mid-answer")
def test_a_kill_in_mid_answer_loses_nothing_that_was_shown_as_saved(
    witness: Witness, folder: Path, held_model: ScriptedModel, postgres: Postgres, migrated_postgres: str
) -> None:
    settings = {"database_url": postgres.url(postgres.create_database(migrated_postgres)), **UNLIMITED}
    by_model = {"model": "openai:held", "model_base_url": held_model.base_url}
    with sidecar(folder, settings | by_model) as first, sidecar(folder, settings) as second:
        reader = first.session()
        with first.stream(QUESTION, reader) as events:
            seen = until(events, is_half)
            thread_id = thread_of(seen)
            with second.read(action_request("booklight.resume", thread_id), reader) as followed:
                until(followed, is_half)
            kill(first)
            with pytest.raises(httpx.TransportError):
                list(events)
        while len(kept := second.items(thread_id, reader)) < 3:
            second.let_work()
        again = second.send(retry_request(thread_id, kept[0]["id"]), reader)
    shown = [event["item"] for event in seen if event["type"] == "thread.item.done"]
    assert kept[:2] == shown
    assert [item["type"] for item in kept] == ["user_message", "task", "assistant_message", "end_of_turn"]
    assert again.status_code == 200
    assert "figure of eight" in again.text
    witness.notes(f"The answer stops (“{HALF.strip()}”), with a button to try again; another worker then answers")
    witness.keeps(kept)


def is_half(event: Json) -> bool:
    """Say whether `event` is the last that the held model says before it waits."""
    return HALF.split()[-1] in str(event.get("update", {}).get("delta", ""))


def kill(victim: Sidecar) -> None:
    """End a process as nothing can prepare for."""
    victim.process.send_signal(signal.SIGKILL)
    victim.process.wait()


@dataclass
class Asking:
    """A reader who asks again and again, at one address after another, and remembers what was shown as stored."""

    reader: Reader
    addresses: list[str]
    turn: int
    thread_id: str | None = None
    shown: dict[str, Json] = field(default_factory=dict)
    answered: int = 0
    cut: int = 0

    async def go_on(self, answers: int) -> None:
        """Ask until there have been so many answers; what is cut off or busy is asked again."""
        while self.answered < answers:
            self.turn += 1
            try:
                await self._ask(self.addresses[self.turn % len(self.addresses)])
            except httpx.TransportError:
                self.cut += 1

    async def _ask(self, address: str) -> None:
        body = question_request(QUESTION, self.thread_id)
        url = f"{address}/assistant/chatkit"
        async with self.reader.http.stream("POST", url, json=body, headers=self.reader.headers) as response:
            if response.status_code == 409:
                await response.aread()
                return
            assert response.status_code == 200, await response.aread()
            async for event in read(Events(response)):
                self._note(event)
        self.answered += 1

    def _note(self, event: Json) -> None:
        match event:
            case {"type": "thread.created", "thread": {"id": thread_id}}:
                self.thread_id = thread_id
            case {"type": "thread.item.done", "item": item}:
                self.shown[item["id"]] = item
            case {"type": "error"}:
                raise AssertionError(event)


async def read(events: Events) -> AsyncIterator[Json]:
    """Yield events to the end of the stream."""
    async for line in events.response.aiter_lines():
        if line.startswith("data: "):
            yield httpx.Response(200, text=line.removeprefix("data: ")).json()


@pytest.mark.fault(f"One of two workers is killed while {READERS} readers ask, and then the other")
async def test_killing_either_worker_under_load_loses_no_stored_message(
    witness: Witness, tmp_path: Path, postgres: Postgres, migrated_postgres: str
) -> None:
    await index_small_book(tmp_path / "index", open_embedder())
    settings = {"database_url": postgres.url(postgres.create_database(migrated_postgres)), **UNLIMITED}
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    with ExitStack() as processes:

        async def start() -> Sidecar:
            return await asyncio.to_thread(processes.enter_context, sidecar(tmp_path, settings, setup=SHORT_LEASES))

        one, other = await start(), await start()
        addresses = [address_of(one), address_of(other)]
        async with httpx.AsyncClient(timeout=PATIENCE * 6, limits=limits, trust_env=False) as http:
            everybody = [Asking(Reader(http, one.session()), addresses, turn=number) for number in range(READERS)]
            await all_ask(everybody, times=1)
            await all_ask(everybody, times=2, meanwhile=lambda: kill(one))
            third = await start()
            addresses[0] = address_of(third)
            await all_ask(everybody, times=1)
            await all_ask(everybody, times=2, meanwhile=lambda: kill(other))
        lost = [asking for asking in everybody if not holds(third, asking)]
    assert lost == []
    assert sum(asking.cut for asking in everybody) > 0
    witness.notes("An answer that the killed worker was writing stops; asked again, the other worker answers")
    witness.keeps("Every message that was shown as stored; no conversation stays busy for longer than the lease")


async def all_ask(everybody: list[Asking], *, times: int, meanwhile: Callable[[], None] | None = None) -> None:
    """Let all readers ask until each has had so many more answers; do `meanwhile` when a third of them have come."""
    enough = sum(asking.answered for asking in everybody) + len(everybody) * times // 3
    tasks = [asyncio.create_task(asking.go_on(asking.answered + times)) for asking in everybody]
    while meanwhile is not None and sum(asking.answered for asking in everybody) < enough:
        await asyncio.wait(tasks, timeout=0.01, return_when=asyncio.FIRST_COMPLETED)
    if meanwhile is not None:
        meanwhile()
    async with asyncio.timeout(240):
        await asyncio.gather(*tasks)


def address_of(running: Sidecar) -> str:
    return str(running.http.base_url).rstrip("/")


def holds(running: Sidecar, asking: Asking) -> bool:
    """Say whether the reader's conversation holds all that was shown as stored, as it was shown."""
    assert asking.thread_id is not None
    body = {"type": "items.list", "params": {"thread_id": asking.thread_id, "order": "asc", "limit": 100}}
    kept = {item["id"]: item for item in running.send(body, asking.reader.headers).json()["data"]}
    return all(kept.get(item_id) == item for item_id, item in asking.shown.items())
