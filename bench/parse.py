"""What reading MDX costs, from files to chunks, next to markdown-it-py parsing the same files as plain Markdown.

The second figure adds the words that BM25 counts, and so is all of indexing but embedding and writing. The tasks take
turns in one process, and the median processor time of each counts; a megabyte is one of MDX. The handbook has every
syntax that books use; the made-up book is long paragraphs and lists, as most are.

The last line is of a large book as `booklight index` reads it, on all cores, beside one process: time on the clock.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from interleaved import ROUNDS, Ratio
from markdown_it import MarkdownIt
from synthetic import write_site

from booklight_ingest.bm25 import count_terms
from booklight_ingest.chunks import split_book
from booklight_ingest.page_slices import read_in_slices
from booklight_ingest.pages import Book, load_book

ROOT = Path(__file__).resolve().parent.parent
HANDBOOK = ROOT / "book/build/booklight/pages.json"
PAGES, QUICK = 300, 30
LARGE, LARGE_QUICK = 1_000, 200


def main(arguments: Sequence[str]) -> int:
    """Print a line for each book."""
    tell("the handbook", HANDBOOK, ROOT / "book")
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        pages = QUICK if "--quick" in arguments else PAGES
        tell(f"{pages} made-up pages", write_site(site, pages), site)
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        pages = LARGE_QUICK if "--quick" in arguments else LARGE
        tell_cores(pages, write_site(site, pages), site)
    return 0


def tell(name: str, pages_json: Path, site: Path) -> None:
    """Print how fast a book is read, and how many times as long that takes as its Markdown alone."""
    book = load_book(pages_json)
    texts = [
        (site / page.source).read_text(encoding="utf-8")
        for page in book.pages
        if page.source and page.source.endswith((".md", ".mdx"))
    ]
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    chunks = sum(1 for _ in split_book(book, site))
    ours, counted, raw = seconds_in_turn(
        lambda: [*split_book(book, site)],
        lambda: [*map(count_terms, split_book(book, site))],
        lambda: [markdown.parse(text) for text in texts],
    )
    print(
        f"{name:<20} {megabytes / median(ours):5.2f} MB/s, {chunks / median(ours):6,.0f} chunks/s, with terms "
        f"{megabytes / median(counted):.2f} MB/s: {Ratio(ours, raw)} times as long as markdown-it-py's "
        f"{megabytes / median(raw):.2f} MB/s"
    )


def tell_cores(pages: int, pages_json: Path, site: Path) -> None:
    """Print how many times as long a book takes on all cores as in one process."""
    book = load_book(pages_json)
    split = partial(_count_chunks, site=site)
    shared, alone = seconds_in_turn(lambda: read_in_slices(split, book), lambda: split(book), clock=time.perf_counter)
    print(f"{pages:,} made-up pages on {os.cpu_count()} cores: {Ratio(shared, alone)} times as long as in one process")


def _count_chunks(book: Book, site: Path) -> int:
    return sum(1 for _ in split_book(book, site))


def seconds_in_turn(
    *tasks: Callable[[], object], clock: Callable[[], float] = time.process_time
) -> list[tuple[float, ...]]:
    """Return the time by `clock` that each task took in each of ROUNDS rounds."""
    times: list[list[float]] = [[] for _ in tasks]
    for _ in range(ROUNDS):
        for task, taken in zip(tasks, times, strict=True):
            started = clock()
            task()
            taken.append(clock() - started)
    return [*map(tuple, times)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
