"""A run's events as ChatKit's own conversion makes them, with the text going past it.

ChatKit's conversion starts a task for every event, which is most of what a piece of text would cost. All other events
are left to it, and it reads the next only when what it made of the last has been taken in here, so that order holds.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol, cast

from agents import RawResponsesStreamEvent, RunResultStreaming, StreamEvent
from chatkit.agents import AgentContext, ResponseStreamConverter, stream_agent_response
from chatkit.types import AssistantMessageContentPartTextDelta, ThreadItemUpdatedEvent, ThreadStreamEvent
from openai.types.responses import ResponseOutputTextAnnotationAddedEvent, ResponseTextDeltaEvent
from openai.types.responses.response_output_text import (
    AnnotationContainerFileCitation,
    AnnotationFileCitation,
    AnnotationURLCitation,
)

from booklight.context import RequestContext


class Run(Protocol):
    """A run as it is read here: `events` raises nothing, and ends soon after `end`."""

    def events(self) -> AsyncIterator[StreamEvent]: ...
    def end(self) -> None: ...


async def convert(run: Run, context: AgentContext[RequestContext]) -> AsyncIterator[ThreadStreamEvent]:
    """Yield ChatKit's events for those of `run`, and what tools stream to `context` as it comes.

    The run is ended when nobody wants more of it.
    """
    conversion = _Conversion(run)
    converting = asyncio.create_task(conversion.convert_all(context))
    try:
        while batch := await conversion.take():
            for event in batch:
                yield event
    finally:
        run.end()
        await asyncio.gather(converting, return_exceptions=True)
    converting.result()


class _Conversion:
    """What has been converted and has not been taken. To ChatKit's conversion it is the run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._converted: list[ThreadStreamEvent] = []
        self._news = asyncio.Event()
        self._ended = False

    async def convert_all(self, context: AgentContext[RequestContext]) -> None:
        """Convert all events of the run."""
        as_run = cast(RunResultStreaming, self)
        try:
            async for event in stream_agent_response(context, as_run, converter=_NoAnnotations()):
                self._add(event)
        finally:
            self._ended = True
            self._news.set()

    async def stream_events(self) -> AsyncIterator[StreamEvent]:
        """Yield what ChatKit is to convert."""
        async for event in self._run.events():
            match event:
                case RawResponsesStreamEvent(data=ResponseTextDeltaEvent() as piece):
                    self._add(_text(piece))
                case RawResponsesStreamEvent(data=ResponseOutputTextAnnotationAddedEvent()):
                    pass  # As it is parsed by now, ChatKit fails on it, and the answer with it.
                case _:
                    yield event

    async def take(self) -> list[ThreadStreamEvent]:
        """Return all that waits, as soon as there is any; nothing once all has been taken."""
        while not self._converted and not self._ended:
            self._news.clear()
            await self._news.wait()
        batch, self._converted = self._converted, []
        return batch

    def _add(self, event: ThreadStreamEvent) -> None:
        self._converted.append(event)
        self._news.set()


class _NoAnnotations(ResponseStreamConverter):
    """Leaves out the citations of a model's own: they may lead out of the book, and ours are made from its marks."""

    async def file_citation_to_annotation(self, file_citation: AnnotationFileCitation) -> None:
        """Leave out a file of the model's provider."""

    async def container_file_citation_to_annotation(self, citation: AnnotationContainerFileCitation) -> None:
        """Leave out a file of the model's sandbox."""

    async def url_citation_to_annotation(self, url_citation: AnnotationURLCitation) -> None:
        """Leave out a page of the web."""


def _text(piece: ResponseTextDeltaEvent) -> ThreadItemUpdatedEvent:
    delta = AssistantMessageContentPartTextDelta(content_index=piece.content_index, delta=piece.delta)
    return ThreadItemUpdatedEvent(item_id=piece.item_id, update=delta)
