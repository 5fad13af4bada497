"""What if a worker is killed? At any moment of whatever readers do, on either database.

Each round kills a process with `kill -9` while readers create, add, retry and delete in it, each at a moment of their
own, and looks for what is left through another one. BOOKLIGHT_TEST_KILLS says how many processes to kill.
"""

import asyncio
import os
import random
import signal
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from backend.tests.faults.witness import Witness
from backend.tests.live import PATIENCE, UNLIMITED, Json, Reader, answers, native_events, question_request, thread_of
from backend.tests.processes import Sidecar, sidecar
from backend.tests.scripted_model import serve_counting_model
from backend.tests.thread_requests import retry_request

KILLS = int(os.environ.get("BOOKLIGHT_TEST_KILLS", "2"))
KINDS = ("create", "add", "retry", "delete")
LOOKS = ("items.list", "threads.get_by_id", "ask")
READERS = 12
UNTIL_KILL_SECONDS = 2.5
LOST_SECONDS = 1.0
"""Of what was shown, so much may be gone."""
THERE_SECONDS = 5.0
"""By so long after the kill the rest is there."""
SHORT, RETRIED, LONG = "Count to 5", "Count to 70", "Count to 400"


@dataclass
class CutReader:
    """A reader whose request is cut off by a kill: what they had been answered, and what they were shown since."""

    kind: str
    look: str
    address: str
    reader: Reader
    thread_id: str | None = None
    question_id: str = ""
    before: list[str] = field(default_factory=list)
    shown: list[tuple[float, Json]] = field(default_factory=list)
    deleted: bool = False
    following: list[str] = field(default_factory=list)

    async def prepare(self) -> None:
        """Have a conversation with an answer, but for who creates one."""
        if self.kind != "create":
            question = RETRIED if self.kind == "retry" else SHORT
            events = native_events((await self._post(question_request(question))).text)
            self.thread_id, self.question_id = thread_of(events), events[1]["item"]["id"]
            self.before = answers([event["item"] for event in events if event["type"] == "thread.item.done"])

    async def be_cut(self, kill_at: float) -> None:
        """Begin at a moment of one's own, until the connection breaks."""
        await asyncio.sleep(random.uniform(0, UNTIL_KILL_SECONDS))
        with suppress(httpx.TransportError):
            async with asyncio.TaskGroup() as doing:
                if self.kind == "delete":
                    doing.create_task(self._delete(kill_at - random.uniform(0, 0.1)))
                doing.create_task(self._stream())

    async def _stream(self) -> None:
        request = question_request(LONG, self.thread_id)
        if self.kind == "retry":
            request = retry_request(str(self.thread_id), self.question_id)
        url = f"{self.address}/assistant/chatkit"
        with suppress(httpx.TransportError):
            async with self.reader.http.stream("POST", url, json=request, headers=self.reader.headers) as response:
                async for line in response.aiter_lines():
                    for event in native_events(line):
                        self.shown.append((time.monotonic(), event))
                        if event["type"] == "thread.created":
                            self.thread_id = event["thread"]["id"]

    async def _delete(self, at: float) -> None:
        await asyncio.sleep(max(0, at - time.monotonic()))
        with suppress(httpx.TransportError):
            removal = {"type": "threads.delete", "params": {"thread_id": self.thread_id}}
            self.deleted = (await self._post(removal)).status_code == 200

    async def find(self, address: str, killed: float) -> None:
        """Look through another process until all is there that has to be. Fails THERE_SECONDS after the kill."""
        self.address = address
        while self.thread_id is not None and (missing := self._missing(await self._look(), killed)):
            assert time.monotonic() < killed + THERE_SECONDS, (self.kind, self.look, missing)

    async def _look(self) -> list[Json] | None:
        """Return the items of the conversation, None where it is gone; `ask` asks on there first."""
        if self.look == "ask" and not self.following:
            asked = await self._post(question_request(SHORT, self.thread_id))
            done = [event["item"] for event in native_events(asked.text) if event["type"] == "thread.item.done"]
            self.following = answers(done)
        request = "items.list" if self.look == "ask" else self.look
        params = {"thread_id": self.thread_id, **({"order": "asc"} if request == "items.list" else {})}
        listed = await self._post({"type": request, "params": params})
        if listed.status_code == 404:
            return None
        found = listed.json()
        items: list[Json] = found["data"] if "data" in found else found["items"]["data"]
        return items

    def _missing(self, items: list[Json] | None, killed: float) -> str:
        """Return what is not there yet, in words; nothing where all is."""
        if items is None or self.deleted:
            gone = items is None and self.kind == "delete"
            return "" if gone else f"gone, and not gone: {items}"
        stored = [event["item"] for event in self._seen(killed) if event["type"] == "thread.item.done"]
        if lost := [item for item in stored if item["type"] == "user_message" and item not in items]:
            return f"the question {lost}"
        if self.look == "ask" and not self.following:
            return "an answer to the next question"
        texts, told = answers(items), said(self._seen(killed - LOST_SECONDS))
        new = [text for text in texts if text not in self.before + self.following]
        kept_before = self.before if self.kind != "retry" or not new else []
        if texts != kept_before + new + self.following or len(new) > 1:
            return f"the answers {kept_before} and {self.following}, and one between them: {texts}"
        if not "".join(new).startswith(told):
            return f"{told!r} of {new}"
        return "" if all(is_whole(text) or is_cut(items, text) for text in new) else f"the mark that {new} was cut"

    def _seen(self, before: float) -> list[Json]:
        return [event for at, event in self.shown if at <= before]

    async def _post(self, body: Json) -> httpx.Response:
        url = f"{self.address}/assistant/chatkit"
        return await self.reader.http.post(url, json=body, headers=self.reader.headers)


