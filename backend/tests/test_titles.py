"""Titles by a model of their own: asked for beside the answers, over HTTP, and never in anybody's way."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from backend.tests.live import (
    PATIENCE,
    Json,
    Live,
    Reader,
    live_sidecar,
    native_events,
    question_request,
    thread_of,
)
from backend.tests.samples import sample_thread
from backend.tests.scripted_model import Failure, ScriptedModel, serve_scripted_model
from booklight.context import RequestContext
from booklight.llm.models import connect_model, connect_title_model
from booklight.llm.notices import notices_of
from booklight.llm.titles import MAX_TITLE, clean_title
from booklight.settings import Settings, SettingsError, load_settings
from booklight.store.threads import SqlStore

QUESTION = "What is a waggle dance?"
NAMED = "The waggle dance"
ANSWERING: tuple[Failure, ...] = ("none",)
"""How the request for one answer goes."""


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with serve_scripted_model() as model:
        yield model


@asynccontextmanager
async def naming(
    server: ScriptedModel, folder: Path, wire_format: str = "chat_completions", **bounds: Any
) -> AsyncIterator[Live]:
    """Serve the small book with a model that answers and names."""
    reached: dict[str, Any] = {"model_base_url": server.base_url, "model_api": wire_format, "model_api_key": "sk-k"}
    chosen = {"title_model": "openai:names"} | reached | bounds
    connected = connect_model(Settings(_env_file=None, model="openai:answers", **chosen))
    async with live_sidecar(connected, f"sqlite:///{folder}/booklight.db", **chosen) as live:
        yield live
    await connected.close()


async def title_of(reader: Reader) -> str:
    """Return the title of the reader's only thread."""
    (thread,) = (await reader.send({"type": "threads.list", "params": {}})).json()["data"]
    return str(thread["title"])


async def until_named(reader: Reader) -> str:
    """Return the title once it is not the question's words any more."""
    async with asyncio.timeout(PATIENCE):
        while (title := await title_of(reader)) == QUESTION:
            continue
    return title


def titles_asked(server: ScriptedModel) -> list[Json]:
    return [request for request in server.requests if not request.get("tools")]


