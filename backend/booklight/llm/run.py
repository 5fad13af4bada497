"""One run of the agent, streamed as ChatKit's events with citations."""

from collections.abc import AsyncIterator, Iterator
from copy import copy
from typing import cast

from agents import RawResponsesStreamEvent, RunConfig, Runner, StreamEvent, TResponseInputItem, Usage
from chatkit.types import ThreadStreamEvent
from openai.types.responses import ResponseCompletedEvent, ResponseFunctionToolCall

from booklight.citations.stage import Absolute, Citer
from booklight.context import RequestContext, TurnState
from booklight.llm.agent import MAX_MODEL_CALLS, BookAgent
from booklight.llm.conversion import Conversion, NewId
from booklight.llm.failures import CutShort
from booklight.llm.grounded import Grounded
from booklight.llm.grounding import may_cite, sentence_before
from booklight.llm.pieces import Ending
from booklight.llm.served_model import ENDING, REFUSED, WHOLE


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
    question: str | None = None,
) -> AsyncIterator[ThreadStreamEvent]:
    """Yield the events of a run of at most `model_calls` steps, cited, and add what it used to the turn's `tokens`.

    With a `question`, what is answered to it is held against the passages; without one, the model is trusted to quote.
    A cancellation of the turn ends the run, and the model's work, at once. Raises one of FAILURES: SearchUnavailable
    (an IngestError) when the index cannot be searched, CutShort, NoAnswer, MaxTurnsExceeded when the model keeps
    searching, and the errors of `openai` when the model cannot be reached.
    """
    # The SDK compares the tools of an agent with those of all its runs, so that of one agent each run makes all others
    # dearer: a run gets its own.
    own = copy(agent)
    result = Runner.run_streamed(own, inputs, context=context, run_config=run_config, max_turns=model_calls)
    context.turn.cancellation.on_request(result.cancel)
    conversion = Conversion(thread_id, new_id)
    stages = _Stages(context.turn, question, absolute)
    ended: ResponseCompletedEvent | None = None
    try:
        async for event in result.stream_events():
            for converted in conversion.convert(event):
                for shown in stages.rewrite(converted):
                    yield shown
            if (completed := _completed(event)) is not None:
                ended = completed
                for shown in stages.settle(completed):
                    yield shown
    finally:
        if not result.is_complete:
            result.cancel()
        _add_usage(context.turn, result.context_wrapper.usage)
    for converted in conversion.finish():
        yield converted
    ending = _ending(ended)
    if ending not in WHOLE:
        context.turn.answer = "cut"
        raise CutShort(cast(Ending, ending))


class _Stages:
    """What a run's events go through: citations, and for a language model's answers to `question` the grounding."""

    def __init__(self, turn: TurnState, question: str | None, absolute: Absolute) -> None:
        passages = turn.passages
        self._grounded = None if question is None else Grounded(turn, question, absolute)
        checked = (
            None
            if question is None
            else lambda passage, text: may_cite(passage, sentence_before(text, len(text)), passages)
        )
        self._citer = Citer(passages, absolute, checked)

    def rewrite(self, event: ThreadStreamEvent) -> Iterator[ThreadStreamEvent]:
        for cited in self._citer.rewrite(event):
            if self._grounded is None:
                yield cited
            else:
                yield from self._grounded.rewrite(cited)

    def settle(self, ended: ResponseCompletedEvent) -> Iterator[ThreadStreamEvent]:
        """Yield what was held of a message, now that the call of the model that wrote it has ended."""
        if self._grounded is not None:
            calls = any(isinstance(item, ResponseFunctionToolCall) for item in ended.response.output)
            ending = _ending(ended)
            whole = ending in WHOLE
            if not whole:
                for held in self._citer.finish():
                    yield from self._grounded.rewrite(held)
            yield from self._grounded.settle(calls=calls, refused=ending == REFUSED, whole=whole)


def _completed(event: StreamEvent) -> ResponseCompletedEvent | None:
    match event:
        case RawResponsesStreamEvent(data=ResponseCompletedEvent() as completed):
            return completed
    return None


def _ending(ended: ResponseCompletedEvent | None) -> str:
    metadata = {} if ended is None else ended.response.metadata or {}
    return metadata.get(ENDING, "stop")


def _add_usage(turn: TurnState, usage: Usage) -> None:
    turn.tokens += usage.total_tokens
    turn.tokens_in += usage.input_tokens
    turn.tokens_out += usage.output_tokens
