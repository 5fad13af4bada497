"""A few hundred readers for minutes on end: whether a sidecar's memory, descriptors and threads stay level.

Each reader asks, reads the answer, reloads in the middle of one, stops one, or leaves, at random and again and again,
while an author changes a page and indexes the book every REINDEXED seconds. The sidecar is `booklight serve` on
Postgres, in a process of its own; the model is a server that says a word every GAP milliseconds. Neither the embedding
nor the cross-encoder is used: their sessions hold what they take from the start.

    soak.py [--minutes 2] [--readers 300] [--picture FILE.svg]

Prints the medians of the second quarter of the time and of the last one, the first being what fills caches and pools.
Ends with 1 if any of them has grown by more than GROWTH, or if an answer failed.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx
import pygal
from chat.fast_model import serve_model
from synthetic import Words, page_text, questions, source, write_site

from backend.tests.live import UNLIMITED, Json, action_request, question_request, thread_of
from backend.tests.postgres import start_postgres
from backend.tests.processes import sidecar

MINUTES, READERS = 2.0, 300
PATH = "/assistant/chatkit"
PAGES = 60
REINDEXED = 20
GAP = 50
PAUSE = 20.0
"""The longest that a reader thinks before the next question, in seconds."""
GROWTH = 1.1
BOOKLIGHT = Path(sys.executable).with_name("booklight")
SETTINGS = UNLIMITED | {"log_level": "error"}
WITHOUT_MODELS = {"embedding": "none", "reranker": "off"}


@dataclass(frozen=True, slots=True)
class Sample:
    """What the sidecar's process holds at a moment: seconds since the start, megabytes of its own, and counts."""

    at: float
    memory: float
    descriptors: int
    threads: int


@dataclass(slots=True)
class Soak:
    """What happened: the samples, how often readers did what, and what went wrong."""

    samples: list[Sample] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)


class SoakReader:
    """A reader with a conversation of their own, who begins another one now and then."""

    def __init__(self, http: httpx.AsyncClient, token: str, asked: Sequence[str], soak: Soak) -> None:
        self._http, self._headers = http, {"Authorization": f"Bearer {token}"}
        self._asked, self._soak = asked, soak
        self._thread: str | None = None

    async def live(self, until: float) -> None:
        """Do one thing after another until then."""
        while time.monotonic() < until:
            await asyncio.sleep(random.uniform(0, PAUSE))
            act = random.choice([self.ask, self.ask, self.reload, self.stop, self.leave])
            try:
                await act()
            except (AssertionError, httpx.HTTPError) as error:
                self._soak.failures[f"{act.__name__}: {str(error) or type(error).__name__}"[:100]] += 1
                self._thread = None
            else:
                self._soak.done[act.__name__] += 1

    async def ask(self) -> None:
        """Ask and read the whole answer."""
        async with self._stream(self._question()) as events:
            self._note(await _rest(events))

    async def reload(self) -> None:
        """Leave in the middle of an answer, and come back to it at once; one that has ended by then is there whole."""
        async with self._stream(self._question()) as events:
            seen = await _until_text(events)
        self._note(seen)
        resume = action_request("booklight.resume", str(self._thread), {"after": len(seen)})
        try:
            async with self._stream(resume) as events:
                await _rest(events)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != httpx.codes.NOT_FOUND:
                raise
            newest = {"thread_id": self._thread, "limit": 1, "order": "desc"}
            kept = await self._post({"type": "items.list", "params": newest})
            assert kept["data"][0]["type"] == "assistant_message", kept["data"]

    async def stop(self) -> None:
        """Stop an answer in the middle."""
        async with self._stream(self._question()) as events:
            self._note(await _until_text(events))
            await self._post(action_request("booklight.stop", str(self._thread)))
            await _rest(events)

    async def leave(self) -> None:
        """Leave in the middle of an answer for good."""
        async with self._stream(self._question()) as events:
            await _until_text(events)
        self._thread = None

    def _question(self) -> Json:
        return question_request(random.choice(self._asked), self._thread)

    def _note(self, events: list[Json]) -> None:
        if self._thread is None:
            self._thread = thread_of(events)

    async def _post(self, body: Json) -> Json:
        answered = (await self._http.post(PATH, json=body, headers=self._headers)).raise_for_status()
        return dict(answered.json()) if answered.headers["Content-Type"] == "application/json" else {}

    @asynccontextmanager
    async def _stream(self, body: Json) -> AsyncIterator[AsyncIterator[Json]]:
        async with self._http.stream("POST", PATH, json=body, headers=self._headers) as response:
            response.raise_for_status()
            yield (json.loads(line[6:]) async for line in response.aiter_lines() if line.startswith("data: "))


async def _until_text(events: AsyncIterator[Json]) -> list[Json]:
    """Read up to the first words of an answer."""
    seen = []
    async for event in events:
        seen.append(event)
        if "delta" in event.get("update", {}):
            break
    return seen