def said(events: list[Json]) -> str:
    """Return the text of the answer that `events` stream."""
    return "".join(str(event.get("update", {}).get("delta", "")) for event in events)


def is_whole(text: str) -> bool:
    return text.endswith(tuple(question.removeprefix("Count to") for question in (SHORT, RETRIED, LONG)))


def is_cut(items: list[Json], text: str) -> bool:
    """Say whether the mark of an answer that is not whole stands behind that one."""
    place = next(place for place, item in enumerate(items) if answers([item]) == [text])
    return items[place + 1 : place + 2] != [] and items[place + 1]["type"] == "end_of_turn"


@pytest.mark.fault("A worker is killed at a random moment of a first question, another one, a retry or a deletion")
async def test_a_kill_at_any_moment_leaves_what_was_shown_until_a_second_before(
    witness: Witness, folder: Path, database_url: str
) -> None:
    with serve_counting_model() as model:
        settings = {"database_url": database_url, "model": "openai:slow", "model_base_url": model.base_url, **UNLIMITED}
        async with AsyncExitStack() as processes, unpooled() as http:
            survivor, victim = await asyncio.gather(*(started(processes, folder, settings) for _ in range(2)))
            for left in reversed(range(max(1, KILLS // 2))):
                coming = asyncio.create_task(started(processes, folder, settings)) if left else None
                await one_round(http, victim, survivor)
                victim = victim if coming is None else await coming
    witness.notes(f"The answer stops, and is back within {THERE_SECONDS:.0f} seconds, with a button to try again")
    witness.keeps("All that was shown until a second before; a retry's old answer until its new one is kept")


async def one_round(http: httpx.AsyncClient, victim: Sidecar, survivor: Sidecar) -> None:
    """Kill a process while readers do what they do, and see that nothing is lost."""
    addresses = [str(running.http.base_url).rstrip("/") for running in (victim, survivor)]
    first = random.randrange(len(LOOKS))
    readers = [
        CutReader(
            kind=KINDS[number % len(KINDS)],
            look=LOOKS[(first + number // len(KINDS) + number) % len(LOOKS)],
            address=addresses[0],
            reader=Reader(http, await asyncio.to_thread(victim.session)),
        )
        for number in range(READERS)
    ]
    await asyncio.gather(*(reader.prepare() for reader in readers))
    kill_at = time.monotonic() + UNTIL_KILL_SECONDS
    doing = [asyncio.create_task(reader.be_cut(kill_at)) for reader in readers]
    await asyncio.sleep(kill_at - time.monotonic())
    victim.process.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    await asyncio.gather(*doing)
    await asyncio.gather(*(reader.find(addresses[1], killed) for reader in readers))


async def started(processes: AsyncExitStack, folder: Path, settings: dict[str, str]) -> Sidecar:
    """Start a process, and end it with `processes`."""
    return await asyncio.to_thread(processes.enter_context, sidecar(folder, settings))


def unpooled() -> httpx.AsyncClient:
    """Return a client that opens a connection for each request."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(timeout=PATIENCE * 6, limits=limits, trust_env=False)
