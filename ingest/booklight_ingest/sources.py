"""The sources of books, as far as they have to be read: pages whose fingerprint is the one indexed are spared.

A page's chunks depend on its source, on the files that imports, on its entry in `pages.json`, and on this package.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from booklight_ingest.chunks import MARKDOWN, Chunk, Report, split_book, unreadable, warn
from booklight_ingest.mdx import Library, imported_files, read_source
from booklight_ingest.pages import Book, Page, PageId


@dataclass(frozen=True, slots=True)
class BookSource:
    """A book and the folder that its sources are relative to."""

    book: Book
    root: Path


@dataclass(frozen=True, slots=True)
class ReadBooks:
    """The `chunks` of the pages that were read, and the ids of those that were spared: their chunks stay.

    `fingerprints` are those of both.
    """

    chunks: tuple[Chunk, ...]
    spared: frozenset[PageId]
    fingerprints: Mapping[PageId, str]


def read_books(sources: Sequence[BookSource], known: Mapping[PageId, str], report: Report = warn) -> ReadBooks:
    """Split the pages whose fingerprint is not the `known` one. Raises PagesUnreadable for a missing source."""
    chunks: list[Chunk] = []
    fingerprints: dict[PageId, str] = {}
    for source in sources:
        found = _fingerprints(source)
        book = source.book
        changed = tuple(page for page in book.pages if found.get(book.page_id(page)) != known.get(book.page_id(page)))
        chunks += split_book(book.model_copy(update={"pages": changed}), source.root, report=report)
        fingerprints |= found
    spared = (page for page, fingerprint in fingerprints.items() if known.get(page) == fingerprint)
    return ReadBooks(tuple(chunks), frozenset(spared), fingerprints)


def pages_without_source(sources: Iterable[BookSource]) -> int:
    """Return how many pages were made from no file, and so are left out."""
    return sum(page.source is None for source in sources for page in source.book.pages)


def shown_files(sources: Iterable[BookSource]) -> list[Path]:
    """Return the files that books are made from: the pages' sources, and what those import."""
    files: list[Path] = []
    for source in sources:
        library = Library(source.root)
        for file in (source.root / page.source for page in source.book.pages if page.source):
            files += [file, *imported_files(read_source(file) or "", file, library)]
    return files


def _fingerprints(source: BookSource) -> dict[PageId, str]:
    library = Library(source.root)
    chapters = {chapter.path: chapter.model_dump_json() for chapter in reversed(source.book.chapters)}
    return {
        source.book.page_id(page): _fingerprint(page, chapters.get(page.chapter_path or "", ""), source.root, library)
        for page in source.book.pages
        if Path(page.source or "").suffix in MARKDOWN
    }


def _fingerprint(page: Page, chapter: str, root: Path, library: Library) -> str:
    file = root / (page.source or "")
    text = read_source(file)
    if text is None:
        raise unreadable(page, file)
    imported = imported_files(text, file, library)
    parts = [_package(), page.model_dump_json(), chapter, text, *(read_source(other) or "" for other in imported)]
    return _digest(part.encode() for part in parts)


@cache
def _package() -> str:
    """Return what changes when pages are read in another way: a digest of the code that reads them."""
    folder = Path(__file__).parent
    files = sorted([*folder.glob("*.py"), *folder.glob("mdx/*.py")])
    return _digest(file.read_bytes() for file in files)


def _digest(parts: Iterable[bytes]) -> str:
    # The digests of parts have one length, so that no two lists of parts look alike.
    return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()[:32]
