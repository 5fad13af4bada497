"""The agent: instructions, one tool, and the bounds of a run. Which model answers is not known here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents import Agent, RunContextWrapper
from agents.agent import AgentBase

from booklight.context import RequestContext
from booklight.llm.echo import INSTRUCTIONS, SEARCH_INSTRUCTIONS, load_text
from booklight.llm.search_tool import MAX_SEARCHES, PASSAGES, TOOL_NAME, SearchFunction, build_search_tool
from booklight.settings import InstructionsMode, SettingsError

# Every search may take a call of its own, one more answers, and one may be wasted on arguments that made no sense.
CALLS_BESIDE_SEARCHES = 2
MAX_MODEL_CALLS = MAX_SEARCHES + CALLS_BESIDE_SEARCHES

SEARCHES_MARK = "{max_searches}"
"""Stands in the instructions for how often a turn may search."""

BookAgent = Agent[RequestContext]


def build_agent(search: SearchFunction, instructions: str = "", *, max_searches: int = MAX_SEARCHES) -> BookAgent:
    """Return the agent of a model that makes all of its searches itself, and reads what the tool returns as JSON."""
    tool = build_search_tool(search, max_searches=max_searches)
    return Agent(name="Booklight", instructions=instructions, tools=[tool])


def build_reading_agent(
    search: SearchFunction,
    instructions: Callable[[bool], str],
    *,
    takes_tools: Callable[[], bool],
    max_searches: int = MAX_SEARCHES,
    passages: int = PASSAGES,
) -> BookAgent:
    """Return the agent of a language model, which may search for more while it `takes_tools`.

    `instructions` are what it follows, with or without a tool.
    """
    tool = build_search_tool(search, max_searches=max_searches, passages=passages, as_json=False)

    def is_enabled(_: RunContextWrapper[Any], __: AgentBase) -> bool:
        return takes_tools()

    def instruct(_: RunContextWrapper[RequestContext], __: BookAgent) -> str:
        return instructions(takes_tools())

    tool.is_enabled = is_enabled
    return Agent(name="Booklight", instructions=instruct, tools=[tool])


def load_instructions(
    own: Path | None = None, *, mode: InstructionsMode = "extend", max_searches: int = MAX_SEARCHES
) -> Callable[[bool], str]:
    """Return the agent's instructions, with a tool and without, and an author's `own` after or in place of them.

    Raises SettingsError.
    """
    theirs = _read_own(own)
    if theirs is not None and mode == "replace":
        if TOOL_NAME not in theirs:
            raise SettingsError(f"BOOKLIGHT_INSTRUCTIONS_PATH: {own} replaces ours, so it has to tell of `{TOOL_NAME}`")
        replaced = f"{theirs.replace(SEARCHES_MARK, str(max_searches))}\n"
        return lambda tools: replaced
    # The first search is made before the model is asked.
    searching = load_text(SEARCH_INSTRUCTIONS).replace(SEARCHES_MARK, str(max_searches - 1))
    added = "" if theirs is None else f"\n## From the author of this book\n{theirs}\n"
    alone = load_text(INSTRUCTIONS)
    return lambda tools: alone + (searching if tools else "") + added


def _read_own(own: Path | None) -> str | None:
    if own is None:
        return None
    try:
        return own.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"BOOKLIGHT_INSTRUCTIONS_PATH: {own} cannot be read as UTF-8 text: {error}") from None
