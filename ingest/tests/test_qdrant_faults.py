"""What a Qdrant server can do to an index: lose it, replace it, refuse a key, be slow, be a cluster."""

import asyncio
import json
import logging
import warnings
from typing import Any

import httpx
import pytest
from qdrant_client import models

from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.embed.sentence_vectors import SentenceVectors
from booklight_ingest.errors import IndexDamaged, IndexUnavailable
from booklight_ingest.index import live as live_module
from booklight_ingest.index import proof
from booklight_ingest.index.failover import ADMINISTRATION_SECONDS, SEARCH_SECONDS
from booklight_ingest.index.filters import Filter
from booklight_ingest.index.live import Index, Location, open_generations, open_index
from booklight_ingest.index.qdrant import BREADTH, EXACT_UP_TO, QdrantEngine
from booklight_ingest.index.server import Server
from booklight_ingest.index.sync import SyncReport, sync_index
from ingest.tests.books import long_book, make_book, make_chunk, rewritten, small_book
from ingest.tests.qdrant_server import (
    URL,
    Fault,
    InMemoryQdrant,
    in_memory,
    lose_shards,
    refuse_connections,
    stop,
)

ONE, TWO = "http://one:6333", "http://two:6333"


async def write(location: Location, text: str = "text", *, anew: bool = False, **book: Any) -> SyncReport:
    chunks = [make_chunk(text), make_chunk("more", path="/docs/b")]
    return await sync_index([make_book(chunks, **book)], chunks, location, NoEmbedder(), anew=anew)


@pytest.fixture
def server() -> InMemoryQdrant:
    return InMemoryQdrant()


@pytest.fixture(autouse=True)
def always_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "SERVER_LOOKS_EVERY", 0)
    monkeypatch.setattr(proof, "KEPT_SECONDS", 0)


async def current(server: InMemoryQdrant) -> str:
    (found,) = (await server.client.get_aliases()).aliases
    return str(found.collection_name)


async def search(index: Index) -> None:
    async with index.reading() as reading:
        await reading.generation.engine.check()


async def test_a_name_never_comes_twice(server: InMemoryQdrant) -> None:
    names = set()
    for _ in range(3):
        await write(in_memory(server))
        names.add(await current(server))
        await server.client.delete_collection(await current(server))
    assert len(names) == 3


async def empty(server: InMemoryQdrant, name: str) -> None:
    await server.client.delete(name, models.FilterSelector(filter=models.Filter()))


async def shrink(server: InMemoryQdrant, name: str) -> None:
    await server.client.delete(name, models.PointIdsList(points=[make_chunk("text").id]))


async def delete(server: InMemoryQdrant, name: str) -> None:
    await server.client.delete_collection(name)


async def replace(server: InMemoryQdrant, name: str) -> None:
    """Put somebody else's collection in the place of ours."""
    await server.client.delete_collection(name)
    await server.client.create_collection(name, {}, sparse_vectors_config={"bm25": models.SparseVectorParams()})
    alias = models.CreateAlias(collection_name=name, alias_name="booklight")
    await server.client.update_collection_aliases([models.CreateAliasOperation(create_alias=alias)])


@pytest.mark.parametrize("spoil", [empty, shrink, delete, replace])
async def test_a_collection_that_is_not_what_was_published_is_a_fault_until_it_is_made_anew(
    server: InMemoryQdrant, spoil: Any
) -> None:
    await write(in_memory(server))
    index = await open_index(in_memory(server), NoEmbedder())
    await index.check()
    await spoil(server, await current(server))
    for _ in range(2):
        with pytest.raises(IndexUnavailable, match="booklight index"):
            await search(index)
        with pytest.raises(IndexUnavailable, match="booklight index"):
            await index.check()
    assert (await write(in_memory(server))).embedded == 2
    await index.check()
    await search(index)
    await index.close()


async def test_a_spoilt_index_is_not_opened(server: InMemoryQdrant) -> None:
    await write(in_memory(server))
    await shrink(server, await current(server))
    with pytest.raises(IndexUnavailable, match="holds 1 chunks, and 2 were published"):
        await open_index(in_memory(server), NoEmbedder())


async def forget_payload(server: InMemoryQdrant, name: str) -> None:
    """Let a point have nothing but its vectors."""
    await server.client.clear_payload(name, models.PointIdsList(points=[make_chunk("more", path="/docs/b").id]))


async def forget_text(server: InMemoryQdrant, name: str) -> None:
    await server.client.delete_payload(name, ["text"], models.PointIdsList(points=[make_chunk("text").id]))


