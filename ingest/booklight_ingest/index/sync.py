"""Bring an index into step with a book: work out what changed, embed that, and publish the next generation."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from booklight_ingest.bm25 import NO_COUNTS, count_terms, mean_length
from booklight_ingest.chunks import Chunk, Report, warn
from booklight_ingest.embed.embedder import Embedder
from booklight_ingest.errors import IndexMismatch, IndexMissing, IndexUnavailable, PagesUnreadable
from booklight_ingest.index.changes import (
    Changes,
    find_changes,
    fingerprints_of,
    pages_of,
    rows_of,
    sites_of,
)
from booklight_ingest.index.engine import Engine, Generation, Generations, Point
from booklight_ingest.index.live import Location, open_generations
from booklight_ingest.index.manifest import SCHEMA_VERSION, IndexInfo, KnownSite, Manifest
from booklight_ingest.index.points import Progress as Progress
from booklight_ingest.index.points import Vectors, make_points, stored_vectors
from booklight_ingest.index.rows import id_number
from booklight_ingest.languages import base_language
from booklight_ingest.pages import Book, PageId
from booklight_ingest.sources import BookSource, ReadBooks, read_books
from booklight_ingest.witnesses import Tally

# The mean length of chunks serves until this share of them has changed; then what is stored is weighed anew.
DRIFT = 0.1

# Takes the fingerprints of the pages that are indexed.
Read = Callable[[Mapping[PageId, str]], ReadBooks]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did. `pages` and `chunks` are all that the index now holds; `chunks` is `embedded + kept`.

    `replaced` says that an index of another version of Booklight was there, and that nothing of it is left.
    `languages` are those that the sites are written in.
    """

    pages: int
    chunks: int
    embedded: int
    kept: int
    deleted: int
    seconds: float
    commit: str | None
    replaced: bool = False
    languages: tuple[str, ...] = ()


def sync_books(
    sources: Sequence[BookSource],
    location: Location,
    embedder: Embedder,
    progress: Progress | None = None,
    report: Report = warn,
    tally: Tally | None = None,
    *,
    anew: bool = False,
) -> SyncReport:
    """Make the index at `location` hold exactly the books of `sources`, as `sync_index` does.

    Only pages that have changed since they were indexed are read, but all where it is made `anew`. What could not be
    understood of those goes to `report`, what was read from where is added to `tally`. Raises PagesUnreadable too when
    a source is not there.
    """
    books = [source.book for source in sources]

    def read(known: Mapping[PageId, str]) -> ReadBooks:
        return read_books(sources, known, report, tally)

    return asyncio.run(_sync(books, read, location, embedder, progress, anew))


def sync(
    books: Sequence[Book],
    chunks: Iterable[Chunk],
    location: Location,
    embedder: Embedder,
    progress: Progress | None = None,
) -> SyncReport:
    """Run `sync_index` to its end."""
    return asyncio.run(sync_index(books, chunks, location, embedder, progress))


async def sync_index(
    books: Sequence[Book],
    chunks: Iterable[Chunk],
    location: Location,
    embedder: Embedder,
    progress: Progress | None = None,
    *,
    anew: bool = False,
) -> SyncReport:
    """Make the index at `location` hold exactly `chunks` for the sites of `books`; others stay.

    Only what the index has not embedded yet is embedded, wherever in the book it stood; where all is made `anew`,
    nothing is taken over from it, and other sites do not stay. Readers see the new state at
    once or, if this fails or is killed, never. Raises PagesUnreadable when there is nothing to index, EmbeddingFailed,
    IndexUnavailable.
    """
    given = ReadBooks(tuple(chunks), frozenset(), {})
    return await _sync(books, lambda known: given, location, embedder, progress, anew)


async def _sync(
    books: Sequence[Book], read: Read, location: Location, embedder: Embedder, progress: Progress | None, anew: bool
) -> SyncReport:
    started = time.monotonic()
    generations = open_generations(location, patient=True)
    try:
        async with _writing(generations), _opened(generations, anew) as (base, outdated):
            given = read(base.manifest.fingerprints if base else {})
            counted = await _Sync(books, given, generations, embedder).run(base, progress or _silent)
    finally:
        await generations.close()
    return replace(counted, replaced=outdated, seconds=round(time.monotonic() - started, 3))


@asynccontextmanager
async def _writing(generations: Generations) -> AsyncIterator[None]:
    await generations.lock()
    try:
        yield
    finally:
        await generations.release()


@asynccontextmanager
async def _opened(generations: Generations, anew: bool) -> AsyncIterator[tuple[Generation | None, bool]]:
    """Open the generation to start from, None when there is none, none that can be built on, or all is made `anew`.

    The second part says that the one there was made by another version of Booklight.
    """
    if anew:
        yield None, False
        return
    try:
        base = await generations.open()
    except (IndexMissing, IndexMismatch, IndexUnavailable) as error:
        # What keeps it from being opened shows again in writing it, unless writing it is the cure.
        yield None, isinstance(error, IndexMismatch)
        return
    try:
        yield base, False
    finally:
        await base.engine.close()


