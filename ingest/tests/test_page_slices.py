"""A large book is read on several cores, and becomes what one process would have made of it."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from booklight_ingest import page_slices
from booklight_ingest.errors import PagesUnreadable
from booklight_ingest.mdx import Problem
from booklight_ingest.page_slices import PAGES_A_PROCESS, PAGES_A_SLICE, read_in_slices
from booklight_ingest.pages import Book, Page, Site
from booklight_ingest.sources import BookSource, ReadBooks, read_books
from booklight_ingest.witnesses import Tally

PAGES = 2 * PAGES_A_PROCESS
EMPTY = 7
TEXT = "import Note from './_note.mdx'\n\n<Note />\n\n## Summary {#s}\n\nPage %d tells of bees and of hives.\n"


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "_note.mdx").write_text("A note. <Unclosed>\n")
    for number in range(PAGES):
        (tmp_path / f"{number}.mdx").write_text("" if number == EMPTY else TEXT % number)
    return tmp_path


def book(pages: int = PAGES) -> Book:
    site = Site(title="T", url="https://book.example", base_url="/", locale="en", site_dir=".")
    made = (Page(path=f"/{number}", source=f"{number}.mdx", title=f"P{number}") for number in range(pages))
    return Book(version=1, site=site, pages=tuple(made))


def read(root: Path) -> tuple[ReadBooks, list[Problem], Tally]:
    problems: list[Problem] = []
    tally = Tally()
    return read_books([BookSource(book(), root)], {}, problems.append, tally), problems, tally


def process_and_pages(book: Book) -> tuple[int, int]:
    return os.getpid(), len(book.pages)


def fail_to_read(book: Book, message: str) -> None:
    raise PagesUnreadable(message)


def test_other_processes_read_a_large_book_slice_by_slice() -> None:
    results = read_in_slices(process_and_pages, book())
    assert os.getpid() not in {process for process, _ in results}
    assert [pages for _, pages in results] == [PAGES_A_SLICE] * (PAGES // PAGES_A_SLICE)


def test_a_small_book_is_read_in_this_process() -> None:
    pages = PAGES - 1
    assert read_in_slices(process_and_pages, book(pages)) == [(os.getpid(), pages)]


def test_chunks_problems_and_tally_are_those_of_one_process(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = read(root)
    monkeypatch.setattr(page_slices, "MAX_PROCESSES", 1)
    assert shared == read(root)
    _, problems, tally = shared
    assert [(problem.file.name, problem.line) for problem in problems] == [("_note.mdx", 1)]
    assert tally.nearly_empty == [f"/{EMPTY}"]


def test_what_a_process_raises_is_raised_here() -> None:
    with pytest.raises(PagesUnreadable, match="no such page"):
        read_in_slices(partial(fail_to_read, message="no such page"), book())


def test_where_no_process_can_be_started_the_book_is_read_in_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_semaphores(*_: Callable[..., object]) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(page_slices, "ProcessPoolExecutor", no_semaphores)
    assert read_in_slices(process_and_pages, book()) == [(os.getpid(), PAGES)]
