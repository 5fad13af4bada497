"""Pages read on several cores: a large book is cut into slices of pages, and processes share them."""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import TypeVar

from booklight_ingest.pages import Book

# Fewer pages than these are read in the time that another process takes to start.
PAGES_A_PROCESS = 100
# Small enough for the processes to end at about the same time.
PAGES_A_SLICE = 25
MAX_PROCESSES = 4
T = TypeVar("T")


def read_in_slices(read: Callable[[Book], T], book: Book) -> list[T]:
    """Return what `read` makes of the book, or of each slice of its pages, in reading order.

    Other processes call `read`: it has to be a function of a module, or a `partial` of one. What it raises is raised
    here. Where processes cannot be started, the book is read in this one.
    """
    processes = min(MAX_PROCESSES, os.cpu_count() or 1, len(book.pages) // PAGES_A_PROCESS)
    if processes > 1:
        # A forked process would inherit the locks of threads that it does not have, such as a progress bar's.
        context = multiprocessing.get_context("spawn")
        with suppress(OSError, NotImplementedError, BrokenProcessPool), ProcessPoolExecutor(processes, context) as pool:
            return [*pool.map(read, _slices(book))]
    return [read(book)]


def _slices(book: Book) -> list[Book]:
    starts = range(0, len(book.pages), PAGES_A_SLICE)
    return [book.model_copy(update={"pages": book.pages[start : start + PAGES_A_SLICE]}) for start in starts]
