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
from booklight_ingest.pages import Book, Page


@dataclass(frozen=True, slots=True)
class BookSource:
    """A book and the folder that its sources are relative to."""

    book: Book
    root: Path


@dataclass(frozen=True, slots=True)
class ReadBooks:
    """The `chunks` of the pages that were read, and the paths of those that were spared: their chunks stay.

    `fingerprints` are those of both, by the page's path.
    """

    chunks: tuple[Chunk, ...]
    spared: frozenset[str]
    fingerprints: Mapping[str, str]


def read_books(sources: Sequence[BookSource], known: Mapping[str, str], report: Report = warn) -> ReadBooks:
    """Split the pages whose fingerprint is not the `known` one. Raises PagesUnreadable for a missing source."""
    chunks: list[Chunk] = []
    fingerprints: dict[str, str] = {}
    for source in sources:
        found = _fingerprints(source)
        changed = tuple(page for page in source.book.pages if found.get(page.path) != known.get(page.path))
        chunks += split_book(source.book.model_copy(update={"pages": changed}), source.root, report=report)
        fingerprints |= found
    spared = (path for path, fingerprint in fingerprints.items() if known.get(path) == fingerprint)
    return ReadBooks(tuple(chunks), frozenset(spared), fingerprints)


def shown_files(sources: Iterable[BookSource]) -> list[Path]:
    """Return the files that books are made from: the pages' sources, and what those import."""
    files: list[Path] = []
    for source in sources:
        library = Library(source.root)
        for file in (source.root / page.source for page in source.book.pages if page.source is not None):
            files += [file, *imported_files(read_source(file) or "", file, library)]
    return files


def _fingerprints(source: BookSource) -> dict[str, str]:
    library = Library(source.root)
    chapters = {chapter.path: chapter.model_dump_json() for chapter in reversed(source.book.chapters)}
    return {
        page.path: _fingerprint(page, chapters.get(page.chapter_path or "", ""), source.root, library)
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
