"""One run of the agent as ChatKit events: every message under an id of our own, and a failure raised at the end."""

from collections.abc import AsyncIterator, Callable
from typing import cast

from agents import (
    AgentsException,
    RawResponsesStreamEvent,
    RunConfig,
    RunResultStreaming,
    StreamEvent,
    TResponseInputItem,
)
from chatkit.agents import AgentContext, ResponseStreamConverter, stream_agent_response
from chatkit.types import ThreadStreamEvent
from openai import OpenAIError
from openai.types.responses import ResponseIncompleteEvent, ResponseOutputTextAnnotationAddedEvent
from openai.types.responses.response_output_text import (
    AnnotationContainerFileCitation,
    AnnotationFileCitation,
    AnnotationURLCitation,
)

from backend.agent.book import MAX_MODEL_CALLS, BookAgent, run_turn
from backend.agent.bursts import join_bursts
from backend.agent.item_ids import own_ids
from backend.context import RequestContext

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
    """Yield the events of a run of at most `model_calls` steps, and add what it used to the request's `tokens`.

    A stop ends it, and the model's work, at once. Raises one of FAILURES.
    """
    result = run_turn(agent, inputs, context, run_config, model_calls=model_calls)
    context.request_context.stop.call_when_asked(result.cancel)
    run = _Run(result)
    try:
        events = stream_agent_response(context, cast(RunResultStreaming, run), converter=_NoAnnotations())
        async for event in own_ids(events, new_id):
            yield event
    finally:
        if not result.is_complete:
            result.cancel()
        context.request_context.tokens += result.context_wrapper.usage.total_tokens
    if run.failure is not None:
        raise run.failure


class _Run:
    """A run as ChatKit reads it. Its failure is kept for later: ChatKit leaves a task behind when the stream raises."""

    def __init__(self, result: RunResultStreaming) -> None:
        self.failure: Failure | None = None
        self._result = result

    async def stream_events(self) -> AsyncIterator[StreamEvent]:
        """Yield the run's events to their end."""
        try:
            async for event in join_bursts(self._result.stream_events()):
                self._note_cut(event)
                if not _is_annotation(event):
                    yield event
        except FAILURES as failure:
            self.failure = self.failure or failure

    def _note_cut(self, event: StreamEvent) -> None:
        """Remember that the provider cut the answer, which the run will only call a failure."""
        match event:
            case RawResponsesStreamEvent(data=ResponseIncompleteEvent(response=response)):
                details = response.incomplete_details
                if details is not None and details.reason == "max_output_tokens":
                    self.failure = CutShort()
            case _:
                pass


class _NoAnnotations(ResponseStreamConverter):
    """Leaves out the citations of a model's own: they may lead out of the book, and ours are made from its marks."""

    async def file_citation_to_annotation(self, file_citation: AnnotationFileCitation) -> None:
        """Leave out a file of the model's provider."""

    async def container_file_citation_to_annotation(self, citation: AnnotationContainerFileCitation) -> None:
        """Leave out a file of the model's sandbox."""

    async def url_citation_to_annotation(self, url_citation: AnnotationURLCitation) -> None:
        """Leave out a page of the web."""


def _is_annotation(event: StreamEvent) -> bool:
    """Say whether `event` adds an annotation: as it is parsed by now, ChatKit fails on it and the answer with it."""
    return isinstance(event, RawResponsesStreamEvent) and isinstance(event.data, ResponseOutputTextAnnotationAddedEvent)
