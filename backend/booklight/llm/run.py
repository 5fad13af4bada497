"""One run of the agent as ChatKit events: every message under an id of our own, and a failure raised at the end."""

from collections.abc import AsyncIterator, Callable
from copy import copy

from agents import (
    AgentsException,
    Model,
    RawResponsesStreamEvent,
    RunConfig,
    RunResultStreaming,
    StreamEvent,
    TResponseInputItem,
    Usage,
)
from chatkit.agents import AgentContext
from chatkit.types import ThreadStreamEvent
from openai import OpenAIError
from openai.types.responses import ResponseIncompleteEvent

from booklight.context import RequestContext, TurnState
from booklight.llm.agent import MAX_MODEL_CALLS, BookAgent, run_turn
from booklight.llm.coalescing import JoinsBursts
from booklight.llm.conversion import convert
from booklight.llm.item_ids import own_ids

FAILURES = (AgentsException, OpenAIError)
"""What a run fails with: the agent's bounds, the search, and the model or the way to it."""

Failure = AgentsException | OpenAIError


class CutShort(AgentsException):
    """The answer reached the most tokens that it may have."""


async def stream_run(
    agent: BookAgent,
    inputs: list[TResponseInputItem],
    context: AgentContext[RequestContext],
    run_config: RunConfig,
    new_id: Callable[[], str],
    *,
    model_calls: int = MAX_MODEL_CALLS,
) -> AsyncIterator[ThreadStreamEvent]:
    """Yield the events of a run of at most `model_calls` steps, and add what it used to the turn's `tokens`.

    A stop ends it, and the model's work, at once. Raises one of FAILURES.
    """
    result = run_turn(agent, inputs, context, _joining(run_config), model_calls=model_calls)
    context.request_context.turn.cancellation.on_request(result.cancel)
    run = _Run(result)
    try:
        async for event in own_ids(convert(run, context), new_id):
            yield event
    finally:
        run.end()
        _add_usage(context.request_context.turn, result.context_wrapper.usage)
    if run.failure is not None:
        raise run.failure


def _add_usage(turn: TurnState, usage: Usage) -> None:
    turn.tokens += usage.total_tokens
    turn.tokens_in += usage.input_tokens
    turn.tokens_out += usage.output_tokens


class _Run:
    """A run whose failure is kept for later: ChatKit leaves a task behind when what it reads raises."""

    def __init__(self, result: RunResultStreaming) -> None:
        self.failure: Failure | None = None
        self._result = result

    async def events(self) -> AsyncIterator[StreamEvent]:
        """Yield the run's events to their end."""
        try:
            async for event in self._result.stream_events():
                self._note_cut(event)
                yield event
        except FAILURES as failure:
            self.failure = self.failure or failure

    def end(self) -> None:
        """End the run, and the model's work, if that goes on."""
        if not self._result.is_complete:
            self._result.cancel()

    def _note_cut(self, event: StreamEvent) -> None:
        """Remember that the provider cut the answer, which the run will only call a failure."""
        match event:
            case RawResponsesStreamEvent(data=ResponseIncompleteEvent(response=response)):
                details = response.incomplete_details
                if details is not None and details.reason == "max_output_tokens":
                    self.failure = CutShort()
            case _:
                pass


def _joining(run_config: RunConfig) -> RunConfig:
    """Return a copy whose model joins its bursts; `replace` would check the whole configuration again, every turn."""
    joining = copy(run_config)
    if isinstance(joining.model, Model):
        joining.model = JoinsBursts(joining.model)
    return joining
