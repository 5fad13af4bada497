"""What a server holds: opening, refusing, following generations, and two engines that agree."""

import asyncio
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from booklight_ingest.bm25 import query_vector, sparse
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.embed.sentence_vectors import SentenceVectors
from booklight_ingest.errors import IndexMismatch, IndexMissing, IndexUnavailable
from booklight_ingest.index import live as index_module
from booklight_ingest.index import manifest as manifest_module
from booklight_ingest.index import sync as sync_module
from booklight_ingest.index.edge import WORTH_INDEXING_FIELDS
from booklight_ingest.index.engine import Engine, chunk_of, payload_of
from booklight_ingest.index.filters import Filter
from booklight_ingest.index.live import Index, Location, QdrantServer, open_index
from booklight_ingest.index.manifest import page_key
from booklight_ingest.index.rows import id_number
from booklight_ingest.index.sync import sync, sync_index
from ingest.tests.books import long_book, make_book, make_chunk, rewritten, small_book
from ingest.tests.qdrant_server import new_server


async def indexed(chunks: list[Chunk], location: Location) -> Index:
    await sync_index([make_book(chunks)], chunks, location, SentenceVectors())
    return await open_index(location, SentenceVectors())


def both_locations(folder: Path) -> list[Location]:
    return [folder, new_server()]


async def nearest(index: Index, question: str, only: Filter, limit: int = 20) -> list[dict[int, float]]:
    """Return the scores by id of what a question finds by its words, and by its vector."""
    async with index.reading() as reading:
        counts = reading.generation.manifest.counts
        (dense,) = await reading.embedder.embed_query([question])
        by_words = query_vector(counts.query_terms(question, "en"))
        found = await reading.generation.engine.nearest([by_words, dense], only, limit)
    return [dict(zip(hits.ids, hits.scores, strict=True)) for hits in found]


FILTERS: list[Filter] = [
    Filter(),
    Filter({"path": "/docs/part1/page1"}),
    Filter({"chapter_path": "/docs/part2", "locale": "en"}),
    Filter({"chapter_number": 0, "docs_version": "current"}),
    Filter({"lesson_slug": "page4"}),
    Filter({"locale": "fr"}),
    Filter({"locale": "en"}, ({"lesson_slug": "page1"}, {"lesson_slug": "page4", "docs_instance": "default"})),
    Filter(any_of=({"docs_instance": "sdk"}, {"docs_version": "1.0"})),
]


@pytest.mark.parametrize("size", [60, WORTH_INDEXING_FIELDS])
@pytest.mark.parametrize("only", FILTERS, ids=str)
async def test_both_engines_give_the_same(tmp_path: Path, only: Filter, size: int) -> None:
    chunks = long_book(size)
    embedded = await indexed(chunks, tmp_path)
    server = await indexed(chunks, new_server())
    for question in ("alpha7 beta3", "gamma12 quick fox", "section 41"):
        ours, theirs = await nearest(embedded, question, only, size), await nearest(server, question, only, size)
        for one, other in zip(ours, theirs, strict=True):
            assert one == pytest.approx(other, abs=1e-4)
    await embedded.close()


async def test_chunks_are_loaded_in_the_order_asked_for(tmp_path: Path) -> None:
    chunks = small_book()
    for location in both_locations(tmp_path):
        index = await indexed(chunks, location)
        async with index.reading() as reading:
            ids = [chunks[7].id, make_chunk("not there", path="/nowhere").id, chunks[2].id]
            assert await reading.generation.engine.load(ids) == [chunks[7], chunks[2]]
        await index.close()


async def test_the_marker_changes_with_every_publication(tmp_path: Path) -> None:
    chunks = small_book()
    for location in both_locations(tmp_path):
        markers = set()
        for commit in ("a", "b", "c"):
            await sync_index([make_book(chunks, commit=commit)], chunks, location, SentenceVectors())
            markers.add(await index_module.open_generations(location).marker())
        assert len(markers) == 3


def test_a_payload_holds_the_chunk_but_its_id() -> None:
    chunk = make_chunk("text", heading="Heading")
    payload = payload_of(chunk)
    assert "id" not in payload
    assert chunk_of(chunk.id, payload) == chunk


async def test_an_index_of_another_embedding_is_refused(tmp_path: Path) -> None:
    chunks = small_book()
    await sync_index([make_book(chunks)], chunks, tmp_path, NoEmbedder())
    with pytest.raises(
        IndexMismatch, match="embedding 'none', and 'all-MiniLM-L6-v2-int8' is set: run `booklight index`"
    ):
        await open_index(tmp_path, SentenceVectors())


async def test_an_index_of_another_schema_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = small_book()
    for location in both_locations(tmp_path):
        await sync_index([make_book(chunks)], chunks, location, SentenceVectors())
        with monkeypatch.context() as later:
            later.setattr(manifest_module, "SCHEMA_VERSION", 99)
            later.setattr(sync_module, "SCHEMA_VERSION", 99)
            with pytest.raises(IndexMismatch, match="another version of Booklight: run `booklight index`"):
                await open_index(location, SentenceVectors())
            again = await sync_index([make_book(chunks)], chunks, location, SentenceVectors())
            assert (again.embedded, again.kept, again.replaced) == (10, 0, True)
            once = await sync_index([make_book(chunks)], chunks, location, SentenceVectors())
            assert (once.embedded, once.kept, once.replaced) == (0, 10, False)


async def test_a_server_without_an_index_names_the_command() -> None:
    location = new_server()
    with pytest.raises(IndexMissing, match=f"no index named '{location.collection}' on Qdrant: run `booklight index`"):
        await open_index(location, SentenceVectors())


