"""The agent: instructions, one tool, and the bounds of a run. Which model answers is not known here."""

from importlib.resources import files
from pathlib import Path

from agents import Agent, RunConfig, Runner, RunResultStreaming, TResponseInputItem
from chatkit.agents import AgentContext

from backend.context import RequestContext
from backend.settings import SettingsError
from backend.tools import MAX_SEARCHES, SearchFunction, build_search_tool

# Every search may take a call of its own, one more answers, and one may be wasted on arguments that made no sense.
MAX_MODEL_CALLS = MAX_SEARCHES + 2

BookAgent = Agent[AgentContext[RequestContext]]


def build_agent(search: SearchFunction, instructions: str) -> BookAgent:
    """Return the agent that answers from what `search` finds, following `instructions`."""
    return Agent(name="Booklight", instructions=instructions, tools=[build_search_tool(search)])


def run_turn(
    agent: BookAgent,
    items: list[TResponseInputItem],
    context: AgentContext[RequestContext],
    run_config: RunConfig,
) -> RunResultStreaming:
    """Start one turn; its events stream from the result.

    The stream raises SearchUnavailable (an IngestError) when the index cannot be searched, MaxTurnsExceeded when the
    model keeps searching, and the errors of `openai` when the model cannot be reached or refuses.
    """
    return Runner.run_streamed(agent, items, context=context, run_config=run_config, max_turns=MAX_MODEL_CALLS)


def load_instructions(extra: Path | None = None) -> str:
    """Return the agent's instructions, with an author's own file after them. Raises SettingsError."""
    instructions = files("backend.agent").joinpath("instructions.md").read_text(encoding="utf-8")
    if extra is None:
        return instructions
    try:
        return f"{instructions}\n## From the author of this book\n{extra.read_text(encoding='utf-8').strip()}\n"
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"BOOKLIGHT_INSTRUCTIONS_PATH: {extra} cannot be read as UTF-8 text: {error}") from None
