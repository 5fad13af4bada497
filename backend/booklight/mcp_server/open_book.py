"""The indexed book as the tools see it: searched, read section by section, and listed.

Every address that leaves is the absolute URL that readers follow; addresses that come in may be any form of one.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from urllib.parse import unquote, urlsplit

import numpy as np

from booklight.citations.stage import absolute_url
from booklight.contracts import PageContext, Passage, SearchRequest
from booklight.mcp_server.contracts import (
    ChapterArguments,
    ChapterEntry,
    EditionArguments,
    EditionEntry,
    FoundPassage,
    FoundPassages,
    PageEntry,
    ReadArguments,
    ReadSections,
    SearchToolArguments,
    SectionText,
    TableOfContents,
)
from booklight.search.passages import NO_BOOSTS, Boosts, search
from booklight.search.reranking import Reranker
from booklight_ingest.chunks import Chunk
from booklight_ingest.index.live import Index, Reading
from booklight_ingest.index.manifest import KnownPage, Manifest, page_key

MAX_READ = 20_000
"""Characters that one reading returns, but for a last part that passes it."""
NOT_COVERED = "The book does not seem to cover this; the nearest passages, if any, follow."
NOT_IN_SCOPE = "Nothing here seems to answer this; search again with the scope full_book."


class NoSuchPlace(Exception):
    """What was named is not in the book; the text says what is, for the client to choose from."""


class OpenBook:
    """The book behind `require_index`, which raises NotReady while there is none.

    `book_base_url` replaces the address that the site was built for, as in citations. All methods raise
    IndexUnavailable.
    """

    def __init__(
        self,
        require_index: Callable[[], Index],
        *,
        boosts: Boosts,
        reranker: Reranker | None = None,
        book_base_url: str | None = None,
    ) -> None:
        self._require_index = require_index
        self._boosts = boosts
        self._reranker = reranker
        self._book_base_url = book_base_url

    async def search(self, asked: SearchToolArguments) -> FoundPassages:
        """Return the passages that answer, best first. Raises NoSuchPlace."""
        index = self._require_index()
        async with index.reading() as reading:
            page, named = self._searched_page(reading.generation.manifest, asked)
        found = await search(
            index,
            SearchRequest(asked.queries, asked.scope, page),
            boosts=self._boosts if named else NO_BOOSTS,
            limit=asked.limit,
            reranker=self._reranker,
        )
        outside = NOT_COVERED if asked.scope == "full_book" else NOT_IN_SCOPE
        return FoundPassages(
            found=found.found,
            answerability=round(found.answerability, 2),
            note=None if found.found else outside,
            passages=[self._passage(passage) for passage in found.passages],
        )

    async def read(self, asked: ReadArguments) -> ReadSections:
        """Return the text of a section and those below it, or of a page. Raises NoSuchPlace."""
        async with self._require_index().reading() as reading:
            page = self._find_page(reading.generation.manifest, asked.url)
            chunks = await _load_page(reading, page)
        within = _section(chunks, unquote(urlsplit(asked.url).fragment))
        if not within:
            headings = ", ".join(dict.fromkeys(self.address(chunk) for chunk in chunks))
            raise NoSuchPlace(f"There is no such section on this page. It has: {headings or 'no text'}")
        shown, following = _from(within, asked.start)
        return ReadSections(
            url=self.address(within[0]),
            page_title=within[0].page_title,
            chapter=within[0].chapter_title,
            sections=[SectionText(url=self.address(chunk), heading=chunk.heading, text=chunk.text) for chunk in shown],
            next=following,
        )

    async def list_chapters(self, asked: ChapterArguments) -> TableOfContents:
        """Return the table of contents of one edition. Raises NoSuchPlace."""
        async with self._require_index().reading() as reading:
            manifest = reading.generation.manifest
            edition = manifest.filters[_choose_edition(manifest, asked).id.edition]
            numbers = manifest.pages_in(edition)
            seen = {manifest.rows.page_ids[number] for number in numbers}
            beginnings = await load_beginnings(reading, [page for page in manifest.pages if page.id in seen])
        return TableOfContents(
            book=manifest.info.site_title,
            editions=[_edition_entry(page) for page in manifest.first_pages],
            chapters=[
                ChapterEntry(
                    number=chunks[0].chapter_number, title=chunks[0].chapter_title, pages=self._entries(chunks)
                )
                for chunks in _by_chapter(beginnings)
            ],
        )

    async def list_pages(self, start: int, limit: int) -> tuple[list[Chunk], bool]:
        """Return the first chunk of each page, of all editions, from number `start` on, and whether there are more."""
        async with self._require_index().reading() as reading:
            manifest = reading.generation.manifest
            indexed = set(manifest.rows.page_ids)
            pages = [page for page in manifest.pages if page.id in indexed]
            return await load_beginnings(reading, pages[start : start + limit]), len(pages) > start + limit

    async def load_page(self, address: str) -> list[Chunk]:
        """Return all chunks of a page, in order of reading. Raises NoSuchPlace."""
        async with self._require_index().reading() as reading:
            return await _load_page(reading, self._find_page(reading.generation.manifest, address))

    def address(self, chunk: Chunk) -> str:
        """Return the URL that readers follow to a chunk."""
        return self._absolute(chunk.address)

    def _absolute(self, address: str) -> str:
        return absolute_url(self._require_index().info, self._book_base_url, address)

    def _entries(self, beginnings: Iterable[Chunk]) -> list[PageEntry]:
        return [PageEntry(url=self.address(chunk).partition("#")[0], title=chunk.page_title) for chunk in beginnings]

    def _passage(self, passage: Passage) -> FoundPassage:
        chunk = passage.chunk
        return FoundPassage(
            url=self.address(chunk),
            title=chunk.heading or chunk.page_title,
            breadcrumbs=[*chunk.breadcrumbs],
            text=chunk.text,
        )

    def _searched_page(self, manifest: Manifest, asked: SearchToolArguments) -> tuple[PageContext, bool]:
        """Return the page to search from, and whether it was named or stands for its whole edition."""
        if asked.page is not None:
            page = self._find_page(manifest, asked.page)
        elif asked.scope != "full_book":
            raise NoSuchPlace(f"The scope {asked.scope} needs `page`, to know which.")
        elif not manifest.first_pages:
            return PageContext(), False
        else:
            page = _choose_edition(manifest, asked)
        context = PageContext(path=_address_of(page), locale=page.locale, docs_instance=page.docs_instance)
        return context, asked.page is not None

    def _find_page(self, manifest: Manifest, address: str) -> KnownPage:
        """Return the page at an address that a site was built for, or that readers follow."""
        key = page_key(address)
        origin = urlsplit(address).netloc
        found = [
            page for page in manifest.pages if key in (page_key(page.path), page_key(self._absolute(_address_of(page))))
        ]
        best = max(found, key=lambda page: (urlsplit(page.site).netloc == origin, page.last_version), default=None)
        if best is None:
            raise NoSuchPlace("The book has no page at this address; list_chapters returns those it has.")
        return best


async def load_beginnings(reading: Reading, pages: Sequence[KnownPage]) -> list[Chunk]:
    """Return the first chunk of each of `pages` that has any."""
    rows = reading.generation.manifest.rows
    _, first = np.unique(rows.pages, return_index=True)
    first_of = {rows.page_ids[rows.pages[row]]: rows.ids[row].decode() for row in first.tolist()}
    return await reading.generation.engine.load([first_of[page.id] for page in pages if page.id in first_of])


async def _load_page(reading: Reading, page: KnownPage) -> list[Chunk]:
    return await reading.generation.engine.load([row.id for row in reading.generation.manifest.rows.on(page.id)])


def _section(chunks: Sequence[Chunk], anchor: str) -> list[Chunk]:
    """Return the chunks under a heading and the headings below it; without an anchor all of them."""
    if not anchor:
        return [*chunks]
    at = next((number for number, chunk in enumerate(chunks) if chunk.anchor == anchor), None)
    if at is None:
        return []
    above = _headings(chunks[at])
    after = at
    while after < len(chunks) and (chunks[after].anchor == anchor or _headings(chunks[after])[: len(above)] == above):
        after += 1
    return [*chunks[at:after]]


def _headings(chunk: Chunk) -> tuple[str, ...]:
    """Return the breadcrumbs of a chunk down to its heading, without the titles of tabs and the like around it."""
    crumbs = chunk.breadcrumbs
    if chunk.heading not in crumbs:
        return crumbs
    return crumbs[: len(crumbs) - crumbs[::-1].index(chunk.heading)]


def _from(chunks: Sequence[Chunk], start: int) -> tuple[Sequence[Chunk], int | None]:
    """Return the chunks from number `start` on that fit in one reading, and the number of the first that does not."""
    length, end = 0, min(start, len(chunks))
    while end < len(chunks) and (length < MAX_READ or end == start):
        length += len(chunks[end].text)
        end += 1
    return chunks[start:end], end if end < len(chunks) else None


def _by_chapter(beginnings: Iterable[Chunk]) -> list[list[Chunk]]:
    return [[*pages] for _, pages in groupby(beginnings, key=lambda chunk: (chunk.chapter_path, chunk.locale))]


def _choose_edition(manifest: Manifest, asked: EditionArguments) -> KnownPage:
    """Return the first page of the edition that is meant, of a last version where none is named. Raises NoSuchPlace."""
    fitting = [
        page
        for page in manifest.first_pages
        if asked.locale in (None, page.locale)
        and asked.version in (None, page.docs_version)
        and asked.instance in (None, page.docs_instance)
    ]
    if not fitting:
        known = ", ".join(f"{page.locale}/{page.docs_instance}/{page.docs_version}" for page in manifest.first_pages)
        raise NoSuchPlace(f"The book has no such edition. It has (locale/instance/version): {known}")
    return next((page for page in fitting if page.last_version), fitting[0])


def _edition_entry(page: KnownPage) -> EditionEntry:
    return EditionEntry(
        locale=page.locale, version=page.docs_version, instance=page.docs_instance, last_version=page.last_version
    )


def _address_of(page: KnownPage) -> str:
    """Return the page's URL with the origin of its site."""
    site = urlsplit(page.site)
    return f"{site.scheme}://{site.netloc}{page.path}"
