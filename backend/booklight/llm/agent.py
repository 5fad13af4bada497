"""The agent: instructions, one tool, and the bounds of a run. Which model answers is not known here."""

from importlib.resources import files
from pathlib import Path

from agents import Agent

from booklight.context import RequestContext
from booklight.llm.search_tool import MAX_SEARCHES, TOOL_NAME, SearchFunction, build_search_tool
from booklight.settings import InstructionsMode, SettingsError

# Every search may take a call of its own, one more answers, and one may be wasted on arguments that made no sense.
CALLS_BESIDE_SEARCHES = 2
MAX_MODEL_CALLS = MAX_SEARCHES + CALLS_BESIDE_SEARCHES

SEARCHES_MARK = "{max_searches}"
"""Stands in the instructions for how often a turn may search."""

BookAgent = Agent[RequestContext]


def build_agent(search: SearchFunction, instructions: str, *, max_searches: int = MAX_SEARCHES) -> BookAgent:
    """Return the agent that answers from what `search` finds in so many searches a turn, following `instructions`."""
    tool = build_search_tool(search, max_searches=max_searches)
    return Agent(name="Booklight", instructions=instructions, tools=[tool])


def load_instructions(
    own: Path | None = None, *, mode: InstructionsMode = "extend", max_searches: int = MAX_SEARCHES
) -> str:
    """Return the agent's instructions, with an author's `own` after them or in place of them. Raises SettingsError."""
    ours = files("booklight.llm").joinpath("instructions.md").read_text(encoding="utf-8")
    ours = ours.replace(SEARCHES_MARK, str(max_searches))
    if own is None:
        return ours
    try:
        theirs = own.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"BOOKLIGHT_INSTRUCTIONS_PATH: {own} cannot be read as UTF-8 text: {error}") from None
    if mode == "extend":
        return f"{ours}\n## From the author of this book\n{theirs}\n"
    if TOOL_NAME not in theirs:
        raise SettingsError(f"BOOKLIGHT_INSTRUCTIONS_PATH: {own} replaces ours, so it has to tell of `{TOOL_NAME}`")
    return f"{theirs.replace(SEARCHES_MARK, str(max_searches))}\n"