class _Sync:
    """One run: from the changes to the published generation."""

    def __init__(self, books: Sequence[Book], given: ReadBooks, generations: Generations, embedder: Embedder) -> None:
        self._books = books
        self._given = given
        self._chunks = tuple({chunk.id: chunk for chunk in given.chunks}.values())
        self._generations = generations
        self._embedder = embedder

    async def run(self, base: Generation | None, progress: Progress) -> SyncReport:
        before = base.manifest if base else None
        changes = find_changes(before, self._books, self._chunks, self._given.spared)
        if not self._chunks and not any(row.page in self._given.spared for row in changes.kept):
            raise PagesUnreadable(
                "the pages hold no text to index: check the site's folder; the index is left as it was"
            )
        if base is None or base.manifest.info.embedding != self._embedder.name:
            return await self._rebuild(base, changes, progress, reuse=False)
        drift = base.manifest.drift + len(changes.written) + len(changes.deleted)
        if changes and drift > DRIFT * base.manifest.info.chunks:
            return await self._rebuild(base, changes, progress, reuse=True)
        return await self._update(base, changes, progress, drift)

    async def _update(self, base: Generation, changes: Changes, progress: Progress, drift: int) -> SyncReport:
        """Change what has changed in a copy of the last generation, or nothing but its manifest."""
        before = base.manifest
        manifest = self._describe(changes, before)
        if not changes and manifest.pages == before.pages:
            if _tells_more(manifest, before):
                await self._generations.revise(manifest)
            return _report(manifest, changes, embedded=0)
        replaced = [chunk.id for chunk in changes.written if id_number(chunk.id) in before.rows.number_of]
        gone = await base.engine.load_terms([*changes.deleted, *replaced])
        engine = await self._generations.begin(before.info.size, base)
        if changes.deleted:
            await engine.delete(changes.deleted)
        frequencies = [count_terms(chunk) for chunk in changes.written]
        vectors = Vectors(self._embedder, await stored_vectors(base.engine, changes.written))
        async for points in make_points(changes.written, frequencies, before.mean_length, vectors, progress):
            await engine.upsert(points)
        counts = before.counts.changed(manifest.info.chunks, frequencies, gone.values())
        await self._generations.publish(replace(manifest, counts=counts, drift=drift))
        return _report(manifest, changes, vectors.made)

    async def _rebuild(
        self, base: Generation | None, changes: Changes, progress: Progress, *, reuse: bool
    ) -> SyncReport:
        """Work out the mean length anew, and write everything with it; with `reuse`, vectors are taken over."""
        kept = await _points_of(base, {row.id for row in changes.kept})
        given = {chunk.id for chunk in self._chunks}
        chunks = [*self._chunks, *(point.chunk for key, point in kept.items() if key not in given)]
        stored = await stored_vectors(base.engine, chunks) if base and reuse else {}
        vectors = Vectors(self._embedder, stored)
        manifest = self._describe(changes, base.manifest if base else None)
        frequencies = [count_terms(chunk) for chunk in chunks]
        mean = mean_length(frequencies)
        engine: Engine | None = None
        async for points in make_points(chunks, frequencies, mean, vectors, progress):
            # A provider's vectors have a length only once the first have come.
            engine = engine or await self._generations.begin(vectors.size, None)
            await engine.upsert(points)
        manifest = replace(
            manifest,
            info=replace(manifest.info, size=vectors.size),
            counts=NO_COUNTS.changed(len(chunks), frequencies, ()),
            mean_length=mean,
            drift=0,
        )
        await self._generations.publish(manifest)
        return _report(manifest, changes, vectors.made)

    def _describe(self, changes: Changes, before: Manifest | None) -> Manifest:
        """Return the next manifest, its figures still those of the last."""
        rows = rows_of(self._chunks, changes.kept)
        sites = sites_of(self._books, before)
        pages = pages_of(self._books, before, sites)
        fingerprints = fingerprints_of(self._books, before, self._given.fingerprints, pages)
        info = self._info(len(pages), len(rows), sites[0], before.info if before else None)
        if before is None:
            return Manifest(info, sites, pages, rows, fingerprints=fingerprints)
        return replace(before, info=info, sites=sites, pages=pages, rows=rows, fingerprints=fingerprints)

    def _info(self, pages: int, chunks: int, home: KnownSite, before: IndexInfo | None) -> IndexInfo:
        """Describe the index by the site that readers are taken to be on, `home`."""
        first = next((book.site for book in self._books if book.site.address == home.address), self._books[0].site)
        return IndexInfo(
            schema_version=SCHEMA_VERSION,
            commit=first.commit,
            built_at=datetime.now(UTC),
            pages=pages,
            chunks=chunks,
            embedding=self._embedder.name,
            size=before.size if before else self._embedder.size,
            site_title=home.title,
            site_url=home.url,
            base_url=home.base_url,
        )


def _tells_more(manifest: Manifest, before: Manifest) -> bool:
    """Say whether a manifest of the same points and pages is worth publishing: readers then open it anew."""
    same_time = replace(manifest.info, built_at=before.info.built_at)
    return (same_time, manifest.sites, manifest.fingerprints) != (before.info, before.sites, before.fingerprints)


async def _points_of(base: Generation | None, ids: set[str]) -> dict[str, Point]:
    if base is None or not ids:
        return {}
    return {point.chunk.id: point async for points in base.engine.scroll() for point in points if point.chunk.id in ids}


def _report(manifest: Manifest, changes: Changes, embedded: int) -> SyncReport:
    info = manifest.info
    return SyncReport(
        pages=info.pages,
        chunks=info.chunks,
        embedded=embedded,
        kept=info.chunks - embedded,
        deleted=len(changes.deleted),
        seconds=0.0,
        commit=info.commit,
        languages=tuple(dict.fromkeys(base_language(site.locale) for site in manifest.sites)),
    )


def _silent(done: int, total: int) -> None:
    """Report progress to nobody."""
