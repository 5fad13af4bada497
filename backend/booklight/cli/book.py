"""The built book that a command is given: its pages.json, the folder of its sources, and its chunks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from booklight_ingest.chunks import Chunk, split_book
from booklight_ingest.mdx import Problem
from booklight_ingest.pages import Book, load_book, source_root

DEFAULT_PAGES = Path("book/build/booklight/pages.json")

PagesJson = Annotated[Path, typer.Argument(metavar="[PAGES_JSON]", help="Written by the site plugin into the build.")]
SourceFolder = Annotated[Path | None, typer.Option("--source", help="The site's folder, where pages.json errs.")]


def locale_files(given: Path) -> list[Path]:
    """Return the `pages.json` of each locale in a build folder, the one at its root first; a file is returned as it is.

    A folder without any is answered with where the first is expected.
    """
    if not given.is_dir():
        return [given]
    root, others = given / "booklight/pages.json", sorted(given.glob("*/booklight/pages.json"))
    return [root, *others] if root.exists() or not others else others


def open_book(pages_json: Path, source: Path | None) -> tuple[Book, Path]:
    """Return a book and the folder of its sources. Raises PagesUnreadable."""
    book = load_book(pages_json)
    return book, source_root(book, pages_json, source)


def build_folder(pages_json: Path) -> Path:
    """Return the folder that the site was built into; where none was, it holds no page's HTML."""
    return pages_json.resolve().parent.parent


def split(book: Book, root: Path, build: Path, problems: list[Problem]) -> Iterator[Chunk]:
    """Yield the chunks of a book, and add what was not understood of its pages to `problems`."""
    return split_book(book, root, build=build, report=problems.append)
