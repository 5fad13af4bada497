"""The client of a model's server says and hears what OpenAI's own does."""

from collections.abc import Iterator
from typing import Any

import pytest
from agents import Agent, Model, OpenAIChatCompletionsModel, OpenAIResponsesModel, RunConfig, Runner, function_tool
from openai import AsyncOpenAI

from backend.tests.scripted_model import ScriptedModel, serve_scripted_model
from booklight.llm.client import ModelClient
from booklight.llm.search_tool import TOOL_NAME
from booklight.llm.served_model import ChatCompletionsModel, ResponsesModel


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with serve_scripted_model() as model:
        yield model


@function_tool(name_override=TOOL_NAME)
def look_up(queries: list[str]) -> str:
    """Find nothing."""
    return '{"found": false}'


MODELS: dict[str, Any] = {
    "responses": (OpenAIResponsesModel, ResponsesModel),
    "chat completions": (OpenAIChatCompletionsModel, ChatCompletionsModel),
}


async def ask(model: Model) -> str:
    """Ask `model` and return what it says."""
    agent = Agent(name="A", instructions="Answer.", tools=[look_up])
    result = Runner.run_streamed(agent, "What is a hive?", run_config=RunConfig(model=model, tracing_disabled=True))
    async for _ in result.stream_events():
        pass
    return str(result.final_output)


@pytest.mark.parametrize("form", MODELS)
async def test_it_asks_as_openais_own_does_and_hears_the_same(server: ScriptedModel, form: str) -> None:
    heard = []
    for kind, model in zip((AsyncOpenAI, ModelClient), MODELS[form], strict=True):
        server.script("search")
        async with kind(base_url=server.base_url, api_key="k") as client:
            heard.append(await ask(model("m", client)))
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
