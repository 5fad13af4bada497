"""Whether the model answers, cites and searches: a whole small turn with a passage made up for it.

Imported only when the model is to be asked, since the agent's libraries take seconds.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from agents import Agent, RunConfig, Runner
from openai import APIConnectionError, APIStatusError, APITimeoutError

from booklight.citations.marks import read_marks
from booklight.context import RequestContext
from booklight.contracts import Found, SearchRequest
from booklight.doctor.diagnostics import Diagnostic
from booklight.llm.agent import load_instructions
from booklight.llm.failures import FAILURES, ContextExceeded, Failure, NoAnswer, provider_facts
from booklight.llm.models import ConnectedModel, connect_model
from booklight.llm.prompt_blocks import wrap
from booklight.llm.search_tool import TOOL_NAME, build_search_tool
from booklight.settings import Settings

PASSAGE = "Open a hive only after ten in the morning, when the air is warmer than 15 degrees."
QUESTION = "When may a hive be opened?"
ADDRESS = "correct BOOKLIGHT_MODEL_BASE_URL: it has to lead to the API, and most often ends in /v1"
RAISE_CONTEXT = (
    "give the model a larger context (llama.cpp: -c, Ollama: OLLAMA_CONTEXT_LENGTH, vLLM: --max-model-len),"
    " or set BOOKLIGHT_CONTEXT_TOKENS to what it has"
)
_REMEDIES = {
    401: "correct the key: BOOKLIGHT_MODEL_API_KEY, or OPENAI_API_KEY for OpenAI",
    403: "correct the key: BOOKLIGHT_MODEL_API_KEY, or OPENAI_API_KEY for OpenAI",
    404: f"correct the name in BOOKLIGHT_MODEL, set BOOKLIGHT_MODEL_API to what the server speaks, or {ADDRESS}",
    429: "wait, or raise the limit of the account or server",
}


async def ask_model(settings: Settings) -> list[Diagnostic]:
    """Have the model answer from a passage and then search, and return what was found of each step."""
    model = connect_model(settings)
    try:
        answered = await _try("model", settings, lambda: _ask_for_answer(model, settings))
        if not answered[0].ok:
            return answered
        return [*answered, *await _try("search", settings, lambda: _ask_for_search(model, settings))]
    finally:
        await model.close()


async def _try(part: str, settings: Settings, step: Callable[[], Awaitable[list[Diagnostic]]]) -> list[Diagnostic]:
    try:
        return await step()
    except FAILURES as failure:
        found, remedy = explain(failure)
        return [Diagnostic(part, f"{settings.model} {found}", remedy)]


async def _ask_for_answer(model: ConnectedModel, settings: Settings) -> list[Diagnostic]:
    agent = Agent(name="doctor", instructions=load_instructions()(False))
    began = time.monotonic()
    asked = f"{wrap('passage', PASSAGE, label='[^1]', where='Hives')}\n\n{QUESTION}"
    run = Runner.run_streamed(agent, asked, run_config=model.run_config, max_turns=1)
    async for _ in run.stream_events():
        pass
    took = f"in {time.monotonic() - began:.1f} s"
    answers = Diagnostic("model", f"{settings.model} answers")
    if read_marks(str(run.final_output), lambda: 1).marks:
        return [answers, Diagnostic("citations", f"it answered {took}, and cited its passage")]
    said = f"it answered {took} without a citation: such answers are cited by their words, or shown as not the book's"
    return [answers, Diagnostic("citations", said, "use a model that follows instructions better, if readers see many")]


async def _ask_for_search(model: ConnectedModel, settings: Settings) -> list[Diagnostic]:
    """Force a search; a model that makes none, or whose server takes no tools, goes on with the first search alone."""
    if settings.tools == "off":
        return [Diagnostic("search", "BOOKLIGHT_TOOLS is off: answers rest on the first search")]
    asked = list[str]()

    async def search(request: SearchRequest) -> Found:
        asked.extend(request.queries)
        return Found((), 0.0, found=False)

    agent = Agent[RequestContext](
        name="doctor",
        instructions=f"Search with {TOOL_NAME}.",
        tools=[build_search_tool(search, as_json=False)],
        tool_use_behavior="stop_on_first_tool",
    )
    run = Runner.run_streamed(agent, QUESTION, context=RequestContext("doctor"), run_config=_forced(model), max_turns=1)
    async for _ in run.stream_events():
        pass
    if not model.takes_tools():
        remedy = "set BOOKLIGHT_TOOLS=off, or turn tools on in the server (vLLM: --enable-auto-tool-choice and"
        return [Diagnostic("search", "the server takes no tools", f"{remedy} --tool-call-parser; llama.cpp: --jinja)")]
    if not asked:
        return [Diagnostic("search", "the model never searches by itself", "set BOOKLIGHT_TOOLS=off")]
    return [Diagnostic("search", "the model searches by itself when it has to")]


def _forced(model: ConnectedModel) -> RunConfig:
    config = model.run_config
    assert config.model_settings is not None
    return replace(config, model_settings=replace(config.model_settings, tool_choice="required"))


def explain(failure: Failure) -> tuple[str, str]:
    """Return what went wrong, without what the server says of the key, and what to do."""
    match failure:
        case APITimeoutError():
            return "stays silent", "give it longer with BOOKLIGHT_MODEL_SILENCE_SECONDS, or use a smaller model"
        case APIConnectionError():
            return "cannot be reached", f"start the server, or {ADDRESS}"
        case APIStatusError(status_code=status):
            facts = provider_facts(failure).replace(f" status={status}", "")
            return f"does not answer: status {status}{facts}", _REMEDIES.get(status, "look into the server's log")
        case ContextExceeded(tokens=tokens):
            holds = f" of {tokens} tokens" if tokens else ""
            return f"has a context{holds} that is too small", RAISE_CONTEXT
        case NoAnswer(nothing="not_an_api"):
            return "does not answer: a web page came in its place", ADDRESS
        case NoAnswer(nothing="thought"):
            return "thinks and does not come to an answer", "raise BOOKLIGHT_MAX_OUTPUT_TOKENS, or have it think less"
        case NoAnswer(nothing=nothing):
            return f"gives no answer: {nothing}", "look into the server's log: its chat template may not fit the model"
    return f"does not answer: {type(failure).__name__}{provider_facts(failure)}", "look into the server's log"