async def _rest(events: AsyncIterator[Json]) -> list[Json]:
    """Read to the end. Raises AssertionError where that is not the end of an answer."""
    seen = [event async for event in events]
    assert seen[-1]["type"] != "error", seen[-1].get("message")
    return seen


async def watch(process: int, soak: Soak) -> None:
    """Take a sample every second."""
    began = time.monotonic()
    while True:
        soak.samples.append(sample(process, time.monotonic() - began))
        await asyncio.sleep(1)


def sample(process: int, at: float) -> Sample:
    """Return what a process holds now."""
    folder = Path(f"/proc/{process}")
    lines = (folder / "smaps_rollup").read_text().splitlines()
    private = sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
    descriptors, threads = (len([*(folder / kind).iterdir()]) for kind in ("fd", "task"))
    return Sample(at, private / 1_000, descriptors, threads)


async def edit(folder: Path, pages_json: Path, soak: Soak) -> None:
    """Change a page and index the book, again and again."""
    words = Words(seed=3)
    while True:
        await asyncio.sleep(REINDEXED)
        changed = folder / source(random.randrange(PAGES))
        changed.write_text(page_text(words), encoding="utf-8")
        await asyncio.to_thread(index, folder, pages_json)
        soak.done["index"] += 1


def index(folder: Path, pages_json: Path) -> None:
    """Run the command."""
    settings = {f"BOOKLIGHT_{name.upper()}": value for name, value in WITHOUT_MODELS.items()}
    environment = os.environ | settings | {"BOOKLIGHT_INDEX_PATH": str(folder / "index")}
    command = [BOOKLIGHT, "index", pages_json]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def run(address: str, process: int, folder: Path, pages_json: Path, minutes: float, readers: int) -> Soak:
    """Let the readers live for so long, and return what happened."""
    soak, asked = Soak(), questions(200)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits, trust_env=False) as http:
        watching = asyncio.create_task(watch(process, soak))
        editing = asyncio.create_task(edit(folder, pages_json, soak))
        until = time.monotonic() + 60 * minutes
        tokens = [(await http.post("/assistant/session")).json()["token"] for _ in range(readers)]
        alive = [SoakReader(http, token, asked, soak) for token in tokens]
        await asyncio.gather(*(reader.live(until) for reader in alive))
        for task in (watching, editing):
            task.cancel()
        await asyncio.wait({watching, editing})
    return soak


def report(soak: Soak) -> bool:
    """Print what happened, and return whether all stayed level and nothing failed."""
    quarter = len(soak.samples) // 4
    early, late = soak.samples[quarter : 2 * quarter], soak.samples[-quarter:]
    print("what readers and the author did: " + ", ".join(f"{name} {count:,}" for name, count in soak.done.items()))
    level = True
    for name in ("memory", "descriptors", "threads"):
        before, after = (median(getattr(each, name) for each in part) for part in (early, late))
        level = level and after <= GROWTH * before
        print(f"{name:<12} {before:8.1f} → {after:8.1f}   {after / before:.2f} times (target {GROWTH})")
    for failure, count in soak.failures.items():
        print(f"{count} failed: {failure}")
    return level and not soak.failures


def draw(soak: Soak, file: Path) -> None:
    """Draw each quantity as a share of its median in the second quarter of the time."""
    quarter = len(soak.samples) // 4
    chart = pygal.XY(stroke=True, dots_size=0, x_title="seconds", y_title="share of the second quarter's median", js=())
    for name in ("memory", "descriptors", "threads"):
        usual = median(getattr(each, name) for each in soak.samples[quarter : 2 * quarter])
        chart.add(name, [(each.at, getattr(each, name) / usual) for each in soak.samples])
    file.write_bytes(chart.render())


def main() -> int:
    """Soak, report, and return 1 where something grew or failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--readers", type=int, default=READERS)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--quick", action="store_true", help="half a minute with 50 readers")
    given = parser.parse_args()
    minutes, readers = (0.5, 50) if given.quick else (given.minutes, given.readers)
    with start_postgres() as postgres, serve_model() as model, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages_json = write_site(folder, PAGES)
        index(folder, pages_json)
        answered = {"model": "openai:soak", "model_base_url": f"{model}/0/{GAP}/v1", "model_api": "responses"}
        settings = {"database_url": postgres.url(postgres.create_database()), **SETTINGS, **WITHOUT_MODELS, **answered}
        with sidecar(folder, settings) as running:
            address = str(running.http.base_url)
            soak = asyncio.run(run(address, running.process.pid, folder, pages_json, minutes, readers))
    if given.picture:
        draw(soak, given.picture)
    return int(not report(soak))


if __name__ == "__main__":
    sys.exit(main())
