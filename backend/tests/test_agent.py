"""The agent as a whole, with a model that does as it is told."""

import json

import pytest
from agents import RunConfig, Runner
from agents.items import TResponseOutputItem
from agents.testing import ScriptedModel, assistant_message, function_call
from agents.testing.model import ModelScriptItem

from backend.tests.small_book import SmallSearch
from backend.tests.threads import THREAD, question
from booklight.context import RequestContext
from booklight.contracts import Found
from booklight.llm.agent import MAX_MODEL_CALLS, build_agent, build_reading_agent, load_instructions
from booklight.llm.inputs import build_input
from booklight.llm.search_tool import DESCRIPTION, MAX_SEARCHES, PARAMETERS, SearchFunction, SearchUnavailable
from booklight_ingest.errors import IndexMissing, IngestError


async def run(model: ScriptedModel, search: SearchFunction, context: RequestContext) -> str:
    progress: list[str] = []
    context.turn.report_progress = progress.append
    inputs = await build_input([question("Why smoke?")], THREAD, context)
    agent = build_reading_agent(search, load_instructions(), takes_tools=lambda: True)
    config = RunConfig(model=model, tracing_disabled=True)
    result = Runner.run_streamed(agent, inputs, context=context, run_config=config, max_turns=MAX_MODEL_CALLS)
    async for _ in result.stream_events():
        pass
    assert all(text.startswith("Searching the book for") for text in progress)
    return str(result.final_output)


def searching(number: int) -> list[TResponseOutputItem]:
    return [function_call("search_book_content", {"queries": [f"smoke {number}"]}, call_id=f"call_{number}")]


async def test_the_model_gets_the_instructions_the_tool_and_the_passages() -> None:
    model = ScriptedModel([searching(1), [assistant_message("Smoke calms bees.[^1]")]])
    context = RequestContext(owner="reader")
    assert await run(model, SmallSearch(), context) == "Smoke calms bees.[^1]"
    model.assert_complete()
    first, second = model.calls
    assert first.system_instructions == load_instructions()(True)
    assert [tool.name for tool in first.tools] == ["search_book_content"]
    assert "smoke hides the alarm scent" in second.input[-1]["output"]
    assert context.turn.passages[0].chunk.heading == "Using a smoker"


async def test_a_turn_is_bounded() -> None:
    steps: list[ModelScriptItem] = [searching(number) for number in range(MAX_SEARCHES + 1)]
    model = ScriptedModel([*steps, [assistant_message("I give up.")]])
    search = SmallSearch()
    assert await run(model, search, RequestContext(owner="reader")) == "I give up."
    assert (len(search.asked), len(model.calls)) == (MAX_SEARCHES, MAX_MODEL_CALLS)


async def test_a_missing_index_reaches_the_server_as_what_it_is() -> None:
    async def search(*_: object, **__: object) -> Found:
        raise IndexMissing("nothing is indexed yet: run `booklight index`")

    with pytest.raises(IngestError, match="booklight index") as caught:
        await run(ScriptedModel([searching(1)]), search, RequestContext(owner="reader"))
    assert isinstance(caught.value, SearchUnavailable)


async def test_a_tool_that_is_not_there_is_told_to_the_model() -> None:
    model = ScriptedModel([[function_call("browse", {}, call_id="call_1")], [assistant_message("Sorry.")]])
    agent = build_agent(SmallSearch())
    config = RunConfig(model=model, tracing_disabled=True, tool_not_found_behavior="return_error_to_model")
    context = RequestContext(owner="reader")
    result = Runner.run_streamed(agent, [{"role": "user", "content": "?"}], context=context, run_config=config)
    async for _ in result.stream_events():
        pass
    assert result.final_output == "Sorry."


async def test_a_model_without_tools_is_offered_none_and_told_of_none() -> None:
    model = ScriptedModel([[assistant_message("Smoke calms bees.[^1]")]])
    agent = build_reading_agent(SmallSearch(), load_instructions(), takes_tools=lambda: False)
    config = RunConfig(model=model, tracing_disabled=True)
    context = RequestContext(owner="reader")
    result = Runner.run_streamed(agent, [{"role": "user", "content": "?"}], context=context, run_config=config)
    async for _ in result.stream_events():
        pass
    (call,) = model.calls
    assert call.tools == []
    assert call.system_instructions == load_instructions()(False)


def test_the_instructions_name_the_tool_the_marks_and_the_bounds() -> None:
    instructions = load_instructions()(True)
    assert "`search_book_content`" in instructions
    assert "`[^2]`" in instructions
    assert f"at most {MAX_SEARCHES - 1} times" in instructions
    assert "at most 1 times" in load_instructions(max_searches=2)(True)
    assert "search_book_content" not in load_instructions()(False)


def test_what_never_changes_of_a_prompt_is_short() -> None:
    """The estimate is four bytes a token, as everywhere here."""
    schema = json.dumps({"description": DESCRIPTION, "parameters": PARAMETERS})
    assert len((load_instructions()(True) + schema).encode()) / 4 <= 700
