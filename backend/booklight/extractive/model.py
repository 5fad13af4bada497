"""The extractive model as the agent runs it: one step of the turn a call, whole or as a stream of events."""

import re
from collections.abc import AsyncIterator

from agents import AgentOutputSchemaBase, Handoff, Model, ModelResponse, ModelSettings, Tool, Usage
from agents.items import TResponseInputItem, TResponseStreamEvent
from agents.models.interface import ModelTracing
from openai.types.responses.response_prompt_param import ResponsePromptParam

from booklight.extractive.scores import ScoreBlocks, no_judge
from booklight.extractive.steps import take_step
from booklight.llm.events import message, stream_function_call, stream_message

NAME = "extractive"

_PIECE = re.compile(r"(?:\S+\s*){1,3}")


class ExtractiveModel(Model):
    """Answers with quotations. It keeps nothing between calls, so one serves every reader.

    `score_blocks` judges what may be quoted; without it, or where it cannot tell, shared words do.
    """

    def __init__(self, score_blocks: ScoreBlocks = no_judge) -> None:
        self._score_blocks = score_blocks

    async def get_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        tracing: ModelTracing,
        *,
        previous_response_id: str | None,
        conversation_id: str | None,
        prompt: ResponsePromptParam | None,
    ) -> ModelResponse:
        """Return the next step of the turn at once."""
        step = await take_step(input, self._score_blocks)
        output = message(step) if isinstance(step, str) else step
        return ModelResponse(output=[output], usage=Usage(requests=1), response_id=None)

    async def stream_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        tracing: ModelTracing,
        *,
        previous_response_id: str | None,
        conversation_id: str | None,
        prompt: ResponsePromptParam | None,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Yield the next step of the turn, an answer in groups of words."""
        step = await take_step(input, self._score_blocks)
        events = (
            stream_message(NAME, _PIECE.findall(step)) if isinstance(step, str) else stream_function_call(NAME, step)
        )
        for event in events:
            yield event
