"""From what size of a book the fields that filters ask for are worth an index, in the embedded engine.

An index of a field takes time to open, and memory, however small the book; without, a filter reads the field in every
passage, and holds the event loop meanwhile. For books of several sizes, indexed and not, in turn: opening and closing,
the memory of an open one, and a vector that is asked for within a locale, as on a site of several. Times are processor
time, told as the median of the rounds, with the least and the most. Ends with 1 if the size from which fields are
indexed is wrong: if below it a vector holds the loop for too long, or opening takes no less, in every round.
"""

import asyncio
import math
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from interleaved import ROUNDS, Ratio, Rounds
from synthetic import make_book, make_chunks

from booklight_ingest.bm25 import count_terms
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.index import edge
from booklight_ingest.index.edge import WORTH_INDEXING_FIELDS, EdgeEngine
from booklight_ingest.index.filters import Filter
from booklight_ingest.index.sync import sync_index

SIZES = (WORTH_INDEXING_FIELDS // 4, WORTH_INDEXING_FIELDS - 1, WORTH_INDEXING_FIELDS * 4)
OPENINGS, SEARCHES, LIMIT = 10, 50, 40
HELD_TARGET = 1.0
"""Milliseconds that one vector may hold the event loop."""
PAGE_BYTES = 4096


def main() -> int:
    """Print the costs at every size; return 1 if a book that is not indexed should be."""
    with tempfile.TemporaryDirectory() as folder:
        wrong = [compare(Path(folder), size) for size in SIZES]
    return int(any(wrong))


def compare(folder: Path, size: int) -> bool:
    """Print what a book of `size` passages costs, indexed and not; say whether it is treated the wrong way."""
    plain, indexed = (index(folder / f"{size}-{threshold}", size, threshold) for threshold in (size + 1, 0))
    print(f"\n{size:,} passages{'not indexed':>26}{'indexed':>22}   of indexed")
    opened = tell("opening", opening, plain, indexed)
    print(f"{'memory':<12}{memory(plain):>12.1f} MB{memory(indexed):>19.1f} MB")
    held = tell("a vector", searching, plain, indexed)
    return size < WORTH_INDEXING_FIELDS and (opened.misses(1.0) or Rounds(held.ours).misses(HELD_TARGET))


def index(folder: Path, size: int, threshold: int) -> Path:
    """Index a book of `size` passages, its fields too if it has `threshold`; return the shard's folder."""
    chunks = make_chunks(size)
    with patch.object(edge, "WORTH_INDEXING_FIELDS", threshold):
        asyncio.run(sync_index([make_book(size)], chunks, folder, NoEmbedder()))
    return next(folder.glob("gen-*/shard"))


def tell(name: str, cost: Callable[[Path], float], plain: Path, indexed: Path) -> Ratio:
    """Print and return what `cost` is of both, in milliseconds, round by round."""
    rounds = [(cost(plain), cost(indexed)) for _ in range(ROUNDS)]
    ratio = Ratio(*zip(*rounds, strict=True))
    ours, theirs = (f"{Rounds(values):.2f} ms" for values in (ratio.ours, ratio.baseline))
    print(f"{name:<12}{ours:>27}{theirs:>24}   {ratio}")
    return ratio


def opening(shard: Path) -> float:
    """Return the milliseconds of opening and closing it."""

    async def open_and_close() -> None:
        for _ in range(OPENINGS):
            await EdgeEngine.open(shard).close()

    begun = time.process_time()
    asyncio.run(open_and_close())
    return (time.process_time() - begun) * 1000 / OPENINGS


def memory(shard: Path) -> float:
    """Return the megabytes that are resident for an open one, where the system tells: on Linux."""
    before = _resident()
    engine = EdgeEngine.open(shard)
    taken = _resident() - before
    asyncio.run(engine.close())
    return taken


def searching(shard: Path) -> float:
    """Return the milliseconds of one vector within a locale."""
    chunk = make_chunks(1)[0]
    only = Filter({"locale": chunk.locale})

    async def search() -> float:
        engine, vector = EdgeEngine.open(shard), count_terms(chunk)
        begun = time.process_time()
        for _ in range(SEARCHES):
            await engine.nearest([vector], only, LIMIT)
        ended = time.process_time()
        await engine.close()
        return ended - begun

    return asyncio.run(search()) * 1000 / SEARCHES


def _resident() -> float:
    told = Path("/proc/self/statm")
    return int(told.read_text().split()[1]) * PAGE_BYTES / 1e6 if told.exists() else math.nan


if __name__ == "__main__":
    sys.exit(main())
