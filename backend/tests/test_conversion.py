"""A run's events as ChatKit's: ids of our own, thoughts as a workflow, and nothing that a model cites by itself."""

from collections.abc import Iterable, Iterator
from itertools import count

import pytest
from agents import RawResponsesStreamEvent
from agents.items import TResponseStreamEvent
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    WorkflowItem,
)
from openai.types.responses import (
    ResponseContentPartAddedEvent,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseOutputMessage,
    ResponseOutputRefusal,
    ResponseOutputText,
    ResponseOutputTextAnnotationAddedEvent,
    ResponseReasoningItem,
    ResponseReasoningSummaryTextDeltaEvent,
)
from openai.types.responses.response_output_text import AnnotationURLCitation

from booklight.llm.conversion import Conversion
from booklight.llm.events import ResponseEvents, stream_message

FAKE = "__fake_id__"


@pytest.fixture
def conversion() -> Conversion:
    numbers = count()
    return Conversion("thr_1", lambda kind: f"{kind}_{next(numbers)}")


def convert(conversion: Conversion, events: Iterable[TResponseStreamEvent]) -> list[ThreadStreamEvent]:
    return [made for event in events for made in conversion.convert(RawResponsesStreamEvent(data=event))]


def told(event: ThreadStreamEvent) -> str:
    if isinstance(event, ThreadItemUpdatedEvent):
        return event.update.type.rpartition(".")[2]
    return event.type


def id_of(event: ThreadStreamEvent) -> str:
    match event:
        case ThreadItemAddedEvent() | ThreadItemDoneEvent():
            return event.item.id
        case ThreadItemUpdatedEvent():
            return event.item_id
    raise AssertionError(f"{event.type} is about no item")


def with_fake_ids(events: Iterable[TResponseStreamEvent]) -> Iterator[TResponseStreamEvent]:
    """Yield `events` as a Chat Completions model would send them, whose messages all have one id."""
    for event in events:
        match event:
            case ResponseOutputItemAddedEvent() | ResponseOutputItemDoneEvent():
                yield event.model_copy(update={"item": event.item.model_copy(update={"id": FAKE})})
            case _ if "item_id" in type(event).model_fields:
                yield event.model_copy(update={"item_id": FAKE})
            case _:
                yield event


def thinking(piece: str) -> list[TResponseStreamEvent]:
    """Return the events of a model that thinks `piece`."""
    item = ResponseReasoningItem(id="rs_1", type="reasoning", summary=[])
    return [
        ResponseOutputItemAddedEvent(type="response.output_item.added", item=item, output_index=0, sequence_number=0),
        ResponseReasoningSummaryTextDeltaEvent(
            type="response.reasoning_summary_text.delta",
            item_id="rs_1",
            output_index=0,
            summary_index=0,
            delta=piece,
            sequence_number=0,
        ),
    ]


def test_a_message_comes_as_it_was_streamed(conversion: Conversion) -> None:
    events = convert(conversion, stream_message("played", ["Bees ", "dance", "."]))
    assert [told(event) for event in events] == [
        "thread.item.added",
        "added",
        *["text_delta"] * 3,
        "done",
        "thread.item.done",
    ]
    last = events[-1]
    assert isinstance(last, ThreadItemDoneEvent)
    assert isinstance(last.item, AssistantMessageItem)
    assert last.item.content == [AssistantMessageContent(text="Bees dance.")]
    assert last.item.thread_id == "thr_1"


def test_ids_that_repeat_become_ids_of_our_own(conversion: Conversion) -> None:
    first = convert(conversion, with_fake_ids(stream_message("played", ["One"])))
    second = convert(conversion, with_fake_ids(stream_message("played", ["Two"])))
    assert {id_of(event) for event in first} == {"message_0"}
    assert {id_of(event) for event in second} == {"message_1"}


def test_a_refusal_is_the_text_of_its_message(conversion: Conversion) -> None:
    message = ResponseOutputMessage(
        id="m",
        type="message",
        role="assistant",
        status="completed",
        content=[ResponseOutputRefusal(type="refusal", refusal="I will not.")],
    )
    done = ResponseOutputItemDoneEvent(
        type="response.output_item.done", item=message, output_index=0, sequence_number=0
    )
    (event,) = convert(conversion, [done])
    assert isinstance(event, ThreadItemDoneEvent)
    assert isinstance(event.item, AssistantMessageItem)
    assert event.item.content == [AssistantMessageContent(text="I will not.")]


def test_citations_of_a_models_own_are_left_out(conversion: Conversion) -> None:
    cited = AnnotationURLCitation(type="url_citation", url="https://x.example", title="X", start_index=0, end_index=1)
    part = ResponseOutputText(type="output_text", text="Bees", annotations=[cited])
    added = ResponseContentPartAddedEvent(
        type="response.content_part.added", item_id="m", output_index=0, content_index=0, part=part, sequence_number=0
    )
    annotation = ResponseOutputTextAnnotationAddedEvent(
        type="response.output_text.annotation.added",
        item_id="m",
        output_index=0,
        content_index=0,
        annotation_index=0,
        annotation=cited.model_dump(),
        sequence_number=0,
    )
    (event,) = convert(conversion, [added, annotation])
    assert "x.example" not in str(event)


def test_thinking_is_a_workflow_without_its_words_that_ends_as_the_answer_begins(conversion: Conversion) -> None:
    (begun,) = convert(conversion, thinking("Look up."))
    assert isinstance(begun, ThreadItemAddedEvent)
    assert isinstance(begun.item, WorkflowItem)
    ended, added, *_ = convert(conversion, stream_message("played", ["Bees."]))
    assert isinstance(ended, ThreadItemDoneEvent)
    assert isinstance(ended.item, WorkflowItem)
    assert ended.item.workflow.summary is not None
    assert ended.item.workflow.tasks == []
    assert [id_of(begun), id_of(ended), id_of(added)] == ["workflow_0", "workflow_0", "message_1"]
    assert list(conversion.finish()) == []


def test_thinking_that_no_answer_follows_ends_with_the_run(conversion: Conversion) -> None:
    convert(conversion, thinking("Look"))
    (event,) = conversion.finish()
    assert isinstance(event, ThreadItemDoneEvent)
    assert isinstance(event.item, WorkflowItem)


def test_a_message_that_turns_out_to_have_been_thinking_is_removed(conversion: Conversion) -> None:
    events = ResponseEvents("played")
    told = [*events.say("The user wants X.")]
    events.restart()
    told += [*events.say("Bees."), *events.finish()]
    shown = convert(conversion, told)
    assert [event.type for event in shown].count("thread.item.removed") == 1
    assert [event.item.id for event in shown if isinstance(event, ThreadItemDoneEvent)] == ["message_1"]
