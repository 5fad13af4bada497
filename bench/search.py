"""What search costs as a book grows: the embedded engine beside qdrant-client's local mode, through the same code.

For 1,000, 10,000 and 50,000 chunks, each engine in a process of its own: indexing without the model's time, indexing
again with nothing changed, memory, and a search from question to passages, for which the two are asked in turn. Local
mode works in memory, which is its fastest. For the embedded engine also what the engine itself takes of a search, and
how long the event loop stands still: for a search, and when a new index takes over. Times are processor time, which
other work on the machine disturbs little; the loop's is that of its own thread, as the model's thread does not hold it
up. What is timed in rounds is told as their median, with the least and the most. `--quick` measures 1,000 chunks only.
Ends with 1 if the embedded engine is slower at searching, or misses a target, in every round.
"""

import asyncio
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from uuid import UUID

import numpy as np
from interleaved import ROUNDS, Ratio, Rounds, p95
from synthetic import make_book, make_chunks, questions, rewritten

from booklight.contracts import SearchRequest
from booklight.search.passages import MARGIN, search
from booklight.search.ranking import DEPTH
from booklight_ingest.bm25 import query_vector
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.sentence_vectors import SentenceVectors
from booklight_ingest.embed.vectors import Floats, unit_rows
from booklight_ingest.index.filters import Filter
from booklight_ingest.index.live import Index, Location, open_index
from booklight_ingest.index.sync import sync_index
from ingest.tests.qdrant_server import InMemoryQdrant, in_memory

SIZES, QUICK = (1_000, 10_000, 50_000), (1_000,)
EMBEDDED, LOCAL = "embedded", "local mode"
# Local mode takes seconds a search when the book is large.
ASKED = {EMBEDDED: 300, LOCAL: 12}
PAGE_BYTES = 4096
SHOWN = 8
# Milliseconds that 95 of 100 should stay below: both vectors asked of the engine with its best chunks loaded, by the
# size of the book; and the longest that one search keeps the event loop from others.
ENGINE_TARGET = {10_000: 1.0, 50_000: 1.5}
HELD_TARGET = 1.0
SEARCH, ALONE = "search", "alone"
"""What a process that holds an index open is told to time: searches, or what only the embedded one is measured by."""


class FastDocuments(SentenceVectors):
    """The default embedder for questions; documents get random vectors, since the model would take most of an hour."""

    async def embed_documents(self, texts: Sequence[str]) -> Floats:
        return unit_rows(np.random.default_rng(len(texts)).standard_normal((len(texts), self.size), dtype=np.float32))


