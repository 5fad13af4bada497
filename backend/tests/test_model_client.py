"""The client of a model's server says and hears what OpenAI's own does."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from agents import Agent, Model, OpenAIChatCompletionsModel, OpenAIResponsesModel, RunConfig, Runner, function_tool
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionChunk
from openai.types.responses import ResponseTextDeltaEvent

from backend.tests.scripted_model import ScriptedModel, serve_scripted_model
from booklight.llm.client import ModelClient
from booklight.llm.search_tool import TOOL_NAME

PIECE = {
    "type": "response.output_text.delta",
    "item_id": "msg_1",
    "output_index": 0,
    "content_index": 0,
    "delta": "Bees",
    "logprobs": [],
    "sequence_number": 7,
}

CHUNK = {
    "id": "c",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "delta": {"content": "Bees"}, "finish_reason": None}],
}


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with serve_scripted_model() as model:
        yield model


@function_tool(name_override=TOOL_NAME)
def look_up(queries: list[str]) -> str:
    """Find nothing."""
    return '{"found": false}'


MODELS = {"responses": OpenAIResponsesModel, "chat completions": OpenAIChatCompletionsModel}


async def ask(model: Model) -> list[str]:
    """Ask `model` and return the types of all events."""
    agent = Agent(name="A", instructions="Answer.", tools=[look_up])
    result = Runner.run_streamed(agent, "What is a hive?", run_config=RunConfig(model=model, tracing_disabled=True))
    return [event.data.type async for event in result.stream_events() if event.type == "raw_response_event"]


@pytest.mark.parametrize("form", MODELS)
async def test_it_sends_and_receives_the_same(server: ScriptedModel, form: str) -> None:
    heard: list[list[str]] = []
    for kind in (AsyncOpenAI, ModelClient):
        async with kind(base_url=server.base_url, api_key="k") as client:
            heard.append(await ask(MODELS[form]("m", client)))
    assert heard[0] == heard[1]
    bodies = [without_ids(body) for body in server.requests]
    assert len(bodies) == 4
    assert bodies[:2] == bodies[2:]
    assert all(TOOL_NAME in str(body["tools"]) for body in bodies)


def without_ids(said: object) -> Any:
    """Return a request without what the server made up for the one before it."""
    match said:
        case dict():
            return {key: without_ids(part) for key, part in said.items() if not key.endswith("id")}
        case list():
            return [without_ids(part) for part in said]
    return said


@pytest.mark.parametrize("change", [{}, {"of_their_own": 1}, {"logprobs": None}, {"sequence_number": "first"}])
def test_a_piece_is_read_even_with_something_amiss(change: dict[str, object]) -> None:
    client = ModelClient(base_url="http://127.0.0.1:1/v1", api_key="k")
    answer = httpx2.Response(200)
    event = client._process_response_data(data=PIECE | change, cast_to=ResponseTextDeltaEvent, response=answer)
    assert isinstance(event, ResponseTextDeltaEvent)
    assert (event.item_id, event.delta) == ("msg_1", "Bees")


@pytest.mark.parametrize("change", [{}, {"own": 1}, {"created": None}, {"choices": [{"delta": {"content": 1}}]}])
def test_a_chunk_is_read_even_with_something_amiss(change: dict[str, object]) -> None:
    client = ModelClient(base_url="http://127.0.0.1:1/v1", api_key="k")
    event = client._process_response_data(
        data=CHUNK | change, cast_to=ChatCompletionChunk, response=httpx2.Response(200)
    )
    assert isinstance(event, ChatCompletionChunk)
    assert event.choices[0].delta.content == ("Bees" if "choices" not in change else 1)
