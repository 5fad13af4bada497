"""The book as Markdown in its own build, for readers' assistants: a `.md` beside every page, and `llms-full.txt`.

Both are written from the headings and blocks that are indexed, so that they say what readers see: no JSX, no imports.
"""

import json
import os
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from booklight_ingest.chunks import read_items
from booklight_ingest.html import file_of
from booklight_ingest.mdx import Block, Item, SourceHeading, escape, render
from booklight_ingest.page_slices import read_in_slices
from booklight_ingest.pages import Book, Page
from booklight_ingest.sources import BookSource

WHOLE_BOOK = "llms-full.txt"
# Names the files that were written, so that what the site itself brings is never taken for one of them.
WRITTEN = Path("booklight", "markdown.json")


def write_markdown(source: BookSource) -> int:
    """Write the Markdown of a built book into its build, and return how many files it is: none if it wants none.

    Every page that was built gets a `.md`; `llms-full.txt` holds those of the last versions, in reading order. Pages
    that the site's sitemap leaves out are in neither. A file that the site brings itself is left as it is, one that was
    written for a page that is gone is deleted. Raises OSError where the build cannot be written.
    """
    if not source.book.site.markdown or source.build is None:
        return 0
    ours = _load_written(source.build)
    files = _files(source, source.build)
    written = {name for name, text in files if _write(source.build / name, text, ours=name in ours)}
    for name in ours - written:
        (source.build / name).unlink(missing_ok=True)
    _replace(source.build / WRITTEN, json.dumps(sorted(written), indent=1) + "\n")
    return len(written)


def has_markdown(source: BookSource) -> bool:
    """Say whether the Markdown of a book stands in its build; a new build has none."""
    return source.build is not None and (source.build / WRITTEN).exists()


def page_markdown(page: Page, address: str, items: Iterable[Item]) -> str:
    """Return a page as CommonMark: its title, its `address`, then its `items`, which do not hold the title."""
    parts = [f"# {escape(page.title)}", f"Source: <{address}>"]
    blocks: list[Block] = []
    for item in items:
        match item:
            case SourceHeading():
                parts += [render(blocks), f"{'#' * item.level} {escape(item.text)}"]
                blocks = []
            case Block():
                blocks.append(item)
    parts.append(render(blocks))
    return "\n\n".join(filter(None, parts)) + "\n"


def _files(source: BookSource, build: Path) -> Iterator[tuple[str, str]]:
    """The files to write, by their names below the build folder."""
    book = source.book
    wanted = book.model_copy(update={"pages": tuple(page for page in book.pages if _is_wanted(book, page, build))})
    last_versions = [f"# {escape(book.site.title)}\n"]
    for texts in read_in_slices(partial(_texts, root=source.root, build=build), wanted):
        for page, text in texts:
            yield _name(book, page), text
            if page.last_version:
                last_versions.append(text)
    yield WHOLE_BOOK, "\n".join(last_versions)


def _texts(book: Book, root: Path, build: Path) -> list[tuple[Page, str]]:
    origin = book.site.url.rstrip("/")
    items = read_items(book, root, build=build)
    return [(page, page_markdown(page, origin + page.path, written)) for page, written in items]


def _is_wanted(book: Book, page: Page, build: Path) -> bool:
    return page.listed and file_of(build, book.site.base_url, page.path) is not None


def _name(book: Book, page: Page) -> str:
    """Where a page's Markdown is: its address with `.md` and no slash at its end, `index.md` for the home page."""
    route = unquote(page.path[len(book.site.base_url) :]).strip("/")
    return f"{route or 'index'}.md"


def _load_written(build: Path) -> set[str]:
    """Return the names of the files that are ours; none of a build that is new."""
    file = build / WRITTEN
    return set(json.loads(file.read_text("utf-8"))) if file.exists() else set()


def _write(file: Path, text: str, *, ours: bool) -> bool:
    """Write a file unless the site brings one of that name, and return whether it is ours."""
    if file.exists():
        if not ours:
            return False
        if file.read_text("utf-8") == text:
            return True
    _replace(file, text)
    return True


def _replace(file: Path, text: str) -> None:
    """Write a file that others may be reading: they see the old one or the new one, never half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    draft.write_text(text, "utf-8")
    draft.replace(file)
