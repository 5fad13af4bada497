"""The sources of books, as far as they have to be read: pages whose fingerprint is the one indexed are spared.

A page's chunks depend on its source, on the files that imports, on the main part of its HTML, on its entry in
`pages.json`, and on this package.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from booklight_ingest.chunks import Chunk, Report, read_built, read_page, split_book, warn
from booklight_ingest.html import main_text
from booklight_ingest.mdx import Library, Problem, imported_files, read_source
from booklight_ingest.page_slices import read_in_slices
from booklight_ingest.pages import Book, Page, PageId
from booklight_ingest.witnesses import Tally


@dataclass(frozen=True, slots=True)
class BookSource:
    """A book, the folder that its sources are relative to, and the one it was built into, if it was."""

    book: Book
    root: Path
    build: Path | None = None


@dataclass(frozen=True, slots=True)
class ReadBooks:
    """The `chunks` of the pages that were read, and the ids of those that were spared: their chunks stay.

    `fingerprints` are those of both.
    """

    chunks: tuple[Chunk, ...]
    spared: frozenset[PageId]
    fingerprints: Mapping[PageId, str]


def read_books(
    sources: Sequence[BookSource], known: Mapping[PageId, str], report: Report = warn, tally: Tally | None = None
) -> ReadBooks:
    """Split the pages whose fingerprint is not the `known` one; what was read from where is added to `tally`.

    Raises PagesUnreadable for a missing source.
    """
    chunks: list[Chunk] = []
    fingerprints: dict[PageId, str] = {}
    problems: list[Problem] = []
    for source in sources:
        found = _fingerprints(source)
        book = source.book
        changed = tuple(page for page in book.pages if found.get(book.page_id(page)) != known.get(book.page_id(page)))
        split = partial(_split, root=source.root, build=source.build)
        for part in read_in_slices(split, book.model_copy(update={"pages": changed})):
            chunks += part.chunks
            problems += part.problems
            if tally:
                tally.add(part.tally)
        fingerprints |= found
    # What a partial holds is reported by every slice of a book that shows it.
    for problem in dict.fromkeys(problems):
        report(problem)
    spared = (page for page, fingerprint in fingerprints.items() if known.get(page) == fingerprint)
    return ReadBooks(tuple(chunks), frozenset(spared), fingerprints)


@dataclass(frozen=True, slots=True)
class _Split:
    """What was made of some pages."""

    chunks: list[Chunk]
    problems: list[Problem]
    tally: Tally


def _split(book: Book, root: Path, build: Path | None) -> _Split:
    problems: list[Problem] = []
    tally = Tally()
    return _Split([*split_book(book, root, build=build, report=problems.append, tally=tally)], problems, tally)


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
    found = {
        source.book.page_id(page): _fingerprint(page, chapters.get(page.chapter_path or "", ""), source, library)
        for page in source.book.pages
    }
    return {path: fingerprint for path, fingerprint in found.items() if fingerprint}


def _fingerprint(page: Page, chapter: str, source: BookSource, library: Library) -> str | None:
    """What a page's chunks depend on, None if it can have none."""
    text, html = read_page(page, source.root), read_built(source.book, page, source.build)
    if text is None and html is None:
        return None
    imported = imported_files(text, source.root / (page.source or ""), library) if text else []
    parts = [_package(), page.model_dump_json(), chapter, repr(text), repr(html and main_text(html))]
    return _digest(part.encode() for part in (*parts, *(read_source(other) or "" for other in imported)))


@cache
def _package() -> str:
    """Return what changes when pages are read in another way: a digest of the code that reads them."""
    folder = Path(__file__).parent
    files = sorted([*folder.glob("*.py"), *folder.glob("mdx/*.py"), *folder.glob("html/*.py")])
    return _digest(file.read_bytes() for file in files)


def _digest(parts: Iterable[bytes]) -> str:
    # The digests of parts have one length, so that no two lists of parts look alike.
    return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()[:32]
