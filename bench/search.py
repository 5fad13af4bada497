"""What search costs as a book grows: the embedded engine beside qdrant-client's local mode, through the same code.

For 1,000, 10,000 and 50,000 chunks, each engine in a process of its own, one after the other: indexing without the
model's time, indexing again with nothing changed, a search from question to passages, and memory. Local mode works in
memory, which is its fastest. For the embedded engine also what the engine itself takes of a search, and how long the
event loop stands still: for a search, and when a new index takes over. Times are processor time, which other work on
the machine disturbs little; the loop's is that of its own thread, as the model's thread does not hold it up.
`--quick` measures 1,000 chunks only. Ends with 1 if the embedded engine is slower at searching.
"""

import asyncio
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

import numpy as np
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


class FastDocuments(SentenceVectors):
    """The default embedder for questions; documents get random vectors, since the model would take most of an hour."""

    async def embed_documents(self, texts: Sequence[str]) -> Floats:
        return unit_rows(np.random.default_rng(len(texts)).standard_normal((len(texts), self.size), dtype=np.float32))


@dataclass(frozen=True, slots=True)
class Cost:
    """What one engine costs at one size: seconds to index, milliseconds to search, megabytes to hold it open."""

    first: float
    unchanged: float
    p50: float
    p95: float
    memory: float
    embedded: "Embedded | None"


@dataclass(frozen=True, slots=True)
class Embedded:
    """What is only measured of the embedded engine, in milliseconds.

    `engine` is what it takes of searches, `held` the longest that each keeps the event loop, both as median and 95th
    percentile; `stall` is how long the loop stands still when a new index takes over.
    """

    engine: tuple[float, float]
    held: tuple[float, float]
    stall: float


def main(arguments: list[str]) -> int:
    """Print the costs and their ratios; return 1 if the embedded engine is the slower one at searching."""
    if arguments[:1] == ["--measure"]:
        print(json.dumps(asdict(asyncio.run(measure(arguments[1], int(arguments[2]))))))
        return 0
    if arguments[:1] == ["--index"]:
        print(json.dumps(asyncio.run(index_twice(make_chunks(int(arguments[2])), Path(arguments[1])))))
        return 0
    if arguments[:1] == ["--touch"]:
        asyncio.run(touch(Path(arguments[1]), int(arguments[2])))
        return 0
    slower = False
    for size in QUICK if "--quick" in arguments else SIZES:
        embedded, local = (measured_apart(engine, size) for engine in (EMBEDDED, LOCAL))
        tell(size, embedded, local)
        slower = slower or embedded.p50 > local.p50
    return int(slower)


def tell(size: int, embedded: Cost, local: Cost) -> None:
    """Print both engines' costs and how many times as much local mode takes."""
    print(f"\n{size:,} chunks{'embedded':>22}{'local mode':>12}{'ratio':>10}")
    rows: tuple[tuple[str, Callable[[Cost], float], str], ...] = (
        ("indexing", lambda cost: cost.first, "s"),
        ("nothing changed", lambda cost: cost.unchanged, "s"),
        ("search, p50", lambda cost: cost.p50, "ms"),
        ("search, p95", lambda cost: cost.p95, "ms"),
        ("memory", lambda cost: cost.memory, "MB"),
    )
    for name, of, unit in rows:
        print(
            f"{name:<17}{of(embedded):>12.2f} {unit:<2}{of(local):>12.2f} {unit:<2}{of(local) / of(embedded):>7.1f} x"
        )
    if embedded.embedded is not None:
        tell_targets(size, embedded.embedded)


def tell_targets(size: int, found: Embedded) -> None:
    """Print what the embedded engine alone is measured by."""
    engine_target = f" (target: {ENGINE_TARGET[size]:g})" if size in ENGINE_TARGET else ""
    print(f"of a search, the engine: p50 {found.engine[0]:.2f} ms, p95 {found.engine[1]:.2f} ms{engine_target}")
    print(f"loop held by a search: p50 {found.held[0]:.2f} ms, p95 {found.held[1]:.2f} ms (target: {HELD_TARGET:g})")
    print(f"loop stall at a swap: {found.stall:.0f} ms", flush=True)


def measured_apart(engine: str, size: int) -> Cost:
    """Measure in a process of its own, so that memory is that engine's alone."""
    found = json.loads(run_self("--measure", engine, str(size)))
    return Cost(**found | {"embedded": Embedded(**found["embedded"]) if found["embedded"] else None})


def run_self(*arguments: str) -> bytes:
    """Run a part of this benchmark in another process, and return what it prints."""
    return subprocess.run([sys.executable, __file__, *arguments], check=True, stdout=subprocess.PIPE).stdout


async def measure(engine: str, size: int) -> Cost:
    """Index a book of `size` chunks, search it, and let it be replaced."""
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
        times = await search_times(index, ASKED[engine])
        held = memory() - before
        embedded = await measure_embedded(index, folder, size) if engine == EMBEDDED else None
        await index.close()
    return Cost(first, unchanged, *spread(times), held, embedded)


async def measure_embedded(index: Index, folder: str, size: int) -> Embedded:
    """Measure what concerns the embedded engine alone."""
    engine = spread(await engine_times(index, ASKED[EMBEDDED]))
    held = spread([await longest_hold(search_for(index, question)) for question in questions(ASKED[EMBEDDED])])
    return Embedded(engine, held, await swap_stall(index, folder, size))


def spread(times: list[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile."""
    return median(times), quantiles(times, n=20)[-1]


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
    chunks[0] = rewritten(chunks[0], "Something else is said here now.")
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
