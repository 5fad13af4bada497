"""The simple dialect: one JSON question in, a handful of named events out, for a script or `curl`.

A request becomes the native one that means the same, and the answer's events are translated as they leave.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from chatkit.types import (
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ErrorEvent,
    InferenceOptions,
    NoticeEvent,
    ThreadAddUserMessageParams,
    ThreadCreatedEvent,
    ThreadCreateParams,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadStreamEvent,
    UserMessageInput,
    UserMessageTextContent,
)
from pydantic import Field, ValidationError, field_validator

from booklight.api.bodies import JsonObject
from booklight.api.native import invalid
from booklight.api.serialization import dump
from booklight.context import AnswerKind
from booklight.contracts import MAX_ADDRESS, MAX_QUESTION, ApiModel, PageContext, SelectedText


class SimpleContext(ApiModel):
    """Where the reader is and what they marked. `session_id` stands in for a token if it is long enough."""

    page_context: PageContext | None = None
    selected_text: SelectedText | None = None
    context_mode: Literal["full_book", "selected_text"] | None = None
    session_id: Annotated[str, Field(max_length=MAX_ADDRESS)] | None = None


class SimpleRequest(ApiModel):
    """A question. Without `thread_id` it begins a thread."""

    query: str = Field(min_length=1, max_length=MAX_QUESTION)
    thread_id: str | None = None
    context: SimpleContext | None = None

    @field_validator("query", mode="before")
    @classmethod
    def _strip(cls, query: object) -> object:
        return query.strip() if isinstance(query, str) else query


def parse_simple(body: JsonObject) -> SimpleRequest:
    """Return the question that `body` asks. Raises Invalid, naming the field."""
    try:
        return SimpleRequest.model_validate(body)
    except ValidationError as error:
        raise invalid(error) from None


def to_native(simple: SimpleRequest) -> ThreadsCreateReq | ThreadsAddUserMessageReq:
    """Return the native request that means the same."""
    context = simple.context or SimpleContext()
    asked = UserMessageInput(
        content=[UserMessageTextContent(text=simple.query)],
        attachments=[],
        quoted_text=context.selected_text or None,
        inference_options=InferenceOptions(),
    )
    page = context.page_context or PageContext()
    metadata = {"page_context": page, "session_id": context.session_id}
    if simple.thread_id is None:
        return ThreadsCreateReq(params=ThreadCreateParams(input=asked), metadata=metadata)
    params = ThreadAddUserMessageParams(input=asked, thread_id=simple.thread_id)
    return ThreadsAddUserMessageReq(params=params, metadata=metadata)


def selection_first(simple: SimpleRequest) -> bool:
    """Say whether the reader asks about what they selected, before anything else."""
    return simple.context is not None and simple.context.context_mode == "selected_text"


def simple_frame(event: ThreadStreamEvent) -> bytes:
    """Return `event` as this dialect frames it; nothing for what it leaves out."""
    match event:
        case ThreadItemUpdatedEvent(update=AssistantMessageContentPartTextDelta(delta=text)):
            return _frame("item.delta", {"id": event.item_id, "delta": {"type": "output_text", "text": text}})
        case ThreadItemAddedEvent(item=AssistantMessageItem() as item):
            return _frame("item.created", _message(item) | {"content": []})
        case ThreadItemDoneEvent(item=AssistantMessageItem() as item):
            return _frame("item.done", _message(item))
        case ThreadItemReplacedEvent(item=AssistantMessageItem() as item):
            return _frame("item.done", _message(item))
        case ThreadItemRemovedEvent():
            return _frame("item.removed", {"id": event.item_id})
        case ThreadCreatedEvent(thread=thread):
            return _frame("thread.created", {"id": thread.id, "title": thread.title, "metadata": thread.metadata})
        case NoticeEvent():
            return _frame("notice", {"level": event.level, "message": event.message})
        case ErrorEvent():
            return _frame("error", {"code": event.code, "message": event.message, "allow_retry": event.allow_retry})
        case _:
            return b""


def done_frame(thread_id: str | None, answer: AnswerKind | None) -> bytes:
    """Return the event that ends every stream of this dialect, with the kind of answer it brought."""
    return _frame("done", {"thread_id": thread_id, "answer": answer})


def _message(item: AssistantMessageItem) -> dict[str, object]:
    content = [part.model_dump(include={"type", "text", "annotations"}, exclude_none=True) for part in item.content]
    ordered = [{"type": part["type"], "text": part["text"], "annotations": part["annotations"]} for part in content]
    return {"id": item.id, "type": "message", "role": "assistant", "content": ordered}


def _frame(name: str, data: Mapping[str, object]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + dump(data) + b"\n\n"
