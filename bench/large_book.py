"""What a book of 10,000 pages costs the embedded index on one machine: to index, to index again, to open and to search.

The book is made of random words, ten sections to a page. Each step is a process of its own, told with its time on the
clock, its processor time and the most memory that it had. Documents get random vectors, since the model would take
more than an hour: how long that would be is measured on a few hundred of them and told beside. `--quick` takes 300
pages. Ends with 1 if a run without a change embeds anything.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from search import FastDocuments, memory, search_times, spread
from synthetic import make_chunks, source, write_site

from booklight_ingest.embed.sentence_vectors import SentenceVectors
from booklight_ingest.index.live import open_index
from booklight_ingest.index.sync import sync_books
from booklight_ingest.pages import load_book
from booklight_ingest.sources import BookSource

PAGES, QUICK = 10_000, 300
SEARCHES = 300
EMBEDDED = 300
"""Chunks of which the speed of embedding is told."""
INDEX, OPEN = "--index", "--open"


@dataclass(frozen=True, slots=True)
class Opened:
    """An index that was opened: seconds on the clock, megabytes that it added, milliseconds of searches."""

    seconds: float
    memory: float
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Step:
    """A step: what it printed, its seconds on the clock and of the processor, and the most megabytes it had."""

    printed: dict[str, float]
    wall: float
    cpu: float
    peak: float


def main(arguments: list[str]) -> int:
    """Print each step; return 1 if a run without a change embedded something."""
    match arguments:
        case [step, site] if step == INDEX:
            print(json.dumps({"embedded": index(Path(site))}))
            return 0
        case [step, site] if step == OPEN:
            print(json.dumps(asdict(asyncio.run(open_and_search(Path(site))))))
            return 0
    pages = QUICK if "--quick" in arguments else PAGES
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        write_site(site, pages)
        print(f"{pages:,} pages{'clock':>22}{'processor':>12}{'memory':>12}")
        chunks = tell("first index", run(INDEX, site)).printed["embedded"]
        unchanged = tell("nothing changed", run(INDEX, site))
        changed = site / source(0)
        changed.write_text(changed.read_text() + "\n\nOne sentence more.\n")
        tell("one page changed", run(INDEX, site))
        opened = Opened(**tell("opened and searched", run(OPEN, site)).printed)
    searches = f"a search p50 {opened.p50:.0f} ms, p95 {opened.p95:.0f} ms"
    print(f"opening {opened.seconds:.1f} s, {opened.memory:.0f} MB; {searches}")
    speed = asyncio.run(embedding_speed())
    print(
        f"embedding, not done above: {speed:.0f} chunks/s, {chunks / speed / 60:.0f} minutes for {chunks:,.0f} chunks"
    )
    return int(unchanged.printed["embedded"] > 0)


def tell(name: str, step: Step) -> Step:
    """Print a step, and return it."""
    print(f"{name:<22}{step.wall:8.1f} s{step.cpu:10.1f} s{step.peak:9.0f} MB", flush=True)
    return step


def run(step: str, site: Path) -> Step:
    """Take a step in another process."""
    began = time.perf_counter()
    command = [sys.executable, __file__, step, str(site)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    printed = json.loads(process.stdout.read())
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{step} ended with {process.returncode}"
    return Step(printed, time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1_000)


def index(site: Path) -> int:
    """Bring the index in step with the book, as the command does, and return how many chunks were embedded."""
    return sync_books([BookSource(load_book(site / "pages.json"), site)], site / "index", FastDocuments()).embedded


async def open_and_search(site: Path) -> Opened:
    """Open the index and search it."""
    embedder = FastDocuments()
    await embedder.prepare()
    before, began = memory(), time.perf_counter()
    index = await open_index(site / "index", embedder)
    seconds, taken = time.perf_counter() - began, memory() - before
    await search_times(index, 2)
    times = await search_times(index, SEARCHES)
    await index.close()
    return Opened(seconds, taken, *spread(times))


async def embedding_speed() -> float:
    """Return how many chunks the default model embeds in a second."""
    texts = [chunk.text for chunk in make_chunks(EMBEDDED)]
    embedder = SentenceVectors()
    await embedder.prepare()
    began = time.perf_counter()
    await embedder.embed_documents(texts)
    return len(texts) / (time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
