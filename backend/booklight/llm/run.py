"""One run of the agent, streamed as ChatKit's events with citations."""

from collections.abc import AsyncIterator

from agents import (
    AgentsException,
    RawResponsesStreamEvent,
    RunConfig,
    Runner,
    StreamEvent,
    TResponseInputItem,
    Usage,
)
from chatkit.types import ThreadStreamEvent
from openai import OpenAIError
from openai.types.responses import ResponseIncompleteEvent

from booklight.citations.stage import Absolute, Citer
from booklight.context import RequestContext, TurnState
from booklight.llm.agent import MAX_MODEL_CALLS, BookAgent
from booklight.llm.conversion import Conversion, NewId

FAILURES = (AgentsException, OpenAIError)
"""What a run fails with: the agent's bounds, the search, and the model or the way to it."""

Failure = AgentsException | OpenAIError


class CutShort(AgentsException):
    """The answer reached the most tokens that it may have."""


async def stream_run(
    agent: BookAgent,
    inputs: list[TResponseInputItem],
    context: RequestContext,
    run_config: RunConfig,
    *,
    thread_id: str,
    new_id: NewId,
    absolute: Absolute,
    model_calls: int = MAX_MODEL_CALLS,
) -> AsyncIterator[ThreadStreamEvent]:
    """Yield the events of a run of at most `model_calls` steps, cited, and add what it used to the turn's `tokens`.

    A cancellation of the turn ends the run, and the model's work, at once. Raises one of FAILURES: SearchUnavailable
    (an IngestError) when the index cannot be searched, CutShort, MaxTurnsExceeded when the model keeps searching, and
    the errors of `openai` when the model cannot be reached or refuses.
    """
    result = Runner.run_streamed(agent, inputs, context=context, run_config=run_config, max_turns=model_calls)
    context.turn.cancellation.on_request(result.cancel)
    conversion, citer, cut = Conversion(thread_id, new_id), Citer(context.turn.passages, absolute), False
    try:
        async for event in result.stream_events():
            cut = cut or _is_cut(event)
            for converted in conversion.convert(event):
                for cited in citer.rewrite(converted):
                    yield cited
    except FAILURES:
        if not cut:
            raise
    finally:
        if not result.is_complete:
            result.cancel()
        _add_usage(context.turn, result.context_wrapper.usage)
    if cut:
        raise CutShort
    for converted in conversion.finish():
        yield converted


def _is_cut(event: StreamEvent) -> bool:
    """Say whether the provider cut the answer, which to the run is a failure like any other."""
    match event:
        case RawResponsesStreamEvent(data=ResponseIncompleteEvent(response=response)):
            details = response.incomplete_details
            return details is not None and details.reason == "max_output_tokens"
        case _:
            return False


def _add_usage(turn: TurnState, usage: Usage) -> None:
    turn.tokens += usage.total_tokens
    turn.tokens_in += usage.input_tokens
    turn.tokens_out += usage.output_tokens
