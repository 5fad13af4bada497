"""What indexing costs: a book for the first time, again with nothing changed, and again with one page changed.

The real command runs on a book of made-up pages, so that its start counts as well; the others are told as a share of
the first run. Reading alone is measured in megabytes of MDX a second. Times are processor time, which other work on the
machine does not disturb, each the median of five rounds with the least and the most. `--large` takes 150 pages (1,500
chunks), once. Ends with 1 if a run without a change embeds anything.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from interleaved import ROUNDS, Ratio, Rounds
from synthetic import source, write_site

from booklight_ingest.chunks import split_book
from booklight_ingest.pages import load_book

PAGES, QUICK, LARGE = 30, 10, 150
BOOKLIGHT = Path(sys.executable).with_name("booklight")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command: its report, and the seconds it took the processor from start to end."""

    report: Mapping[str, int]
    seconds: float


def main(arguments: list[str]) -> int:
    """Print the measurements; return 1 if a run without a change embedded something."""
    large = "--large" in arguments
    pages = LARGE if large else QUICK if "--quick" in arguments else PAGES
    rounds = [index_thrice(pages) for _ in range(1 if large else ROUNDS)]
    first, again, changed = (tuple(run.seconds for run in runs) for runs in zip(*rounds, strict=True))
    print(f"first run        {Rounds(first):.2f} s  {rounds[0][0].report['chunks']:,} chunks")
    for number, name, seconds in ((1, "nothing changed", again), (2, "one page changed", changed)):
        embedded = rounds[0][number].report["embedded"]
        print(f"{name:<16} {Rounds(seconds):.2f} s  {Ratio(seconds, first)} of the first, {embedded} chunks embedded")
    return int(any(run.report["embedded"] for _, run, _ in rounds))


def index_thrice(pages: int) -> tuple[Run, Run, Run]:
    """Index a book, index it again, and once more with one page changed."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        pages_json = write_site(site, pages)
        print(f"{pages:,} pages, {megabytes(site):.1f} MB of MDX, read at {reading_speed(site, pages_json):.1f} MB/s")
        first, again = index(pages_json), index(pages_json)
        changed = site / source(0)
        changed.write_text(changed.read_text() + "\n\nOne sentence more.\n")
        return first, again, index(pages_json)


def index(pages_json: Path) -> Run:
    """Run the command."""
    folder = pages_json.parent
    # The package is compiled once, as wherever it is installed.
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment = os.environ | compiled | {"BOOKLIGHT_INDEX_PATH": str(folder / "index")}
    started = children_seconds()
    command = [BOOKLIGHT, "index", pages_json, "--json"]
    printed = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return Run(json.loads(printed.stdout), children_seconds() - started)


def children_seconds() -> float:
    """Return the processor time of all processes that were started and have ended."""
    times = os.times()
    return times.children_user + times.children_system


def reading_speed(site: Path, pages_json: Path) -> float:
    """Return the megabytes of sources that are read and split in a second."""
    book = load_book(pages_json)
    started = time.process_time()
    chunks = sum(1 for _ in split_book(book, site))
    assert chunks, "the book has text"
    return megabytes(site) / (time.process_time() - started)


def megabytes(site: Path) -> float:
    """Return the size of all sources."""
    return sum(file.stat().st_size for file in (site / "docs").iterdir()) / 1e6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
