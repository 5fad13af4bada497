"""The stream events of the Responses API, in their order, as a model of our own sends them.

Whatever a server sends, what leaves a model is this: a message as it grows, the tool calls after it, and the end.
"""

import itertools
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from agents.items import TResponseOutputItem, TResponseStreamEvent
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseContentPartAddedEvent,
    ResponseContentPartDoneEvent,
    ResponseCreatedEvent,
    ResponseFunctionCallArgumentsDoneEvent,
    ResponseFunctionToolCall,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseReasoningItem,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
    ResponseUsage,
)


class ResponseEvents:
    """Makes the events of one response of `model`, as its text comes. Every method yields what has to be sent next."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._id = f"resp_{uuid.uuid4().hex}"
        self._number = itertools.count()
        self._message_id: str | None = None
        self._pieces: list[str] = []
        self._thinking = False

    def begin(self) -> Iterator[TResponseStreamEvent]:
        """Begin the response."""
        response = self._response([], "in_progress")
        yield ResponseCreatedEvent(type="response.created", response=response, sequence_number=next(self._number))

    def think(self) -> Iterator[TResponseStreamEvent]:
        """Say, once, that the model thinks."""
        if not self._thinking:
            self._thinking = True
            item = ResponseReasoningItem(id=f"rs_{uuid.uuid4().hex}", type="reasoning", summary=[])
            yield self._added(item)

    def restart(self) -> None:
        """Give up the message so far: the next text begins another one."""
        self._message_id, self._pieces = None, []

    def say(self, piece: str) -> Iterator[TResponseStreamEvent]:
        """Say more of the message."""
        if self._message_id is None:
            yield from self.open()
        self._pieces.append(piece)
        yield ResponseTextDeltaEvent(
            type="response.output_text.delta",
            item_id=self._message_id or "",
            output_index=0,
            content_index=0,
            delta=piece,
            logprobs=[],
            sequence_number=next(self._number),
        )

    def finish(
        self,
        calls: Sequence[ResponseFunctionToolCall] = (),
        kept: Sequence[TResponseOutputItem] = (),
        *,
        usage: ResponseUsage | None = None,
        metadata: dict[str, str] | None = None,
        whole: bool = True,
    ) -> Iterator[TResponseStreamEvent]:
        """End the response, with its `calls`. A message that is not `whole` is left open."""
        output: list[TResponseOutputItem] = [*kept]
        if self._message_id is not None:
            item = message("".join(self._pieces), self._message_id)
            output.append(item)
            if whole:
                yield from self._close(item)
        for call in calls:
            yield from self._call(call)
        response = self._response([*output, *calls], "completed", usage=usage, metadata=metadata)
        yield ResponseCompletedEvent(type="response.completed", response=response, sequence_number=next(self._number))

    def open(self) -> Iterator[TResponseStreamEvent]:
        """Begin the message, before its first piece."""
        item = message("")
        self._message_id = item.id
        yield self._added(item.model_copy(update={"status": "in_progress", "content": []}))
        yield ResponseContentPartAddedEvent(
            type="response.content_part.added",
            item_id=item.id,
            output_index=0,
            content_index=0,
            part=_part(""),
            sequence_number=next(self._number),
        )

    def _close(self, item: ResponseOutputMessage) -> Iterator[TResponseStreamEvent]:
        whole = _part("".join(self._pieces))
        yield ResponseTextDoneEvent(
            type="response.output_text.done",
            item_id=item.id,
            output_index=0,
            content_index=0,
            text=whole.text,
            logprobs=[],
            sequence_number=next(self._number),
        )
        yield ResponseContentPartDoneEvent(
            type="response.content_part.done",
            item_id=item.id,
            output_index=0,
            content_index=0,
            part=whole,
            sequence_number=next(self._number),
        )
        yield self._done(item)

    def _call(self, call: ResponseFunctionToolCall) -> Iterator[TResponseStreamEvent]:
        yield self._added(call.model_copy(update={"status": "in_progress", "arguments": ""}))
        yield ResponseFunctionCallArgumentsDoneEvent(
            type="response.function_call_arguments.done",
            item_id=call.id or call.call_id,
            arguments=call.arguments,
            output_index=0,
            sequence_number=next(self._number),
        )
        yield self._done(call)

    def _added(self, item: TResponseOutputItem) -> ResponseOutputItemAddedEvent:
        return ResponseOutputItemAddedEvent(
            type="response.output_item.added", item=item, output_index=0, sequence_number=next(self._number)
        )

    def _done(self, item: TResponseOutputItem) -> ResponseOutputItemDoneEvent:
        return ResponseOutputItemDoneEvent(
            type="response.output_item.done", item=item, output_index=0, sequence_number=next(self._number)
        )

    def _response(
        self,
        output: list[TResponseOutputItem],
        status: Literal["in_progress", "completed"],
        **known: Any,
    ) -> Response:
        return Response(
            id=self._id,
            object="response",
            created_at=time.time(),
            model=self._model,
            status=status,
            output=output,
            parallel_tool_calls=False,
            tool_choice="auto",
            tools=[],
            **known,
        )


def message(text: str, item_id: str | None = None) -> ResponseOutputMessage:
    """Return a finished answer."""
    return ResponseOutputMessage(
        id=item_id or f"msg_{uuid.uuid4().hex}",
        type="message",
        role="assistant",
        status="completed",
        content=[_part(text)],
    )


def function_call(name: str, arguments: str, call_id: str = "") -> ResponseFunctionToolCall:
    """Return a call of the tool `name` with `arguments`, which are JSON."""
    return ResponseFunctionToolCall(
        id=f"fc_{uuid.uuid4().hex}",
        call_id=call_id or f"call_{uuid.uuid4().hex}",
        type="function_call",
        name=name,
        arguments=arguments,
        status="completed",
    )


def stream_message(model: str, pieces: Sequence[str]) -> Iterator[TResponseStreamEvent]:
    """Yield the events of an answer that arrives in `pieces`."""
    events = ResponseEvents(model)
    yield from events.begin()
    yield from events.open()
    for piece in pieces:
        yield from events.say(piece)
    yield from events.finish()


def stream_function_call(model: str, call: ResponseFunctionToolCall) -> Iterator[TResponseStreamEvent]:
    """Yield the events of a tool call."""
    events = ResponseEvents(model)
    yield from events.begin()
    yield from events.finish([call])


def _part(text: str) -> ResponseOutputText:
    return ResponseOutputText(type="output_text", text=text, annotations=[])
