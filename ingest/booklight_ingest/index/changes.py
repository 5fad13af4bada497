"""What changes between the last manifest and the next: chunks, pages, and which headings recur. All pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from hashlib import blake2b

from booklight_ingest.chunks import Chunk
from booklight_ingest.index.manifest import KnownPage, Manifest
from booklight_ingest.index.rows import ChunkRow, Rows
from booklight_ingest.pages import Book

# A heading over this many sections ("Summary") tells nothing about any of them.
RECURS = 4


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be done: chunks to write, ids to delete, and the rows that stay as they are."""

    written: tuple[Chunk, ...]
    deleted: tuple[str, ...]
    kept: tuple[ChunkRow, ...]

    def __bool__(self) -> bool:
        return bool(self.written or self.deleted)


def find_changes(
    before: Manifest | None, books: Sequence[Book], chunks: Sequence[Chunk], spared: Set[str] = frozenset()
) -> Changes:
    """Compare `chunks` with what is indexed; only pages in the locales of `books` can lose theirs.

    The pages at the paths `spared` were not read, and keep what they have.
    """
    if before is None:
        return Changes(tuple(chunks), (), ())
    given = {chunk.id: chunk.content_hash for chunk in chunks}
    locales = _locales(books)
    ours = {page.path for page in before.pages if page.locale in locales} - spared
    known = list(before.rows)
    deleted = tuple(row.id for row in known if row.path in ours and row.id not in given)
    gone = set(deleted)
    kept = [row for row in known if row.id not in gone and given.get(row.id, row.content_hash) == row.content_hash]
    unchanged = {row.id for row in kept}
    return Changes(tuple(chunk for chunk in chunks if chunk.id not in unchanged), deleted, tuple(kept))


def rows_of(chunks: Sequence[Chunk], kept: Iterable[ChunkRow] = ()) -> Rows:
    """Return the manifest's rows of `chunks`, and those `kept` of others, with the recurring headings marked.

    The parts of one section count its heading once.
    """
    given = {chunk.id for chunk in chunks}
    rows = [*map(_row, chunks), *(row for row in kept if row.id not in given)]
    counts = Counter({row.section: row.heading for row in rows}.values())
    recurring = {heading for heading, sections in counts.items() if heading and sections >= RECURS}
    return Rows.of(
        row if row.recurring == (row.heading in recurring) else replace(row, recurring=not row.recurring)
        for row in rows
    )


def _row(chunk: Chunk) -> ChunkRow:
    heading = (chunk.heading or "").casefold().strip()
    return ChunkRow(
        id=chunk.id,
        content_hash=chunk.content_hash,
        path=chunk.path,
        recurring=False,
        section=_hash(chunk.path, chunk.anchor or ""),
        heading=_hash(chunk.locale, chunk.docs_version, heading) if heading else 0,
    )


def _hash(*parts: str) -> int:
    return int.from_bytes(blake2b("\0".join(parts).encode(), digest_size=8).digest(), "big")


def bases_of(books: Sequence[Book], before: Manifest | None) -> dict[str, str]:
    """Return the base URL of each locale, the default one's first: it is served without a segment of its own."""
    bases = {**(before.bases if before else {}), **{book.site.locale: book.site.base_url for book in books}}
    return dict(sorted(bases.items(), key=lambda item: (len(item[1]), item[0])))


def pages_of(books: Sequence[Book], before: Manifest | None, bases: Mapping[str, str]) -> tuple[KnownPage, ...]:
    """Return the pages of `books`, and those known before of other locales."""
    given = [
        KnownPage(
            page.path, page.chapter, page.chapter_path, page.lesson, page.docs_version, page.locale, page.source or ""
        )
        for book in books
        for page in book.pages
    ]
    locales = _locales(books)
    others = [page for page in before.pages if page.locale not in locales] if before else []
    order = {locale: at for at, locale in enumerate(bases)}
    return tuple(sorted([*given, *others], key=lambda page: order.get(page.locale, len(order))))


def fingerprints_of(
    books: Sequence[Book], before: Manifest | None, read: Mapping[str, str], pages: Iterable[KnownPage]
) -> dict[str, str]:
    """Return the fingerprints of the pages just `read`, and those known before of pages that are not of `books`."""
    known = before.fingerprints if before else {}
    others = {page.path for page in pages} - {page.path for book in books for page in book.pages}
    return {path: known[path] for path in others & known.keys()} | dict(read)


def _locales(books: Sequence[Book]) -> set[str]:
    return {book.site.locale for book in books} | {page.locale for book in books for page in book.pages}
