"""Turns over real HTTP: streamed in order, cited, one at a time, and kept when they fail."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAIError
from sqlalchemy import Engine, event

from backend.tests.held_answer import held_answer
from backend.tests.live import (
    Json,
    answers,
    live_sidecar,
    native_events,
    question_request,
    thread_of,
)
from backend.tests.paced_model import HOLD, PacedModel
from backend.tests.scripted_model import serve_scripted_model
from booklight.llm.models import connect_model
from booklight.settings import Settings

PAGE = {"path": "/book/docs/dances", "current_chapter": 1, "current_lesson": "dances"}


def answer_events(events: list[Json]) -> list[Json]:
    """Return the events about assistant messages."""
    begun = {event["item"]["id"] for event in events if event["type"] == "thread.item.added"}
    return [event for event in events if event.get("item_id", event.get("item", {}).get("id")) in begun]


async def test_an_answer_streams_in_order_is_cited_and_is_stored(database_url: str) -> None:
    model = PacedModel(["Bees dance.", "[^", "1]", " Often."], searches=True)
    async with live_sidecar(model, database_url) as live:
        reader = await live.reader()
        events = await reader.ask("How do bees dance?", page_context=PAGE)
        items = await reader.items(thread_of(events))
    kinds = [event["type"] for event in events]
    assert kinds[:3] == ["thread.created", "thread.item.done", "stream_options"]
    assert "progress_update" in kinds
    assert kinds[-2:] == ["thread.item.done", "client_effect"]
    assert [item["type"] for item in items] == ["user_message", "assistant_message"]
    assert items[-1] == events[-2]["item"]
    content = items[-1]["content"][0]
    assert content["text"] == "Bees dance. Often."
    (annotation,) = content["annotations"]
    assert annotation["index"] == len("Bees dance.")
    assert annotation["source"]["url"] == "https://bees.example/book/docs/dances#the-waggle-dance"


async def test_one_item_keeps_one_id_of_our_own(sqlite_url: str) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url) as live:
        reader = await live.reader()
        events = await reader.ask("Do they?")
        again = await reader.ask("Really?", thread_of(events))
    ids = {event.get("item_id", event.get("item", {}).get("id")) for event in answer_events(events)}
    assert len(ids) == 1
    assert ids.isdisjoint(event["item"]["id"] for event in again if "item" in event)


async def test_what_a_turn_writes_it_writes_once(database_url: str) -> None:
    statements = list[str]()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    with serve_scripted_model() as server:
        model = connect_model(Settings(_env_file=None, model="openai:m", model_base_url=server.base_url))
        async with live_sidecar(model, database_url) as live:
            reader = await live.reader()
            event.listen(Engine, "before_cursor_execute", note)
            events = await reader.ask("What is a waggle dance?")
            event.remove(Engine, "before_cursor_execute", note)
            thread = (
                await reader.send({"type": "threads.get_by_id", "params": {"thread_id": thread_of(events)}})
            ).json()
        await model.close()
    assert thread["title"] == "What is a waggle dance?"
    assert sum(statement.startswith("INSERT INTO threads") for statement in statements) == 1
    assert not [each for each in statements if each.startswith(("UPDATE items", "UPDATE threads SET title"))]


@pytest.mark.parametrize("wire_format", ["responses", "chat_completions"])
async def test_every_answer_of_a_model_is_kept(sqlite_url: str, wire_format: str) -> None:
    """A Chat Completions model's messages all have one id, under which each answer would take the last one's place."""
    with serve_scripted_model() as server:
        reached: dict[str, Any] = {"model_base_url": server.base_url, "model_api": wire_format}
        model = connect_model(Settings(_env_file=None, model="openai:m", **reached))
        async with live_sidecar(model, sqlite_url) as live:
            reader = await live.reader()
            events = await reader.ask("What is a waggle dance?")
            following = await reader.ask("How many eggs does the queen lay?", thread_of(events))
            items = await reader.items(thread_of(events))
        await model.close()
    first, second = answers(items)
    assert not any(event["type"] == "notice" for event in following), "the model has answered, nothing in its place"
    assert "figure of eight" in first
    assert "2,000 eggs" in second
    assert len({item["id"] for item in items}) == len(items) == 6


async def test_a_model_is_given_the_latest_sixty_messages(tmp_path: Path) -> None:
    model = PacedModel(["Yes."])
    async with live_sidecar(model, f"sqlite:///{tmp_path}/b.db", turns_per_minute=1_000) as live:
        reader = await live.reader()
        thread = thread_of(await reader.ask("Question 1?"))
        for number in range(2, 34):
            await reader.ask(f"Question {number}?", thread)
    given = model.inputs[-1]
    asked = re.findall(r"Question (\d+)\?", str(given))
    # The sixtieth is an answer, and without its question it is left out.
    assert (len(given), asked[0], asked[-1]) == (59, "4", "33")


async def test_times_on_the_wire_carry_their_zone(sqlite_url: str) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url) as live:
        reader = await live.reader()
        events = await reader.ask("Do they?")
        items = await reader.items(thread_of(events))
    times = [item["created_at"] for item in items]
    times += [event["item"]["created_at"] for event in events if "item" in event]
    times.append(events[0]["thread"]["created_at"])
    assert all(time.endswith("Z") for time in times)


async def test_the_title_is_the_first_question(sqlite_url: str) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url) as live:
        reader = await live.reader()
        events = await reader.ask("Do bees\n  dance " + "and dance " * 20)
        await reader.ask("And then?", thread_of(events))
        listed = (await reader.send({"type": "threads.list", "params": {}})).json()["data"]
    (title,) = [thread["title"] for thread in listed]
    assert title.startswith("Do bees dance and dance")
    assert title.endswith("…")
    assert len(title) <= 60


async def test_deleting_a_thread_ends_its_turn(database_url: str) -> None:
    async with held_answer(database_url) as held:
        named = {"thread_id": held.thread_id}
        deleted = await held.reader.send({"type": "threads.delete", "params": named})
        await held.events.rest()
        gone = await held.reader.send({"type": "threads.get_by_id", "params": named})
    assert deleted.status_code == 200
    assert held.model.cancelled.is_set()
    assert gone.status_code == 404


async def test_a_failure_in_mid_answer_keeps_what_was_said(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    model = PacedModel(["Bees ", "dance", HOLD], failure=ZeroDivisionError("secret detail"))
    async with held_answer(database_url, model=model) as held:
        events = await held.go_on()
        items = await held.reader.items(held.thread_id)
        model.failure = None
        again = await held.reader.ask("And?", held.thread_id)
    assert [event["type"] for event in events][-2:] == ["thread.item.done", "error"]
    assert events[-1]["allow_retry"] is True
    assert "secret" not in str(events)
    assert "ZeroDivisionError" in caplog.text
    assert "secret" not in caplog.text
    assert events[-1]["message"]
    assert answers(items) == ["Bees dance"]
    assert again[-1]["type"] == "thread.item.done"


async def test_a_model_that_is_down_is_stood_in_for(sqlite_url: str) -> None:
    model = PacedModel([HOLD], failure=OpenAIError("key sk-secret refused"))
    async with live_sidecar(model, sqlite_url) as live:
        reader = await live.reader()
        async with reader.stream(question_request("What is a waggle dance?")) as stream:
            await stream.until(lambda event: event["type"] == "thread.item.added")
            model.go_on.set()
            events = await stream.rest()
        items = await reader.items(thread_of(events))
    kinds = [event["type"] for event in events]
    assert "error" not in kinds
    assert kinds.index("thread.item.removed") < kinds.index("notice")
    assert "figure of eight" in answers(items)[0]
    assert "sk-secret" not in str(events)


@pytest.mark.parametrize("failures", [["500"] * 3, ["cut"]], ids=["down", "cut"])
async def test_no_key_reaches_a_log_or_a_client(
    sqlite_url: str, caplog: pytest.LogCaptureFixture, failures: list[Any]
) -> None:
    caplog.set_level(logging.DEBUG)
    key = "sk-never-to-be-shown"
    with serve_scripted_model() as server:
        server.script(*failures)
        settings = Settings(_env_file=None, model="openai:m", model_base_url=server.base_url, model_api_key=key)
        model = connect_model(settings)
        async with live_sidecar(model, sqlite_url) as live:
            reader = await live.reader()
            response = await reader.send(question_request("What is a waggle dance?"))
            index = await live.http.get("/assistant/index")
        await model.close()
    assert server.keys[-1] == f"Bearer {key}"
    assert key not in f"{response.headers}{response.text}{index.text}{settings!r}"
    assert "failed" in caplog.text
    assert key not in caplog.text


async def test_a_retry_answers_again_with_the_first_selection(sqlite_url: str) -> None:
    model = PacedModel(["Yes."])
    async with live_sidecar(model, sqlite_url) as live:
        reader = await live.reader()
        request = question_request("What is this?")
        request["params"]["input"]["quoted_text"] = "a figure of eight"
        events = native_events((await reader.send(request)).text)
        params = {"thread_id": thread_of(events), "item_id": events[1]["item"]["id"]}
        retried = await reader.send({"type": "threads.retry_after_item", "params": params})
        items = await reader.items(params["thread_id"])
    assert retried.status_code == 200
    assert [item["type"] for item in items] == ["user_message", "assistant_message"]
    assert "a figure of eight" in str(model.inputs[-1])
    assert items[-1]["id"] != events[-1]["item"]["id"]
