"""What operators and the panel ask of the sidecar itself: is it there, is it ready, what does it know."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from backend.app import create_app
from backend.settings import Settings
from backend.tests.live import (
    PATIENCE,
    Json,
    index_small_book,
    live_sidecar,
    question_request,
    serve,
)
from backend.tests.paced_model import HOLD, PacedModel
from ingest.embed import open_embedder


@asynccontextmanager
async def cold_sidecar(folder: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a sidecar as its settings alone describe it, without waiting for it."""
    defaults: dict[str, Any] = {"database_url": f"sqlite:///{folder}/booklight.db", "index_path": folder / "index"}
    app = create_app(Settings(_env_file=None, **(defaults | settings)))
    async with serve(app) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        yield http


async def until_parts_are(http: httpx.AsyncClient, wanted: dict[str, bool]) -> Json:
    """Wait until every part has been tried and exactly these are there, and return what `ready` says."""
    async with asyncio.timeout(PATIENCE):
        while True:
            said: Json = (await http.get("/assistant/ready")).json()
            tried = "being opened" not in str(said)
            if tried and {name: part["ready"] for name, part in said["parts"].items()} == wanted:
                return said


async def test_a_missing_index_is_named_and_found_once_it_is_made(tmp_path: Path) -> None:
    async with cold_sidecar(tmp_path) as http:
        health = await http.get("/assistant/health")
        said = await until_parts_are(http, {"database": True, "index": False, "model": True})
        ready = await http.get("/assistant/ready")
        asked = await http.post("/assistant/chatkit", json={"query": "How?"})
        listed = await http.post("/assistant/chatkit", json={"type": "threads.list", "params": {}})
        index = await http.get("/assistant/index")
        await index_small_book(tmp_path / "index", open_embedder())
        await until_parts_are(http, {"database": True, "index": True, "model": True})
        answered = await http.post("/assistant/chatkit", json={"query": "What is a waggle dance?"})
    assert health.status_code == 200
    assert (ready.status_code, asked.status_code, index.status_code) == (503, 503, 503)
    assert listed.status_code == 200
    for response in (ready, asked, index):
        assert response.json()["error"]["code"] == "not_ready"
        assert "booklight index" in response.json()["error"]["message"]
    assert "booklight index" in said["parts"]["index"]["reason"]
    assert "figure of eight" in answered.text


async def test_an_index_of_another_embedding_is_refused(tmp_path: Path) -> None:
    await index_small_book(tmp_path / "index")
    async with cold_sidecar(tmp_path) as http:
        said = await until_parts_are(http, {"database": True, "index": False, "model": True})
    assert "booklight index" in said["parts"]["index"]["reason"]
    assert "embedding" in said["parts"]["index"]["reason"]


async def test_a_database_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://reader:hunter2@127.0.0.1:1/nowhere"
    async with cold_sidecar(tmp_path, database_url=url, secret_key="s" * 32) as http:
        said = await until_parts_are(http, {"database": False, "index": False, "model": True})
        asked = await http.post("/assistant/chatkit", json={"query": "How?"})
    assert asked.status_code == 503
    assert "BOOKLIGHT_DATABASE_URL" in asked.json()["error"]["message"]
    assert "hunter2" not in str(said) + asked.text


async def test_a_model_without_its_key_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    async with cold_sidecar(tmp_path, model="openai:some-model") as http:
        said = await until_parts_are(http, {"database": True, "index": False, "model": False})
    assert "BOOKLIGHT_MODEL" in said["parts"]["model"]["reason"]


async def test_the_index_tells_what_it_was_built_from(tmp_path: Path) -> None:
    async with live_sidecar(PacedModel([]), f"sqlite:///{tmp_path}/booklight.db", tmp_path) as live:
        status = (await live.http.get("/assistant/index")).json()
        ready = (await live.http.get("/assistant/ready")).json()
    assert ready["ready"] is True
    built_at = status.pop("built_at")
    assert built_at.endswith("Z")
    assert status == {
        "commit": "abc1234",
        "pages": 4,
        "chunks": 4,
        "model": "paced",
        "embedding": "none",
        "title": "Bees",
    }


async def test_operators_see_turns_errors_and_open_streams(tmp_path: Path) -> None:
    model = PacedModel(["Yes.", HOLD])
    async with live_sidecar(model, f"sqlite:///{tmp_path}/booklight.db", tmp_path) as live:
        reader = await live.reader()
        async with reader.stream(question_request("How?")) as events:
            await events.until(lambda event: event["type"] == "thread.item.updated")
            during = samples((await live.http.get("/metrics")).text)
            model.go_on.set()
            await events.rest()
        await live.http.post("/assistant/chatkit", content=b"")
        after = samples((await live.http.get("/metrics")).text)
    assert during["booklight_open_streams"] == 1
    assert after["booklight_open_streams"] == 0
    assert after["booklight_turns_total done"] == 1
    assert after["booklight_errors_total bad_request"] == 1
    assert after["booklight_turn_seconds_count"] == after["booklight_first_text_seconds_count"] == 1


async def test_the_document_describes_what_is_served(tmp_path: Path) -> None:
    async with live_sidecar(PacedModel([]), f"sqlite:///{tmp_path}/booklight.db", tmp_path) as live:
        document = (await live.http.get("/assistant/openapi.json")).json()
        interactive = [await live.http.get(path) for path in ("/docs", "/redoc")]
    assert set(document["paths"]) == {
        "/assistant/chatkit",
        "/assistant/session",
        "/assistant/health",
        "/assistant/ready",
        "/assistant/index",
        "/metrics",
    }
    chat = document["paths"]["/assistant/chatkit"]["post"]
    assert set(chat["responses"]) == {"200", "400", "401", "404", "409", "413", "415", "422", "429", "503"}
    schemas = document["components"]["schemas"]
    assert {"ThreadsCreateReq", "SimpleRequest", "ChatRequest"} <= set(schemas)
    assert references(document) <= {f"#/components/schemas/{name}" for name in schemas}
    assert [response.status_code for response in interactive] == [404, 404]


def samples(text: str) -> dict[str, float]:
    """Return every sample by its name and labels."""
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def references(node: Any) -> set[str]:
    """Return every reference in a document."""
    if isinstance(node, list):
        return {found for part in node for found in references(part)}
    if not isinstance(node, dict):
        return set()
    found = {found for part in node.values() for found in references(part)}
    return found | ({node["$ref"]} if isinstance(node.get("$ref"), str) else set())
