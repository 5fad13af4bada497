"""What changes between the last manifest and the next: chunks, pages, and which headings recur. All pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from booklight_ingest.chunks import Chunk
from booklight_ingest.index.manifest import KnownPage, KnownSite, Manifest
from booklight_ingest.index.rows import ChunkRow, Rows, heading_hash, said_hash, section_hash
from booklight_ingest.pages import Book, PageId

# A heading over this many sections ("Summary") tells nothing about any of them.
RECURS = 4
# A text of fewer words and marks says what it says of its heading: "Type: string" of one option is not that of another.
TELLS_ALONE = 10


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be done: chunks to write, ids to delete, and the rows that stay as they are."""

    written: tuple[Chunk, ...]
    deleted: tuple[str, ...]
    kept: tuple[ChunkRow, ...]

    def __bool__(self) -> bool:
        return bool(self.written or self.deleted)


def find_changes(
    before: Manifest | None, books: Sequence[Book], chunks: Sequence[Chunk], spared: Set[PageId] = frozenset()
) -> Changes:
    """Compare `chunks` with what is indexed; only pages of the sites of `books` can lose theirs.

    The pages `spared` were not read, and keep what they have.
    """
    if before is None:
        return Changes(tuple(chunks), (), ())
    given = {chunk.id: chunk.content_hash for chunk in chunks}
    sites = _addresses(books)
    ours = {page.id for page in before.pages if page.site in sites} - spared
    known = list(before.rows)
    deleted = tuple(row.id for row in known if row.page in ours and row.id not in given)
    gone = set(deleted)
    kept = [row for row in known if row.id not in gone and given.get(row.id, row.content_hash) == row.content_hash]
    unchanged = {row.id for row in kept}
    return Changes(tuple(chunk for chunk in chunks if chunk.id not in unchanged), deleted, tuple(kept))


def rows_of(chunks: Sequence[Chunk], kept: Iterable[ChunkRow] = ()) -> Rows:
    """Return the manifest's rows of `chunks`, and those `kept` of others, with the recurring headings marked.

    The parts of one section count its heading once, and so do sections that say the same.
    """
    given = {chunk.id for chunk in chunks}
    rows = [*map(_row, chunks), *(row for row in kept if row.id not in given)]
    counts = Counter(heading for heading, _ in _different_sections(rows))
    recurring = {heading for heading, sections in counts.items() if heading and sections >= RECURS}
    return Rows.of(
        row if row.recurring == (row.heading in recurring) else replace(row, recurring=not row.recurring)
        for row in rows
    )


def _different_sections(rows: Iterable[ChunkRow]) -> set[tuple[int, int]]:
    """The heading and a hash of the text of each section, equal ones once."""
    found: dict[int, tuple[int, int]] = {}
    for row in rows:
        found[row.section] = min(found.get(row.section, (row.heading, row.said)), (row.heading, row.said))
    return set(found.values())


def _row(chunk: Chunk) -> ChunkRow:
    told_apart_by = chunk.heading if chunk.token_count < TELLS_ALONE else None
    return ChunkRow(
        id=chunk.id,
        content_hash=chunk.content_hash,
        page=chunk.page_id,
        recurring=False,
        section=section_hash(chunk.page_id, chunk.anchor),
        heading=heading_hash(chunk.page_id.edition, chunk.heading or ""),
        said=said_hash(chunk.site, chunk.locale, chunk.text, told_apart_by),
    )


def sites_of(books: Sequence[Book], before: Manifest | None) -> tuple[KnownSite, ...]:
    """Return the sites of `books` and those known before, the default locale's first: its baseUrl is the shortest.

    Where locales have domains of their own, they keep the order in which they were given first.
    """
    given = {book.site.address: _known_site(book) for book in books}
    known = {site.address: site for site in before.sites} if before else {}
    ordered = given if known.keys() <= given.keys() else {**known, **given}
    return tuple(sorted(ordered.values(), key=lambda site: len(site.base_url)))


def pages_of(books: Sequence[Book], before: Manifest | None, sites: Sequence[KnownSite]) -> tuple[KnownPage, ...]:
    """Return the pages of `books`, and those known before of other sites."""
    given = [
        KnownPage(
            *book.page_id(page),
            page.chapter,
            page.chapter_path,
            page.lesson,
            source=page.source,
            last_version=page.last_version,
        )
        for book in books
        for page in book.pages
    ]
    replaced = _addresses(books)
    others = [page for page in before.pages if page.site not in replaced] if before else []
    order = {site.address: at for at, site in enumerate(sites)}
    return tuple(sorted([*given, *others], key=lambda page: order[page.site]))


def fingerprints_of(
    books: Sequence[Book], before: Manifest | None, read: Mapping[PageId, str], pages: Iterable[KnownPage]
) -> dict[PageId, str]:
    """Return the fingerprints of the pages just `read`, and those known before of pages that are not of `books`."""
    known = before.fingerprints if before else {}
    others = {page.id for page in pages} - {book.page_id(page) for book in books for page in book.pages}
    return {page: known[page] for page in others & known.keys()} | dict(read)


def _known_site(book: Book) -> KnownSite:
    site = book.site
    return KnownSite(site.address, site.locale, site.title, site.url, site.base_url)


def _addresses(books: Sequence[Book]) -> set[str]:
    """Return the addresses that `books` are the whole of: no two locales of a site have one address."""
    return {book.site.address for book in books} | {book.page_id(page).site for book in books for page in book.pages}