async def until_so(reader: Reader, condition: Callable[[], object]) -> str:
    """Return the title of the reader's thread once `condition` holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await title_of(reader)
    return await title_of(reader)


def notices(events: list[Json]) -> list[str]:
    return [event["message"] for event in events if event["type"] == "notice"]


@pytest.mark.parametrize("wire_format", ["responses", "chat_completions"])
async def test_a_thread_is_named_once_after_its_first_answer(
    server: ScriptedModel, tmp_path: Path, wire_format: str
) -> None:
    async with naming(server, tmp_path, wire_format) as live:
        reader = await live.reader()
        thread_id = thread_of(await reader.ask(QUESTION))
        named = await until_named(reader)
        await reader.ask("And the queen?", thread_id)
        after = await title_of(reader)
    (request,) = titles_asked(server)
    assert named == after == NAMED
    assert request["model"] == "names"
    assert QUESTION in str(request)
    assert server.keys[-1] == "Bearer sk-k"


async def test_no_answer_waits_for_a_title(server: ScriptedModel, tmp_path: Path) -> None:
    server.script(*ANSWERING, "hang")
    async with naming(server, tmp_path) as live:
        reader = await live.reader()
        events = await reader.ask(QUESTION)
        await until_so(reader, lambda: titles_asked(server))
        following = await reader.ask("How many eggs does the queen lay?", thread_of(events))
        title = await title_of(reader)
    assert events[-2]["type"] == "thread.item.done"
    assert following[-1]["type"] == "client_effect"
    assert title == QUESTION


@pytest.mark.parametrize("failure", ["500", "cut"])
async def test_a_title_that_fails_leaves_the_words_and_the_answer_alone(
    server: ScriptedModel, tmp_path: Path, caplog: pytest.LogCaptureFixture, failure: Any
) -> None:
    server.script(*ANSWERING, failure, failure, failure)
    async with naming(server, tmp_path) as live:
        reader = await live.reader()
        events = await reader.ask(QUESTION)
        title = await until_so(reader, lambda: "failed" in caplog.text)
    assert title == QUESTION
    assert not any(event["type"] == "error" for event in events)
    assert "waggle" not in caplog.text


async def test_what_a_title_costs_is_counted(server: ScriptedModel, tmp_path: Path) -> None:
    async with naming(server, tmp_path, tokens_per_day_per_reader=3) as live:
        reader = await live.reader()
        first = await reader.ask(QUESTION)
        await until_named(reader)
        second = await reader.ask(QUESTION, thread_of(first))
    assert (notices(first), notices(second)) == ([], [notices_of("en").reader_budget])


@pytest.mark.parametrize("bounds", [{"tokens_per_day": 2}, {"turns_per_day": 0}, {"title_model": None}])
async def test_no_title_is_asked_for_when_the_budget_is_spent_or_no_model_is_set(
    server: ScriptedModel, tmp_path: Path, bounds: dict[str, Any]
) -> None:
    async with naming(server, tmp_path, **bounds) as live:
        reader = await live.reader()
        thread_id = thread_of(await reader.ask(QUESTION))
        await reader.ask("And the queen?", thread_id)
        assert await title_of(reader) == QUESTION
    assert titles_asked(server) == []


async def test_a_stopped_answer_is_not_named_and_its_second_try_is(server: ScriptedModel, tmp_path: Path) -> None:
    server.script("nonsense", "hang")
    async with naming(server, tmp_path) as live:
        reader = await live.reader()
        async with reader.stream(question_request(QUESTION)) as stream:
            await stream.until(lambda event: event["type"] == "progress_update")
            thread_id = thread_of(stream.seen)
            stop = {"thread_id": thread_id, "action": {"type": "booklight.stop"}}
            await reader.send({"type": "threads.custom_action", "params": stop})
            await stream.rest()
        server.failures.clear()
        asked = (await reader.items(thread_id))[0]
        retry = {"thread_id": thread_id, "item_id": asked["id"]}
        retried = await reader.send({"type": "threads.retry_after_item", "params": retry})
        named = await until_named(reader)
    assert native_events(retried.text)[-1]["type"] == "client_effect"
    assert named == NAMED


async def test_a_title_that_a_reader_gave_is_theirs(store: SqlStore) -> None:
    reader, other = RequestContext(owner="reader-ann"), RequestContext(owner="reader-ben")
    await store.save_thread(sample_thread(title="What is it?"), reader)
    await store.replace_title("thr_1", "What is it?", "Stolen", other)
    await store.replace_title("thr_1", "What is it?", "It", reader)
    await store.replace_title("thr_1", "What is it?", "It again", reader)
    assert (await store.load_thread("thr_1", reader)).title == "It"


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("The waggle dance", "The waggle dance"),
        ("\n“The waggle dance”.\n\nI hope this helps!", "The waggle dance"),
        ("**The *waggle* dance**", "The *waggle* dance"),
        (" \n\t\n", None),
        ("", None),
        ("Bees " * 40, "Bees " * 10 + "Bees…"),
    ],
)
def test_a_title_is_one_short_line(said: str, title: str | None) -> None:
    assert clean_title(said) == title
    assert len(title or "") <= MAX_TITLE


def test_a_wrong_model_for_titles_stops_the_start_with_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("BOOKLIGHT_TITLE_MODEL", "extractive")
    with pytest.raises(SettingsError, match="BOOKLIGHT_TITLE_MODEL is 'extractive': give openai:<model>"):
        load_settings()
    monkeypatch.delenv("BOOKLIGHT_TITLE_MODEL")
    with pytest.raises(SettingsError, match="OPENAI_API_KEY is not set"):
        connect_title_model(Settings(_env_file=None, title_model="openai:gpt-x"))
    assert connect_title_model(Settings(_env_file=None)) is None
