"""The stream events that a model of our own has to send, in the order in which the Responses API sends them."""

import itertools
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Literal

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
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
)


def message(text: str) -> ResponseOutputMessage:
    """Return a finished answer."""
    return ResponseOutputMessage(
        id=f"msg_{uuid.uuid4().hex}", type="message", role="assistant", status="completed", content=[_part(text)]
    )


def function_call(name: str, arguments: str) -> ResponseFunctionToolCall:
    """Return a call of the tool `name` with `arguments`, which are JSON."""
    return ResponseFunctionToolCall(
        id=f"fc_{uuid.uuid4().hex}",
        call_id=f"call_{uuid.uuid4().hex}",
        type="function_call",
        name=name,
        arguments=arguments,
        status="completed",
    )


def stream_message(model: str, pieces: Sequence[str]) -> Iterator[TResponseStreamEvent]:
    """Yield the events of an answer that arrives in `pieces`."""
    number = itertools.count()
    item = message("".join(pieces))
    yield _created(model, next(number))
    yield _added(item.model_copy(update={"status": "in_progress", "content": []}), next(number))
    yield from _stream_text(item.id, pieces, number)
    yield from _finished(model, item, number)


def stream_function_call(model: str, call: ResponseFunctionToolCall) -> Iterator[TResponseStreamEvent]:
    """Yield the events of a tool call."""
    number = itertools.count()
    yield _created(model, next(number))
    yield _added(call.model_copy(update={"status": "in_progress", "arguments": ""}), next(number))
    yield ResponseFunctionCallArgumentsDoneEvent(
        type="response.function_call_arguments.done",
        item_id=call.id or call.call_id,
        arguments=call.arguments,
        output_index=0,
        sequence_number=next(number),
    )
    yield from _finished(model, call, number)


def _stream_text(item_id: str, pieces: Sequence[str], number: Iterator[int]) -> Iterator[TResponseStreamEvent]:
    whole = _part("".join(pieces))
    yield ResponseContentPartAddedEvent(
        type="response.content_part.added",
        item_id=item_id,
        output_index=0,
        content_index=0,
        part=_part(""),
        sequence_number=next(number),
    )
    for piece in pieces:
        yield ResponseTextDeltaEvent(
            type="response.output_text.delta",
            item_id=item_id,
            output_index=0,
            content_index=0,
            delta=piece,
            logprobs=[],
            sequence_number=next(number),
        )
    yield ResponseTextDoneEvent(
        type="response.output_text.done",
        item_id=item_id,
        output_index=0,
        content_index=0,
        text=whole.text,
        logprobs=[],
        sequence_number=next(number),
    )
    yield ResponseContentPartDoneEvent(
        type="response.content_part.done",
        item_id=item_id,
        output_index=0,
        content_index=0,
        part=whole,
        sequence_number=next(number),
    )


def _created(model: str, number: int) -> ResponseCreatedEvent:
    response = _response(model, [], "in_progress")
    return ResponseCreatedEvent(type="response.created", response=response, sequence_number=number)


def _added(item: TResponseOutputItem, number: int) -> ResponseOutputItemAddedEvent:
    return ResponseOutputItemAddedEvent(
        type="response.output_item.added", item=item, output_index=0, sequence_number=number
    )


def _finished(model: str, item: TResponseOutputItem, number: Iterator[int]) -> Iterator[TResponseStreamEvent]:
    yield ResponseOutputItemDoneEvent(
        type="response.output_item.done", item=item, output_index=0, sequence_number=next(number)
    )
    response = _response(model, [item], "completed")
    yield ResponseCompletedEvent(type="response.completed", response=response, sequence_number=next(number))


def _response(model: str, output: list[TResponseOutputItem], status: Literal["in_progress", "completed"]) -> Response:
    return Response(
        id=f"resp_{uuid.uuid4().hex}",
        object="response",
        created_at=time.time(),
        model=model,
        status=status,
        output=output,
        parallel_tool_calls=False,
        tool_choice="auto",
        tools=[],
    )


def _part(text: str) -> ResponseOutputText:
    return ResponseOutputText(type="output_text", text=text, annotations=[])
