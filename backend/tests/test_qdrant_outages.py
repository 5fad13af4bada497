"""A sidecar on a Qdrant server that fails it: no reader is told that the book is silent, and `ready` knows."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from qdrant_client import models

from backend.tests.cold import until_parts_are
from backend.tests.live import Json, Live, answers, index_small_book, live_sidecar, thread_of, until_ready
from booklight.assembly import connect_answering_model
from booklight.errors import INDEX_SILENT
from booklight.settings import Settings
from booklight_ingest.index import live as live_module
from booklight_ingest.index import proof
from ingest.tests.qdrant_server import Fault, InMemoryQdrant, in_memory, lose_shards, refuse_connections

QUESTION = "What is a waggle dance?"
NO_INDEX = {"database": True, "index": False, "model": True}
ONE, TWO = "http://one:6333", "http://two:6333"


async def time_out(request: httpx.Request) -> None:
    """The process was stopped, and the time to wait for it is over."""
    raise httpx.ReadTimeout("", request=request)


def errors(events: list[Json]) -> list[str]:
    return [event["message"] for event in events if event["type"] == "error"]


def on_the_way(fault: Fault) -> Callable[[InMemoryQdrant], Awaitable[None]]:
    async def begin(server: InMemoryQdrant) -> None:
        server.faults["*"] = fault

    begin.__name__ = fault.__name__
    return begin


async def current(server: InMemoryQdrant) -> str:
    (found,) = (await server.client.get_aliases()).aliases
    return str(found.collection_name)


async def empty_the_collection(server: InMemoryQdrant) -> None:
    await server.client.delete(await current(server), models.FilterSelector(filter=models.Filter()))


async def delete_what_answers(server: InMemoryQdrant) -> None:
    about = models.FieldCondition(key="heading", match=models.MatchValue(value="The waggle dance"))
    await server.client.delete(await current(server), models.FilterSelector(filter=models.Filter(must=[about])))


async def delete_the_collection(server: InMemoryQdrant) -> None:
    await server.client.delete_collection(await current(server))


FAULTS = [
    *map(on_the_way, (refuse_connections, time_out, lose_shards)),
    *(empty_the_collection, delete_what_answers, delete_the_collection),
]


@asynccontextmanager
async def sidecar_on(server: InMemoryQdrant, folder: Path, *urls: str) -> AsyncIterator[Live]:
    model = connect_answering_model(Settings(_env_file=None))
    async with live_sidecar(model, f"sqlite:///{folder}/b.db", location=in_memory(server, *urls)) as live:
        yield live


@pytest.fixture(autouse=True)
def no_proof_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "KEPT_SECONDS", 0)


@pytest.mark.parametrize("begin", FAULTS, ids=lambda begin: begin.__name__)
async def test_a_fault_is_told_as_one_and_ready_says_so(
    begin: Callable[[InMemoryQdrant], Awaitable[None]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = InMemoryQdrant()
    async with sidecar_on(server, tmp_path) as live:
        reader = await live.reader()
        assert "figure of eight" in str(await reader.ask(QUESTION))
        with caplog.at_level(logging.WARNING):
            await begin(server)
            failed = [await reader.ask(QUESTION) for _ in range(3)]
            said = await until_parts_are(live.http, NO_INDEX)
        logged = [record for record in caplog.records if record.levelno >= logging.ERROR]
        server.faults.clear()
        await index_small_book(in_memory(server))
        await until_ready(live.http)
        events = await reader.ask(QUESTION)
        last = answers(await reader.items(thread_of(events)))[-1]
    for asked in failed:
        assert errors(asked) == ["The book cannot be searched at the moment. Please try again later."]
    assert said["parts"]["index"]["reason"] == INDEX_SILENT
    assert [record.getMessage().partition(":")[0] for record in logged] == ["the index cannot be searched"]
    assert "figure of eight" in last


async def test_what_a_question_does_not_find_in_a_spoilt_index_is_no_answer_even_between_two_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "SERVER_LOOKS_EVERY", 3600)
    server = InMemoryQdrant()
    async with sidecar_on(server, tmp_path) as live:
        reader = await live.reader()
        await delete_what_answers(server)
        events = await reader.ask(QUESTION)
    assert errors(events) == ["The book cannot be searched at the moment. Please try again later."]


@pytest.mark.parametrize("fault", [refuse_connections, time_out, lose_shards])
async def test_with_two_addresses_no_reader_sees_that_one_is_lost(fault: Fault, tmp_path: Path) -> None:
    server = InMemoryQdrant()
    async with sidecar_on(server, tmp_path, ONE, TWO) as live:
        reader = await live.reader()
        server.faults["one"] = fault
        for _ in range(3):
            assert "figure of eight" in str(await reader.ask(QUESTION))
            assert (await live.http.get("/assistant/ready")).status_code == 200
            assert (await live.http.get("/assistant/index")).status_code == 200


async def test_what_the_index_was_made_from_cannot_be_said_while_the_server_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "SERVER_LOOKS_EVERY", 0)
    server = InMemoryQdrant()
    async with sidecar_on(server, tmp_path) as live:
        server.faults["*"] = refuse_connections
        asked = await live.http.get("/assistant/index")
    assert (asked.status_code, asked.json()["error"]["code"]) == (503, "not_ready")
