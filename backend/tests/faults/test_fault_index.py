"""What if the index is missing, old, replaced, or out of reach? The embedded engine, and a Qdrant that is not there."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from qdrant_client import models

from backend.tests.cold import cold_sidecar, until_parts_are
from backend.tests.faults.witness import Witness
from backend.tests.live import index_small_book, live_sidecar, native_events, question_request, thread_of, until_ready
from backend.tests.paced_model import PacedModel
from backend.tests.small_book import SMALL_BOOK, WAGGLE
from booklight.errors import OLD_INDEX
from booklight_ingest.embed.embedder import open_embedder
from booklight_ingest.index import live as index_module
from booklight_ingest.index import proof, sync
from booklight_ingest.index.engine import SPARSE
from booklight_ingest.index.manifest import SCHEMA_VERSION
from booklight_ingest.index.qdrant import MANIFEST_ID
from ingest.tests.qdrant_server import InMemoryQdrant, in_memory, refuse_connections

CHAT = "/assistant/chatkit"
QUESTION = question_request("What is a waggle dance?")
ALL_READY = {"database": True, "index": True, "model": True}
NO_INDEX = ALL_READY | {"index": False}


@pytest.mark.fault("There is no index yet")
async def test_a_missing_index_is_named_and_found_once_it_is_made(witness: Witness, tmp_path: Path) -> None:
    async with cold_sidecar(tmp_path) as http:
        health = await http.get("/assistant/health")
        await until_parts_are(http, NO_INDEX)
        refused = [await http.get("/assistant/ready"), await http.get("/assistant/index")]
        asked = await http.post(CHAT, json=QUESTION)
        listed = await http.post(CHAT, json={"type": "threads.list", "params": {}})
        await index_small_book(tmp_path / "index", open_embedder())
        await until_parts_are(http, ALL_READY)
        answered = await http.post(CHAT, json=QUESTION)
    assert (health.status_code, listed.status_code) == (200, 200)
    for response in (*refused, asked):
        assert response.status_code == 503
        assert response.json()["error"]["code"] == "not_ready"
        assert "booklight index" in response.json()["error"]["message"]
    assert "figure of eight" in answered.text
    witness.sees(asked)
    witness.sees(native_events(answered.text), then="Once it is made, without a restart")
    witness.keeps("Conversations can be read meanwhile; the question stays in the panel")


@pytest.mark.fault("The index was made with another embedding")
async def test_an_index_of_another_embedding_is_refused(witness: Witness, tmp_path: Path) -> None:
    await index_small_book(tmp_path / "index")
    async with cold_sidecar(tmp_path) as http:
        said = await until_parts_are(http, NO_INDEX)
        asked = await http.post(CHAT, json=QUESTION)
        await index_small_book(tmp_path / "index", open_embedder())
        await until_parts_are(http, ALL_READY)
    assert "embedding" in said["parts"]["index"]["reason"]
    witness.sees(asked)
    witness.keeps("As with no index; indexing again mends it without a restart")


@pytest.mark.fault("The index was made with another schema")
async def test_an_index_of_another_schema_is_refused(
    witness: Witness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(sync, "SCHEMA_VERSION", SCHEMA_VERSION - 1)
        await index_small_book(tmp_path / "index", open_embedder())
    async with cold_sidecar(tmp_path) as http:
        await until_parts_are(http, NO_INDEX)
        asked = await http.post(CHAT, json=QUESTION)
        await index_small_book(tmp_path / "index", open_embedder())
        await until_parts_are(http, ALL_READY)
    assert "booklight index" in asked.json()["error"]["message"]
    witness.sees(asked)
    witness.keeps("As with no index; indexing again mends it without a restart")


@pytest.mark.fault("The new index is damaged, or what points to it is")
@pytest.mark.parametrize("damage", ["pointer", "payloads"])
async def test_readers_stay_with_the_old_index_where_the_new_one_is_damaged(
    witness: Witness, tmp_path: Path, sqlite_url: str, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    new = [replace(WAGGLE, text="A new text of bees.", content_hash="new"), *SMALL_BOOK[1:]]
    location = tmp_path / "index"
    async with live_sidecar(PacedModel(["They dance.[^1]"], searches=True), sqlite_url, location=location) as live:
        reader = await live.reader()
        await index_small_book(location, book=new)
        spoil(location, damage)
        answered = [await reader.ask("What is a waggle dance?") for _ in range(2)][-1]
        ready = await live.http.get("/assistant/ready")
        metrics = (await live.http.get("/metrics")).text
        kept = await reader.items(thread_of(answered))
    assert "figure of eight" in str(answered)
    assert (ready.status_code, ready.json()["parts"]["index"]) == (200, {"ready": True, "reason": OLD_INDEX})
    assert "booklight_old_index 1.0" in metrics
    assert caplog.text.count("staying with the one before") == 1
    witness.notes("Answers from the old text; the log says why, once, and so do ready, doctor and the metrics")
    witness.keeps(kept)


@pytest.mark.fault("The new index on a Qdrant server is damaged, or is not all there")
@pytest.mark.parametrize("damage", ["payload", "vectors", "points"])
async def test_readers_stay_with_the_old_index_where_the_new_one_on_a_server_is_damaged(
    witness: Witness,
    sqlite_url: str,
    damage: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_module, "SERVER_LOOKS_EVERY", 0)
    server = InMemoryQdrant()
    model = PacedModel(["They dance.[^1]"], searches=True)
    async with live_sidecar(model, sqlite_url, location=in_memory(server)) as running:
        reader = await running.reader()
        new = [replace(chunk, text="A new text of bees.", content_hash="new") for chunk in SMALL_BOOK]
        await index_small_book(in_memory(server), book=new)
        await spoil_on_server(server, damage)
        answered = [await reader.ask("What is a waggle dance?") for _ in range(2)][-1]
        ready = await running.http.get("/assistant/ready")
        kept = await reader.items(thread_of(answered))
    assert "figure of eight" in str(answered)
    assert (ready.status_code, ready.json()["parts"]["index"]) == (200, {"ready": True, "reason": OLD_INDEX})
    assert caplog.text.count("staying with the one before") == 1
    witness.notes("Answers from the old text; the log says why, once, and so do ready, doctor and the metrics")
    witness.keeps(kept)


async def spoil_on_server(server: InMemoryQdrant, damage: str) -> None:
    """Take something from the last point of the newest generation, or from all: its payload, its vectors, itself."""
    (found,) = (await server.client.get_aliases()).aliases
    name = found.collection_name
    points, _ = await server.client.scroll(name, limit=100)
    ids = [point.id for point in points if str(point.id) != MANIFEST_ID]
    match damage:
        case "payload":
            await server.client.clear_payload(name, models.PointIdsList(points=ids[-1:]))
        case "vectors":
            await server.client.delete_vectors(name, [SPARSE], models.PointIdsList(points=ids))
        case "points":
            await server.client.delete(name, models.PointIdsList(points=ids[-1:]))


def spoil(index: Path, damage: str) -> None:
    """Damage the newest generation, or the pointer to it."""
    if damage == "pointer":
        (index / "CURRENT").unlink()
        (index / "CURRENT").mkdir()
    else:
        for page in (index / "gen-2").rglob("payload_storage/page_0.dat"):
            page.write_bytes(b"")


@pytest.mark.fault("The index is replaced while readers ask")
async def test_readers_notice_nothing_of_a_new_index_but_its_text(witness: Witness, tmp_path: Path) -> None:
    embedder = open_embedder()
    await index_small_book(tmp_path / "index", embedder)
    rewritten = replace(WAGGLE, text="A waggle dance is a spiral that bees draw.", content_hash="rewritten")
    async with cold_sidecar(tmp_path, turns_per_minute_per_address=10_000) as http:
        await until_parts_are(http, ALL_READY)

        async def ask() -> str:
            return (await http.post(CHAT, json=QUESTION)).text

        async def ask_until_new() -> list[str]:
            said = [await ask()]
            while "spiral" not in said[-1]:
                said.append(await ask())
            return said

        before = await ask()
        readers = [asyncio.create_task(ask_until_new()) for _ in range(4)]
        await index_small_book(tmp_path / "index", embedder, [rewritten, *SMALL_BOOK[1:]])
        seen = [answer for answers in await asyncio.gather(*readers) for answer in answers]
    assert "figure of eight" in before
    assert all("figure of eight" in answer or "spiral" in answer for answer in seen)
    assert not any('"type":"error"' in answer for answer in seen)
    witness.notes("An answer from the old text or from the new one")
    witness.keeps("Every question is answered")


@pytest.mark.fault("Qdrant cannot be reached when the sidecar starts")
async def test_a_qdrant_that_is_not_there_is_named(witness: Witness, tmp_path: Path) -> None:
    async with cold_sidecar(tmp_path, qdrant_url="http://127.0.0.1:1") as http:
        await until_parts_are(http, NO_INDEX)
        asked = await http.post(CHAT, json=QUESTION)
    assert asked.status_code == 503
    witness.sees(asked)
    witness.keeps("As with no index; it is tried again until it is there")


@pytest.mark.fault("Qdrant goes away while the sidecar runs")
async def test_a_search_that_fails_is_told_and_the_question_kept(
    witness: Witness, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "SERVER_LOOKS_EVERY", 0.0)
    monkeypatch.setattr(proof, "KEPT_SECONDS", 0.0)
    server = InMemoryQdrant()
    model = PacedModel(["Bees dance.[^1]"], searches=True)
    async with live_sidecar(model, sqlite_url, location=in_memory(server)) as live:
        reader = await live.reader()
        server.faults["*"] = refuse_connections
        events = await reader.ask("What is a waggle dance?")
        server.faults.clear()
        await until_ready(live.http)
        items = await reader.items(thread_of(events))
        again = await reader.ask("What is a waggle dance?", thread_of(events))
    assert again[-1]["type"] != "error"
    witness.sees(events)
    witness.sees(again, then="Once it is back")
    witness.keeps(items)