async def exchange_point(server: InMemoryQdrant, name: str) -> None:
    """Put another point in the place of one: as many as were published."""
    await shrink(server, name)
    await server.client.upsert(name, [models.PointStruct(id=1, vector={}, payload={})])


async def forget_vectors(server: InMemoryQdrant, name: str) -> None:
    ids = [make_chunk("text").id, make_chunk("more", path="/docs/b").id]
    await server.client.delete_vectors(name, ["bm25"], models.PointIdsList(points=ids))


DAMAGE = [forget_payload, forget_text, exchange_point, forget_vectors]


@pytest.mark.parametrize("damage", DAMAGE)
async def test_a_damaged_index_is_not_opened(server: InMemoryQdrant, damage: Any) -> None:
    await write(in_memory(server))
    await damage(server, await current(server))
    with pytest.raises(
        IndexDamaged, match=r"collection booklight-\S+ on Qdrant is damaged: run `booklight index --anew`"
    ):
        await open_index(in_memory(server), NoEmbedder())


@pytest.mark.parametrize("damage", [*DAMAGE, shrink])
async def test_a_damaged_new_generation_leaves_the_old_one_in_use_until_it_is_whole(
    server: InMemoryQdrant, damage: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await write(in_memory(server))
    index = await open_index(in_memory(server), NoEmbedder())
    await write(in_memory(server), "changed")
    await damage(server, await current(server))
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert await text_read(index) == "text"
            await index.check()
    (said,) = [record.message for record in caplog.records]
    assert said.startswith("the new index cannot be used, staying with the one before: ")
    assert index.problem is not None
    report = await write(in_memory(server), "changed", anew=True)
    assert (report.embedded, report.kept) == (2, 0)
    assert await text_read(index) == "changed"
    assert index.problem is None
    await index.close()


@pytest.mark.parametrize("damage", [forget_payload, forget_text])
async def test_a_damaged_index_that_is_to_be_changed_is_told_in_one_line(server: InMemoryQdrant, damage: Any) -> None:
    await write(in_memory(server))
    before = await current(server)
    await damage(server, before)
    with pytest.raises(IndexDamaged, match="run `booklight index --anew`"):
        await write(in_memory(server), "changed")
    assert await server.collections() == {before}


async def test_a_damaged_generation_is_not_read_again_with_every_look(server: InMemoryQdrant) -> None:
    await write(in_memory(server))
    index = await open_index(in_memory(server), NoEmbedder())
    await write(in_memory(server), "changed")
    name = await current(server)
    await forget_text(server, name)
    await search(index)
    server.asked.clear()
    await search(index)
    assert f"POST /collections/{name}/points" not in server.paths()
    await index.close()


async def text_read(index: Index) -> str:
    """Return the text of the first chunk, as readers get it."""
    async with index.reading() as reading:
        (found,) = await reading.generation.engine.load([make_chunk("text").id])
    return found.text


async def test_readers_go_on_with_the_old_generation_while_a_new_one_is_read(
    server: InMemoryQdrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "WAITS_SECONDS", 0)
    await write(in_memory(server))
    index = await open_index(in_memory(server), NoEmbedder())
    await write(in_memory(server), "changed")
    name, go_on = await current(server), asyncio.Event()

    async def hold(request: httpx.Request) -> None:
        if request.url.path == f"/collections/{name}/points":
            await go_on.wait()

    server.faults["*"] = hold
    assert await text_read(index) == "text"
    await index.check()
    assert index.problem is None
    go_on.set()
    while await text_read(index) == "text":
        continue
    assert await text_read(index) == "changed"
    await index.close()


async def test_what_was_not_all_written_is_not_published(server: InMemoryQdrant) -> None:
    await write(in_memory(server))
    before = await current(server)

    async def lose_writes(request: httpx.Request) -> httpx.Response | None:
        if request.method == "PUT" and request.url.path.endswith("/points") and b'"text"' in request.content:
            return httpx.Response(200, json={"result": {"status": "acknowledged"}, "status": "ok", "time": 0.0})
        return None

    server.faults["*"] = lose_writes
    with pytest.raises(IndexUnavailable, match="0 of 2 chunks are stored"):
        await write(in_memory(server), "changed")
    server.faults.clear()
    assert await server.collections() == {before} == {await current(server)}


async def test_a_generation_that_could_not_be_read_is_read_later(
    server: InMemoryQdrant, caplog: pytest.LogCaptureFixture
) -> None:
    await write(in_memory(server))
    index = await open_index(in_memory(server), NoEmbedder())
    await write(in_memory(server), "changed")

    async def fail_to_read(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(400, json={}) if request.url.path.endswith("/points") else None

    server.faults["*"] = fail_to_read
    with caplog.at_level(logging.ERROR):
        await search(index)
        await search(index)
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "the new index cannot be used, staying with the one before"
    ]
    server.faults.clear()
    async with index.reading() as reading:
        (found,) = await reading.generation.engine.load([make_chunk("text").id])
    assert found.text == "changed"
    await index.close()


@pytest.mark.parametrize("away", [refuse_connections, lose_shards])
async def test_a_server_that_is_away_is_logged_once_and_once_more_when_it_is_back(
    server: InMemoryQdrant, away: Fault, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("booklight_ingest.index.failover.REST_SECONDS", 0.0)
    await write(in_memory(server))
    index = await open_index(in_memory(server), NoEmbedder())
    server.faults["*"] = away
    with caplog.at_level(logging.WARNING):
        for _ in range(20):
            with pytest.raises(IndexUnavailable):
                await search(index)
            with pytest.raises(IndexUnavailable):
                await index.check()
        server.faults.clear()
        await index.check()
        await search(index)
    assert [record.message.partition(":")[0].partition(",")[0] for record in caplog.records] == [
        "the index cannot be searched",
        "the index is searched again",
    ]
    await index.close()


async def test_a_proof_that_takes_too_long_is_none(server: InMemoryQdrant, monkeypatch: pytest.MonkeyPatch) -> None:
    await write(in_memory(server))
    index = await open_index(in_memory(server), NoEmbedder())
    monkeypatch.setattr(proof, "PROOF_SECONDS", 0.0)
    server.faults["*"] = stop
    with pytest.raises(IndexUnavailable, match="no search was answered within"):
        await index.check()
    await index.close()


async def test_a_proof_is_kept_for_a_moment_and_shared(server: InMemoryQdrant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "KEPT_SECONDS", 3600)
    await write(in_memory(server))
    index = await open_index(in_memory(server), NoEmbedder())
    await index.check()
    server.asked.clear()
    await index.check()
    assert server.asked == []
    await index.close()


@pytest.mark.parametrize("lost", ["one", "two"])
async def test_with_two_addresses_a_lost_one_is_noticed_by_nobody(server: InMemoryQdrant, lost: str) -> None:
    location = in_memory(server, ONE, TWO)
    await write(location)
    index = await open_index(location, NoEmbedder())
    for fault in (refuse_connections, lose_shards):
        server.faults = {lost: fault}
        await search(index)
        await index.check()
        await write(location, f"changed, {fault.__name__}")
        await search(index)
    await index.close()


async def test_administration_is_given_a_minute_and_a_search_two_seconds(server: InMemoryQdrant) -> None:
    await sync_index([make_book(small_book())], small_book(), in_memory(server), SentenceVectors())
    index = await open_index(in_memory(server), SentenceVectors())
    slow = [
        request
        for request in server.asked
        if request.method in {"PUT", "PATCH", "DELETE"} or request.url.path == "/collections/aliases"
    ]
    assert len(slow) > 5
    assert {request.extensions["timeout"]["read"] for request in slow} == {ADMINISTRATION_SECONDS}
    server.asked.clear()
    async with index.reading() as reading:
        await reading.generation.engine.nearest([(await reading.embedder.embed_query(["a"]))[0]], Filter(), 5)
    assert {request.extensions["timeout"]["read"] for request in server.asked} == {SEARCH_SECONDS}
    await index.close()


async def test_a_collection_that_an_address_made_before_it_was_lost_is_used(server: InMemoryQdrant) -> None:
    async def lose_the_answer(request: httpx.Request) -> None:
        if request.method == "PUT" and request.url.path.count("/") == 2:
            del server.faults["one"]
            await server.handle_async_request(request)
            await refuse_connections(request)

    server.faults["one"] = lose_the_answer
    assert (await write(in_memory(server, ONE, TWO))).chunks == 2


def created(server: InMemoryQdrant) -> dict[str, Any]:
    (made,) = [one for one in server.asked if one.method == "PUT" and one.url.path.count("/") == 2]
    body: dict[str, Any] = json.loads(made.content)
    return body


@pytest.mark.parametrize(("peers", "asked", "kept"), [(0, None, None), (1, None, None), (3, None, 2), (3, 3, 3)])
async def test_a_cluster_keeps_the_index_on_two_nodes_in_one_shard(
    peers: int, asked: int | None, kept: int | None
) -> None:
    server = InMemoryQdrant(peers=peers)
    await write(in_memory(server, replication=asked))
    made = created(server)
    assert (made["shard_number"], made.get("replication_factor")) == (1, kept)


@pytest.mark.parametrize(
    ("chunks", "params"), [(EXACT_UP_TO, {"exact": True}), (EXACT_UP_TO + 1, {"hnsw_ef": BREADTH})]
)
async def test_books_that_can_afford_it_are_searched_exactly(
    server: InMemoryQdrant, chunks: int, params: dict[str, Any]
) -> None:
    location = in_memory(server)
    await sync_index([make_book(small_book())], small_book(), location, SentenceVectors())
    connection = Server((URL,), transport=server)
    engine = QdrantEngine(connection, await current(server), chunks=chunks)
    vector = (await SentenceVectors().embed_query(["docker"]))[0]
    assert len((await engine.nearest([vector], Filter(), 3))[0].ids) == 3
    (asked,) = json.loads(server.asked[-1].content)["searches"]
    assert {name: value for name, value in asked["params"].items() if value} == params
    await connection.close()


KEYS = {"writer": True, "reader": False}


async def test_a_key_that_may_only_read_serves_and_says_so_when_it_is_to_write() -> None:
    server = InMemoryQdrant(keys=KEYS)
    await write(in_memory(server, api_key="writer"))
    index = await open_index(in_memory(server, api_key="reader"), NoEmbedder())
    await index.check()
    await search(index)
    await index.close()
    with pytest.raises(IndexUnavailable, match="BOOKLIGHT_QDRANT_API_KEY is a key that may only read"):
        await write(in_memory(server, api_key="reader"), "changed")


@pytest.mark.parametrize(("key", "says"), [(None, "it wants a key"), ("wrong", "it refused the key")])
async def test_a_key_that_is_missing_is_told_from_one_that_is_wrong(key: str | None, says: str) -> None:
    server = InMemoryQdrant(keys=KEYS)
    with pytest.raises(IndexUnavailable, match=says):
        await write(in_memory(server, api_key=key))


@pytest.mark.parametrize(("key", "may_write"), [("writer", True), ("reader", False)])
async def test_a_key_is_asked_what_it_may(key: str, may_write: bool) -> None:
    server = InMemoryQdrant(keys=KEYS)
    with warnings.catch_warnings(record=True) as warned:
        connection = Server((URL,), key, transport=server)
        assert await connection.may_write() is may_write
    assert warned == []
    assert await server.collections() == set()
    await connection.close()


async def test_the_writer_that_comes_second_says_so_and_loses_nothing_of_the_first(server: InMemoryQdrant) -> None:
    location, french = in_memory(server), "https://book.example/fr/"
    await write(location)
    late = open_generations(location, patient=True)
    await late.lock()
    base = await late.open()
    engine = await late.begin(0, base)
    chunks = [make_chunk("mot", path="/fr/docs/a", locale="fr", site=french)]
    await sync_index([make_book(chunks, locale="fr", site=french)], chunks, location, NoEmbedder())
    with pytest.raises(IndexUnavailable, match="another `booklight index` has published"):
        await engine.upsert([point async for points in base.engine.scroll() for point in points])
    with pytest.raises(IndexUnavailable, match="another `booklight index` has published"):
        await late.revise(base.manifest)
    await late.release()
    await late.close()
    index = await open_index(location, NoEmbedder())
    assert index.info.chunks == 3
    await index.close()


async def test_nothing_is_read_back_for_a_book_that_has_not_changed(server: InMemoryQdrant) -> None:
    chunks = long_book(600)
    await sync_index([make_book(chunks)], chunks, in_memory(server), NoEmbedder())
    for commit in ("abc1234", "def5678"):
        server.asked.clear()
        report = await sync_index([make_book(chunks, commit=commit)], chunks, in_memory(server), NoEmbedder())
        assert (report.embedded, report.kept) == (0, 600)
        assert not any("scroll" in path or "query" in path for path in server.paths())
        assert sum(len(request.content) for request in server.asked) < 100_000
    server.asked.clear()
    changed = [rewritten(chunks[0], "changed"), *chunks[1:]]
    await sync_index([make_book(changed)], changed, in_memory(server), NoEmbedder())
    assert sum("scroll" in path for path in server.paths()) <= 2 * 3
