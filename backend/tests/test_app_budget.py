"""What a day's budget and a model that is down mean for readers: quotations, and a line that says why."""

from pathlib import Path
from typing import Any

import pytest
from openai import OpenAIError

from backend.tests.live import Json, answers, live_sidecar, thread_of
from backend.tests.paced_model import HOLD, PacedModel
from backend.tests.scripted_model import ScriptedModel, serve_scripted_model
from booklight.llm.models import connect_model
from booklight.llm.notices import notices_of
from booklight.settings import Settings

SAID = notices_of("en")
QUESTION = "What is a waggle dance?"


def settings(server: ScriptedModel, wire_format: str, **values: Any) -> Settings:
    chosen = {"model": "openai:m", "model_base_url": server.base_url, "model_api": wire_format, "model_api_key": "k"}
    return Settings(_env_file=None, **(chosen | values))


def notices(events: list[Json]) -> list[str]:
    return [event["message"] for event in events if event["type"] == "notice"]


def text_of(events: list[Json]) -> str:
    (text,) = answers([event["item"] for event in events if event["type"] == "thread.item.done"])
    return text


@pytest.mark.parametrize(
    ("bounds", "notice"),
    [({"turns_per_day_per_reader": 1}, SAID.reader_budget), ({"turns_per_day": 1}, SAID.everybody_budget)],
)
async def test_a_spent_budget_leaves_the_passages_and_says_so(
    bounds: dict[str, Any], notice: str, database_url: str
) -> None:
    model = PacedModel(["They dance."])
    async with live_sidecar(model, database_url, **bounds) as live:
        reader = await live.reader()
        first = await reader.ask(QUESTION)
        second = await reader.ask(QUESTION, thread_of(first))
        items = await reader.items(thread_of(first))
    assert (text_of(first), notices(first)) == ("They dance.", [])
    assert notices(second) == [notice]
    assert "figure of eight" in text_of(second)
    assert answers(items) == [text_of(first), text_of(second)]
    assert len(model.inputs) == 1


async def test_a_model_that_is_down_leaves_the_passages_and_says_so(tmp_path: Path) -> None:
    model = PacedModel([HOLD], failure=OpenAIError("no"))
    model.go_on.set()
    async with live_sidecar(model, f"sqlite:///{tmp_path}/booklight.db") as live:
        events = await (await live.reader()).ask(QUESTION)
    assert notices(events) == [SAID.model_down]
    assert "figure of eight" in text_of(events)


@pytest.mark.parametrize("wire_format", ["responses", "chat_completions"])
async def test_the_models_own_count_of_tokens_is_what_is_spent(wire_format: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/booklight.db"
    with serve_scripted_model() as server:
        bounds: dict[str, Any] = {"max_output_tokens": 500, "tokens_per_day_per_reader": 2}
        connected = connect_model(settings(server, wire_format, **bounds))
        async with live_sidecar(connected, url, **bounds) as live:
            reader = await live.reader()
            first, second = await reader.ask(QUESTION), await reader.ask(QUESTION)
        await connected.close()
    assert (notices(first), notices(second)) == ([], [SAID.reader_budget])
    assert {request.get("max_output_tokens") or request["max_tokens"] for request in server.requests} == {500}


async def test_an_answer_that_is_cut_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/booklight.db"
    with serve_scripted_model() as server:
        server.script("incomplete")
        connected = connect_model(settings(server, "responses"))
        async with live_sidecar(connected, url) as live:
            reader = await live.reader()
            events = await reader.ask(QUESTION)
            items = await reader.items(thread_of(events))
        await connected.close()
    assert "length" in events[-1]["message"]
    assert answers(items)[0].startswith("In short:")
