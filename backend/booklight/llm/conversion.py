"""A run's events as ChatKit's: each message under an id of our own, and that a model thinks as a workflow.

ChatKit's own conversion starts a task for every event, fails on citations that a model makes, asks the store for a
workflow to go on with, and keeps the ids that models make up. Models served as Chat Completions all name their message
`__fake_id__`, so that each answer would overwrite the last.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Literal

from agents import RawResponsesStreamEvent, StreamEvent
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    DurationSummary,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemUpdate,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    Workflow,
    WorkflowItem,
)
from openai.types.responses import (
    ResponseContentPartAddedEvent,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseOutputMessage,
    ResponseOutputRefusal,
    ResponseOutputText,
    ResponseReasoningItem,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
)

NewId = Callable[[Literal["message", "workflow"]], str]


class Conversion:
    """Converts the events of one run in the thread `thread_id`, one by one, with ids from `new_id`.

    What a model thinks is never shown, only that it does. A message that another one follows before its end was
    thinking too, and is removed. A model's own citations are left out: they may lead out of the book, and ours are made
    from its marks.
    """

    def __init__(self, thread_id: str, new_id: NewId) -> None:
        self._thread_id = thread_id
        self._new_id = new_id
        self._ids: dict[str, str] = {}
        self._thinking: WorkflowItem | None = None
        self._open: str | None = None

    def convert(self, event: StreamEvent) -> Iterator[ThreadStreamEvent]:
        """Yield what ChatKit's clients are shown of `event`: nothing of most."""
        match event:
            case RawResponsesStreamEvent(data=ResponseTextDeltaEvent() as piece):
                delta = AssistantMessageContentPartTextDelta(content_index=piece.content_index, delta=piece.delta)
                yield self._update(piece.item_id, delta)
            case RawResponsesStreamEvent(data=ResponseOutputItemAddedEvent(item=ResponseOutputMessage() as message)):
                yield from self.finish()
                if self._open is not None:
                    yield ThreadItemRemovedEvent(item_id=self._open)
                self._ids[message.id] = self._open = self._new_id("message")
                yield ThreadItemAddedEvent(item=self._item(message))
            case RawResponsesStreamEvent(data=ResponseOutputItemDoneEvent(item=ResponseOutputMessage() as message)):
                if message.id not in self._ids:
                    self._ids[message.id] = self._new_id("message")
                self._open = None
                yield ThreadItemDoneEvent(item=self._item(message))
            case RawResponsesStreamEvent(
                data=ResponseContentPartAddedEvent(part=ResponseOutputText() | ResponseOutputRefusal() as part) as added
            ):
                content = _content(part)
                yield self._update(
                    added.item_id, AssistantMessageContentPartAdded(content_index=added.content_index, content=content)
                )
            case RawResponsesStreamEvent(data=ResponseTextDoneEvent() as done):
                content = AssistantMessageContent(text=done.text)
                yield self._update(
                    done.item_id, AssistantMessageContentPartDone(content_index=done.content_index, content=content)
                )
            case RawResponsesStreamEvent(data=ResponseOutputItemAddedEvent(item=ResponseReasoningItem())):
                yield from self._begin_to_think()
            case _:
                pass

    def finish(self) -> Iterator[ThreadStreamEvent]:
        """Yield the end of what was being thought, if anything was, as an answer begins or the run ends."""
        if self._thinking is None:
            return
        thought, self._thinking = self._thinking, None
        seconds = int((datetime.now() - thought.created_at).total_seconds())
        thought.workflow.summary = DurationSummary(duration=seconds)
        yield ThreadItemDoneEvent(item=thought)

    def _item(self, message: ResponseOutputMessage) -> AssistantMessageItem:
        return AssistantMessageItem(
            id=self._ids[message.id],
            thread_id=self._thread_id,
            created_at=datetime.now(),
            content=[_content(part) for part in message.content],
        )

    def _update(self, item_id: str, update: ThreadItemUpdate) -> ThreadItemUpdatedEvent:
        return ThreadItemUpdatedEvent(item_id=self._ids.get(item_id, item_id), update=update)

    def _begin_to_think(self) -> Iterable[ThreadStreamEvent]:
        if self._thinking is None:
            workflow = Workflow(type="reasoning", tasks=[])
            self._thinking = WorkflowItem(
                id=self._new_id("workflow"), thread_id=self._thread_id, created_at=datetime.now(), workflow=workflow
            )
            yield ThreadItemAddedEvent(item=self._thinking)


def _content(part: ResponseOutputText | ResponseOutputRefusal) -> AssistantMessageContent:
    match part:
        case ResponseOutputText():
            return AssistantMessageContent(text=part.text)
        case ResponseOutputRefusal():
            return AssistantMessageContent(text=part.refusal)