@dataclass(frozen=True, slots=True)
class Held:
    """An index that a process of its own holds open: the seconds it took to make, and the megabytes it takes."""

    process: "subprocess.Popen[str]"
    first: float
    unchanged: float
    memory: float

    def time(self, what: str) -> tuple[float, ...]:
        """Have the process time `what`, and return what it prints."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return tuple(_read_line(self.process))


def main(arguments: list[str]) -> int:
    """Print the costs and their ratios; return 1 if the embedded engine is the slower one or misses a target."""
    match arguments:
        case ["--hold", engine, size]:
            asyncio.run(hold(engine, int(size)))
            return 0
        case ["--index", folder, size]:
            print(json.dumps(asyncio.run(index_twice(make_chunks(int(size)), Path(folder)))))
            return 0
        case ["--touch", folder, size]:
            asyncio.run(touch(Path(folder), int(size)))
            return 0
    missed = [compare(size) for size in (QUICK if "--quick" in arguments else SIZES)]
    return int(any(missed))


def compare(size: int) -> bool:
    """Print what both engines cost at a size, and say whether the embedded one misses what is asked of it."""
    with held(EMBEDDED, size) as embedded, held(LOCAL, size) as local:
        rounds = [(embedded.time(SEARCH), local.time(SEARCH)) for _ in range(ROUNDS)]
        alone = [embedded.time(ALONE) for _ in range(ROUNDS)]
    print(f"\n{size:,} chunks{'embedded':>22}{'local mode':>12}   of local mode's")
    rows: tuple[tuple[str, Callable[[Held], float], str], ...] = (
        ("indexing", lambda index: index.first, "s"),
        ("nothing changed", lambda index: index.unchanged, "s"),
        ("memory", lambda index: index.memory, "MB"),
    )
    for name, of, unit in rows:
        print(f"{name:<17}{of(embedded):>12.2f} {unit:<2}{of(local):>12.2f} {unit:<2}   {of(embedded) / of(local):.2f}")
    ratios = [_tell_searches(name, rounds, number) for number, name in enumerate(("search, p50", "search, p95"))]
    return ratios[0].misses(1.0) or tell_targets(size, alone)


def _tell_searches(name: str, rounds: Sequence[tuple[tuple[float, ...], tuple[float, ...]]], number: int) -> Ratio:
    ratio = Ratio(tuple(own[number] for own, _ in rounds), tuple(other[number] for _, other in rounds))
    print(f"{name:<17}{median(ratio.ours):>12.2f} ms{median(ratio.baseline):>12.2f} ms   {ratio}")
    return ratio


def tell_targets(size: int, measured: Sequence[tuple[float, ...]]) -> bool:
    """Print what the embedded engine alone is measured by, and say whether a target is missed."""
    engine50, engine95, held50, held95, stall = (Rounds(values) for values in zip(*measured, strict=True))
    engine_target = ENGINE_TARGET.get(size, math.inf)
    told = f" (target: {engine_target:g})" if size in ENGINE_TARGET else ""
    print(f"of a search, the engine: p50 {engine50:.2f} ms, p95 {engine95:.2f} ms{told}")
    print(f"loop held by a search: p50 {held50:.2f} ms, p95 {held95:.2f} ms (target: {HELD_TARGET:g})")
    print(f"loop stall at a swap: {stall:.0f} ms", flush=True)
    return engine95.misses(engine_target) or held95.misses(HELD_TARGET)


@contextmanager
def held(engine: str, size: int) -> Iterator[Held]:
    """Have another process hold an index open, so that memory is that engine's alone."""
    command = [sys.executable, __file__, "--hold", engine, str(size)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Held(process, *_read_line(process))


def _read_line(process: "subprocess.Popen[str]") -> list[float]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the process that holds the index has ended"
    numbers: list[float] = json.loads(line)
    return numbers


def run_self(*arguments: str) -> bytes:
    """Run a part of this benchmark in another process, and return what it prints."""
    return subprocess.run([sys.executable, __file__, *arguments], check=True, stdout=subprocess.PIPE).stdout


async def hold(engine: str, size: int) -> None:
    """Index a book of `size` chunks, print what that took, and time what each line of the input says."""
    # Whatever is loaded once, and by the first search, is not the index's.
    await warm_up()
    with tempfile.TemporaryDirectory() as folder:
        before = memory()
        if engine == EMBEDDED:
            location: Location = Path(folder)
            first, unchanged = json.loads(run_self("--index", folder, str(size)))
        else:
            location = in_memory(InMemoryQdrant())
            first, unchanged = await index_twice(make_chunks(size), location)
        index = await open_index(location, FastDocuments())
        await search_times(index, 2)
        print(json.dumps([first, unchanged, memory() - before]), flush=True)
        for line in sys.stdin:
            timing = _time_searches(index, engine) if line.strip() == SEARCH else _time_alone(index, folder, size)
            print(json.dumps(await timing), flush=True)
        await index.close()


async def _time_searches(index: Index, engine: str) -> tuple[float, ...]:
    return spread(await search_times(index, ASKED[engine]))


async def _time_alone(index: Index, folder: str, size: int) -> tuple[float, ...]:
    """Measure what concerns the embedded engine alone: two pairs of median and 95th percentile, and a stall, in ms."""
    engine = spread(await engine_times(index, ASKED[EMBEDDED]))
    kept = spread([await longest_hold(search_for(index, question)) for question in questions(ASKED[EMBEDDED])])
    return (*engine, *kept, await swap_stall(index, folder, size))


def spread(times: list[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile."""
    return median(times), p95(times)


async def warm_up() -> None:
    """Load the embedding and both code paths."""
    with tempfile.TemporaryDirectory() as folder:
        await timed_sync(make_chunks(20), Path(folder))
        index = await open_index(Path(folder), FastDocuments())
        await search_times(index, 2)
        await index.close()


async def index_twice(chunks: list[Chunk], location: Location) -> list[float]:
    """Return the seconds of a first run, and of one with nothing changed."""
    return [await timed_sync(chunks, location) for _ in range(2)]


async def timed_sync(chunks: list[Chunk], location: Location) -> float:
    """Return the seconds it takes to bring the index in step."""
    started = time.process_time()
    await sync_index([make_book(-(-len(chunks) // 10))], chunks, location, FastDocuments())
    return time.process_time() - started


async def search_times(index: Index, count: int) -> list[float]:
    """Return how many milliseconds each of `count` different questions takes."""
    times = []
    for question in questions(count):
        started = time.process_time()
        await search_for(index, question)
        times.append((time.process_time() - started) * 1000)
    return times


async def search_for(index: Index, question: str) -> None:
    """Search the whole book."""
    await search(index, SearchRequest([question]), limit=SHOWN)


async def engine_times(index: Index, count: int) -> list[float]:
    """Return how many milliseconds of a search the engine takes: both vectors, and the best chunks with their text."""
    times = []
    async with index.reading() as reading:
        counts, engine = reading.generation.manifest.counts, reading.generation.engine
        for question in questions(count):
            (dense,) = await reading.embedder.embed_query([question])
            vectors = [query_vector(counts.query_terms(question, "en")), dense]
            started = time.process_time()
            found, _ = await engine.nearest(vectors, Filter(), DEPTH + MARGIN)
            await engine.load([str(UUID(int=point)) for point in found.ids[:SHOWN]])
            times.append((time.process_time() - started) * 1000)
    return times


async def swap_stall(index: Index, folder: str, size: int) -> float:
    """Have another process change a page; return the longest the loop stands still until that is served, in ms."""
    await asyncio.to_thread(run_self, "--touch", folder, str(size))
    return await longest_hold(index.follow())


async def longest_hold(work: Coroutine[None, None, None]) -> float:
    """Return the longest that `work` keeps the event loop from others, in milliseconds."""
    working = asyncio.create_task(work)
    longest, last = 0.0, time.thread_time()
    while not working.done():
        await asyncio.sleep(0)
        now = time.thread_time()
        longest, last = max(longest, now - last), now
    await working
    return longest * 1000


async def touch(folder: Path, size: int) -> None:
    """Index the book with one chunk changed."""
    chunks = make_chunks(size)
    chunks[0] = rewritten(chunks[0], f"Something else is said here at {time.time()}.")
    await timed_sync(chunks, folder)


def memory() -> float:
    """Return the megabytes that this process has to itself, where the system tells: on Linux."""
    told = Path("/proc/self/statm")
    if not told.exists():
        return math.nan
    resident, shared = told.read_text().split()[1:3]
    return (int(resident) - int(shared)) * PAGE_BYTES / 1e6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
