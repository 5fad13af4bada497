"""Ask the extractive model a question by itself, as a turn would, with no thread and no client."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from agents import Agent, RunConfig, Runner
from chatkit.types import InferenceOptions, ThreadMetadata, UserMessageItem, UserMessageTextContent

from booklight.context import RequestContext
from booklight.contracts import Passage
from booklight.extractive.choosing import Tier
from booklight.extractive.model import ExtractiveModel
from booklight.extractive.scores import ScoreBlocks
from booklight.extractive.steps import tier_of
from booklight.llm.inputs import build_input
from booklight.llm.search_tool import SearchFunction, build_search_tool

_MARK = re.compile(r"\[\^(\d+)\]")
_BEGUN = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ExtractiveAnswer:
    """An answer's Markdown with its marks, how it stands to the question, and the passages it cites."""

    text: str
    tier: Tier | None
    cited: tuple[Passage, ...]


async def ask(
    question: str, search: SearchFunction, score_blocks: ScoreBlocks, context: RequestContext
) -> ExtractiveAnswer:
    """Return the answer to a question that a reader asks from where `context` says. Raises SearchUnavailable."""
    thread = ThreadMetadata(id="thread", created_at=_BEGUN)
    asked = UserMessageItem(
        id="question",
        thread_id=thread.id,
        created_at=_BEGUN,
        content=[UserMessageTextContent(text=question)],
        inference_options=InferenceOptions(),
    )
    agent: Agent[RequestContext] = Agent(name="Booklight", tools=[build_search_tool(search)])
    config = RunConfig(model=ExtractiveModel(score_blocks), tracing_disabled=True)
    result = await Runner.run(agent, await build_input([asked], thread, context), context=context, run_config=config)
    text = str(result.final_output)
    return ExtractiveAnswer(text, tier_of(text), tuple(_cited(text, context.turn.passages)))


def _cited(text: str, passages: Sequence[Passage]) -> list[Passage]:
    return [passages[int(label) - 1] for label in dict.fromkeys(_MARK.findall(text))]
