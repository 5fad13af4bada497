"""Sync against both engines: what is embedded, written, kept and deleted, and what readers see."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.embed.sentence_vectors import SentenceVectors
from booklight_ingest.embed.vectors import Floats, unit_rows
from booklight_ingest.errors import EmbeddingFailed, IndexUnavailable, PagesUnreadable
from booklight_ingest.index import collection_generations, points
from booklight_ingest.index.live import Location, open_index
from booklight_ingest.index.manifest import Manifest
from booklight_ingest.index.sync import SyncReport, sync, sync_index
from ingest.tests.books import long_book, make_book, make_chunk, rewritten, small_book
from ingest.tests.qdrant_server import InMemoryQdrant, in_memory, new_server

FRENCH = "https://book.example/fr/"


class Counting(SentenceVectors):
    """The default embedder, telling which texts it embedded; `fails` after that many."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.fails: int | None = None

    async def embed_documents(self, texts: Sequence[str]) -> Floats:
        if self.fails is not None and len(self.seen) >= self.fails:
            raise EmbeddingFailed("the provider is down")
        self.seen.extend(texts)
        return await super().embed_documents(texts)


@pytest.fixture(params=["embedded", "server"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Location]:
    if request.param == "embedded":
        yield tmp_path / "index"
        return
    yield new_server()


async def stored(location: Location) -> tuple[Manifest, dict[str, Chunk]]:
    index = await open_index(location, SentenceVectors())
    async with index.reading() as reading:
        manifest = reading.generation.manifest
        chunks = {
            point.chunk.id: point.chunk async for points in reading.generation.engine.scroll() for point in points
        }
    await index.close()
    return manifest, chunks


async def run(
    chunks: list[Chunk], location: Location, embedder: SentenceVectors | None = None, **book: str
) -> SyncReport:
    return await sync_index([make_book(chunks, **book)], chunks, location, embedder or SentenceVectors())


async def test_a_first_sync_stores_every_chunk_as_it_is(location: Location) -> None:
    chunks = small_book()
    report = await run(chunks, location)
    manifest, found = await stored(location)
    assert found == {chunk.id: chunk for chunk in chunks}
    assert (report.pages, report.chunks, report.embedded, report.kept, report.deleted) == (5, 10, 10, 0, 0)
    assert report.commit == "abc1234"
    info = manifest.info
    assert (info.pages, info.chunks, info.embedding, info.size) == (5, 10, "all-MiniLM-L6-v2-int8", 384)
    assert (info.site_title, info.site_url, info.base_url) == ("Guide", "https://book.example", "/")
    assert info.built_at.utcoffset() is not None


async def test_a_second_sync_embeds_nothing_and_notes_the_commit(location: Location) -> None:
    chunks = small_book()
    await run(chunks, location)
    embedder = Counting()
    report = await run(chunks, location, embedder, commit="def5678")
    manifest, found = await stored(location)
    assert (report.embedded, report.kept, report.deleted) == (0, 10, 0)
    assert embedder.seen == []
    assert manifest.info.commit == "def5678"
    assert len(found) == 10


async def test_only_what_changed_is_embedded(location: Location) -> None:
    chunks = long_book(40)
    await run(chunks, location)
    embedder = Counting()
    changed = [rewritten(chunks[0], "A new beginning"), *chunks[1:39], make_chunk("Brand new", heading="New")]
    report = await run(changed, location, embedder)
    manifest, found = await stored(location)
    assert (report.chunks, report.embedded, report.kept, report.deleted) == (40, 2, 38, 1)
    assert len(embedder.seen) == 2
    assert found == {chunk.id: chunk for chunk in changed}
    assert {row.id: row.content_hash for row in manifest.rows} == {c.id: c.content_hash for c in changed}


async def test_counts_after_changes_are_those_of_a_fresh_index(location: Location, tmp_path: Path) -> None:
    chunks = long_book(40)
    await run(chunks, location)
    changed = [rewritten(chunks[0], "unheard words"), *chunks[1:38], make_chunk("more unheard words", heading="New")]
    await run(changed, location)
    await run(changed, tmp_path / "fresh")
    updated, fresh = (await stored(location))[0].counts, (await stored(tmp_path / "fresh"))[0].counts
    assert updated.chunks == fresh.chunks
    assert updated.hashes.tolist() == fresh.hashes.tolist()
    assert updated.counts.tolist() == fresh.counts.tolist()


async def test_lengths_are_weighed_anew_once_a_tenth_has_changed_and_nothing_else_is_embedded(
    location: Location,
) -> None:
    chunks, embedder = long_book(20), Counting()
    await run(chunks, location)
    first = (await stored(location))[0]
    for step in (1, 2, 3):
        report = await run([rewritten(chunks[0], f"{step} " * 50), *chunks[1:]], location, embedder)
        assert (report.embedded, report.kept) == (1, 19)
        assert (await stored(location))[0].drift == step % 3
    assert len(embedder.seen) == 3
    assert (await stored(location))[0].mean_length > first.mean_length


async def test_what_moves_within_the_book_keeps_its_vector(location: Location) -> None:
    chunks = long_book(40)
    await run(chunks, location)
    moved = [make_chunk(chunks[0].text, path="/docs/moved", title=chunks[0].page_title, heading=chunks[0].heading)]
    embedder = Counting()
    report = await run([*moved, *chunks[1:]], location, embedder)
    assert (report.embedded, report.deleted, embedder.seen) == (0, 1, [])


async def test_each_locale_deletes_only_its_own(location: Location) -> None:
    english = [make_chunk(f"word{at} in English", path=f"/docs/page{at}") for at in range(30)]
    french = [
        make_chunk(f"mot{at} en français", path=f"/fr/docs/page{at}", locale="fr", site=FRENCH) for at in range(30)
    ]
    await run(english, location)
    both = await run(french, location, locale="fr", site=FRENCH)
    report = await run(french[:-1], location, locale="fr", site=FRENCH)
    manifest, found = await stored(location)
    assert (both.chunks, both.pages, report.deleted, report.chunks) == (60, 60, 1, 59)
    assert set(found) == {chunk.id for chunk in [*english, *french[:-1]]}
    assert [site.locale for site in manifest.sites] == ["en", "fr"]


async def test_several_books_are_indexed_together(location: Location) -> None:
    english, french = [make_chunk("english")], [make_chunk("français", path="/fr/docs/a", locale="fr", site=FRENCH)]
    books = [make_book(french, locale="fr", site=FRENCH), make_book(english)]
    report = await sync_index(books, [*french, *english], location, SentenceVectors())
    manifest, _ = await stored(location)
    assert report.chunks == 2
    assert manifest.info.base_url == "/"
    assert [site.locale for site in manifest.sites] == ["en", "fr"]


async def test_headings_that_recur_are_marked(location: Location) -> None:
    summaries = [make_chunk(f"In short {at}", path=f"/docs/page{at}", heading="Summary") for at in range(4)]
    others = [make_chunk("Once", path="/docs/page1", heading="Once"), make_chunk("Introduction")]
    await run([*summaries, *others], location)
    manifest, _ = await stored(location)
    assert {row.id for row in manifest.rows if row.recurring} == {chunk.id for chunk in summaries}


async def test_parts_of_one_section_do_not_make_its_heading_recur(location: Location) -> None:
    parts = [make_chunk(f"Part {at}", heading="Long section", position=at) for at in range(6)]
    await run(parts, location)
    manifest, _ = await stored(location)
    assert not any(row.recurring for row in manifest.rows)


async def test_a_book_without_text_leaves_the_index_as_it_was(location: Location) -> None:
    await run(small_book(), location)
    with pytest.raises(PagesUnreadable, match="left as it was"):
        await run([], location)
    assert len((await stored(location))[1]) == 10


async def test_a_provider_that_fails_half_way_leaves_the_index_as_it_was(
    location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(small_book(), location)
    monkeypatch.setattr(points, "BATCH", 16)
    failing = Counting()
    failing.fails = 16
    with pytest.raises(EmbeddingFailed):
        await run(long_book(40), location, failing)
    assert len((await stored(location))[1]) == 10
    assert (await run(long_book(20), location)).chunks == 20


async def test_another_embedding_replaces_the_whole_index(location: Location) -> None:
    chunks = small_book()
    await sync_index([make_book(chunks)], chunks, location, NoEmbedder())
    report = await run(chunks, location)
    assert (report.embedded, report.kept) == (10, 0)
    assert (await stored(location))[0].info.embedding == "all-MiniLM-L6-v2-int8"


async def test_a_page_without_text_is_known_all_the_same(location: Location) -> None:
    chunks = small_book()
    empty = make_chunk("", path="/docs/empty")
    await sync_index([make_book([*chunks, empty])], chunks, location, SentenceVectors())
    manifest, _ = await stored(location)
    assert "/docs/empty" in manifest.pages_at
    assert manifest.info.pages == 6


async def test_chunks_without_a_single_word_are_stored(location: Location) -> None:
    await run([make_chunk("🎉", title="🎉"), make_chunk("text", path="/docs/b")], location)
    assert len((await stored(location))[1]) == 2


async def test_progress_counts_up_to_all_chunks(tmp_path: Path) -> None:
    chunks, seen = long_book(70), list[tuple[int, int]]()
    await sync_index([make_book(chunks)], chunks, tmp_path, SentenceVectors(), lambda done, of: seen.append((done, of)))
    assert seen == [(32, 70), (64, 70), (70, 70)]


def test_sync_runs_without_a_loop(tmp_path: Path) -> None:
    chunks = small_book()
    assert sync([make_book(chunks)], chunks, tmp_path, SentenceVectors()).seconds > 0


async def test_collections_are_kept_while_someone_may_read_them(monkeypatch: pytest.MonkeyPatch) -> None:
    server, others = InMemoryQdrant(), {"guide-2-20261129t101500-0123abcd", "guides-20261129t101500-0123abcd"}
    for name in (*others, "guide-7", "guide-20261129t101500-0123abcd"):
        await server.client.create_collection(name, vectors_config={})
    for at in range(3):
        await run([make_chunk(f"text {at}")], in_memory(server, collection="guide"))
    kept = await server.collections() - others
    assert len(kept) == 3
    assert not any("0123abcd" in name or name == "guide-7" for name in kept)
    monkeypatch.setattr(collection_generations, "KEPT_SECONDS", 0)
    await run([make_chunk("text 3")], in_memory(server, collection="guide"))
    (left,) = await server.collections() - others
    assert left not in kept
    assert others < await server.collections()


async def test_a_reader_that_has_not_looked_for_long_is_not_left_without_points() -> None:
    location = new_server()
    await run([make_chunk("text 0")], location)
    index = await open_index(location, SentenceVectors())
    for at in range(1, 4):
        await run([make_chunk(f"text {at}")], location)
    # Within two seconds a server is not asked again, and the reader is three generations behind.
    async with index.reading() as reading:
        (chunk,) = await reading.generation.engine.load([make_chunk("text 0").id])
    assert chunk.text in {"text 0", "text 3"}
    await index.close()


async def test_a_collection_in_the_way_of_the_alias_is_left_alone() -> None:
    server = InMemoryQdrant()
    await server.client.create_collection("guide", vectors_config={})
    with pytest.raises(IndexUnavailable, match="BOOKLIGHT_COLLECTION"):
        await run(small_book(), in_memory(server, collection="guide"))


async def test_same_ids_given_twice_are_stored_once(location: Location) -> None:
    chunk = make_chunk("twice")
    assert (await run([chunk, replace(chunk)], location)).chunks == 1


class Bought(NoEmbedder):
    """Vectors that owe nothing to the book, as a provider's do, and that cost."""

    name = "openai:bought"
    size = 2

    def __init__(self) -> None:
        self.made = 0

    def fit(self, texts: Sequence[str]) -> "Bought":
        return self

    def restore(self, weights: Floats | None) -> "Bought":
        return self

    async def embed_documents(self, texts: Sequence[str]) -> Floats:
        self.made += len(texts)
        return unit_rows(np.array([[len(text), 1] for text in texts], dtype=np.float32).reshape(-1, 2))


async def test_vectors_that_owe_nothing_to_the_book_are_never_made_twice(location: Location) -> None:
    chunks, embedder = long_book(40), Bought()
    await sync_index([make_book(chunks)], chunks, location, embedder)
    changed = [*(rewritten(chunk, f"{chunk.text} {at}") for at, chunk in enumerate(chunks[:10])), *chunks[10:30]]
    report = await sync_index([make_book(changed)], changed, location, embedder)
    assert (report.embedded, report.kept, report.deleted, embedder.made) == (10, 20, 10, 50)
    fewer = await sync_index([make_book(changed[:5])], changed[:5], location, embedder)
    assert (fewer.embedded, fewer.kept, fewer.deleted, embedder.made) == (0, 5, 25, 50)


async def test_another_embedding_keeps_the_other_locales(location: Location) -> None:
    english, french = [make_chunk("english")], [make_chunk("français", path="/fr/docs/a", locale="fr", site=FRENCH)]
    await sync_index([make_book(english)], english, location, NoEmbedder())
    await sync_index([make_book(french, locale="fr", site=FRENCH)], french, location, NoEmbedder())
    report = await run(english, location)
    manifest, found = await stored(location)
    assert (report.chunks, report.embedded) == (2, 2)
    assert set(found) == {english[0].id, french[0].id}
    assert manifest.info.base_url == "/"


async def test_another_locale_does_not_rename_the_book(location: Location) -> None:
    english, french = small_book(), [make_chunk("français", path="/fr/docs/a", locale="fr", site=FRENCH)]
    await run(english, location)
    await run(french, location, locale="fr", site=FRENCH)
    assert (await stored(location))[0].info.base_url == "/"


async def test_a_site_whose_locale_was_set_anew_leaves_nothing_of_the_old_one(location: Location) -> None:
    await run([make_chunk("français")], location)
    report = await run([make_chunk("français", locale="fr")], location, locale="fr")
    manifest, found = await stored(location)
    assert (report.deleted, [chunk.locale for chunk in found.values()]) == (1, ["fr"])
    assert [site.locale for site in manifest.sites] == ["fr"]
    assert [page.locale for page in manifest.pages] == ["fr"]