async def test_a_server_that_is_down_is_told_in_one_line() -> None:
    with pytest.raises(IndexUnavailable, match="cannot be reached, check BOOKLIGHT_QDRANT_URL") as raised:
        await open_index(QdrantServer(urls=("http://127.0.0.1:9",)), SentenceVectors())
    assert "\n" not in str(raised.value)


class Refusing(BaseHTTPRequestHandler):
    """Refuses everything with the status that its server was given."""

    status = 401

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.mark.parametrize(
    ("refused", "says"), [(401, "it wants a key, set BOOKLIGHT_QDRANT_API_KEY"), (503, "status 503")]
)
async def test_a_server_that_refuses_is_told_in_one_line(refused: int, says: str) -> None:
    handler = type("Handler", (Refusing,), {"status": refused})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        with pytest.raises(IndexUnavailable, match=says) as raised:
            await open_index(QdrantServer(urls=(f"http://127.0.0.1:{server.server_port}",)), SentenceVectors())
        server.shutdown()
        thread.join()
    assert "\n" not in str(raised.value)


async def text_of(index: Index, chunk: Chunk) -> str:
    async with index.reading() as reading:
        (found,) = await reading.generation.engine.load([chunk.id])
    return found.text


async def test_an_open_index_follows_the_next_generation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "SERVER_LOOKS_EVERY", 0)
    before = small_book()
    after = [rewritten(before[0], "Changed"), *before[1:]]
    for location in both_locations(tmp_path):
        index = await indexed(before, location)
        async with index.reading() as reading:
            await sync_index([make_book(after, commit="def")], after, location, SentenceVectors())
            (held,) = await reading.generation.engine.load([before[0].id])
            assert held.text == before[0].text
        assert await text_of(index, before[0]) == "Changed"
        assert index.info.commit == "def"
        await index.close()


async def test_a_new_index_that_cannot_be_used_is_reported_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chunks = small_book()
    index = await indexed(chunks, tmp_path)
    await sync_index([make_book(chunks)], chunks, tmp_path, NoEmbedder())
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert await text_of(index, chunks[0]) == chunks[0].text
    assert len(caplog.records) == 1
    assert "staying with the one before" in caplog.text
    await index.close()


async def test_queries_go_on_through_a_reindex_and_never_see_half_of_it(tmp_path: Path) -> None:
    old = long_book(40)
    new = [rewritten(chunk, f"{chunk.text} renewed") for chunk in old]
    index = await indexed(old, tmp_path)
    rebuild = asyncio.create_task(asyncio.to_thread(sync, [make_book(new)], new, tmp_path, SentenceVectors()))
    seen = list[int]()
    while not rebuild.done():
        seen.append(await renewed(index))
        await asyncio.sleep(0)
    await rebuild
    seen.append(await renewed(index))
    assert set(seen) == {0, 20}
    assert seen == sorted(seen)
    await index.close()


async def renewed(index: Index) -> int:
    """Return how many of the twenty best chunks are of the new state."""
    async with index.reading() as reading:
        engine = reading.generation.engine
        (dense,) = await reading.embedder.embed_query(["quick fox"])
        (hits,) = await engine.nearest([dense], Filter(), 20)
        chunks = await engine.load([str(UUID(int=point)) for point in hits.ids])
    assert len(chunks) == 20
    return sum("renewed" in chunk.text for chunk in chunks)


async def test_an_index_without_vectors_is_searched_by_words(tmp_path: Path) -> None:
    chunks = small_book()
    for location in both_locations(tmp_path):
        await sync_index([make_book(chunks)], chunks, location, NoEmbedder())
        index = await open_index(location, NoEmbedder())
        assert (index.info.embedding, index.info.size) == ("none", 0)
        async with index.reading() as reading:
            terms = reading.generation.manifest.counts.query_terms("docker", "en")
            (hits,) = await reading.generation.engine.nearest([query_vector(terms)], Filter(), 5)
        assert hits.ids == [id_number(chunks[8].id)]
        await index.close()


async def test_nothing_is_asked_of_an_engine_for_nothing(tmp_path: Path) -> None:
    engines: list[Engine] = []
    for location in both_locations(tmp_path):
        index = await indexed(small_book(), location)
        async with index.reading() as reading:
            engines.append(reading.generation.engine)
            assert await reading.generation.engine.nearest([], Filter(), 5) == []
            assert await reading.generation.engine.load([]) == []
            assert await reading.generation.engine.load_terms([]) == {}
        await index.close()
    assert len(engines) == 2


def test_sparse_vectors_keep_their_types() -> None:
    vector = sparse([(4_000_000_000, 0.5)])
    assert vector.indices.dtype == np.uint32
    assert vector.values.dtype == np.float32


@pytest.mark.parametrize(
    "written",
    [
        "/docs/a b/ü",
        "/docs/a%20b/%C3%BC/",
        "https://book.example/docs/a%20b/ü?q=1#anchor",
        "/docs/a%20b/ü/index.html",
        "docs/a b/ü",
        "  /docs/a b/ü  ",
    ],
)
def test_a_page_is_known_however_its_path_is_written(written: str) -> None:
    assert page_key(written) == "/docs/a b/ü"


@pytest.mark.parametrize("written", ["", "/", "index.html", "https://book.example", "http://[broken", "%ff%fe", "//"])
def test_odd_paths_have_keys_too(written: str) -> None:
    assert page_key(written).startswith("/")
