"""The simple dialect's translation, event by event, and the native frames beside it."""

import json
from datetime import datetime

import pytest
from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ClientEffectEvent,
    EndOfTurnItem,
    ErrorEvent,
    NoticeEvent,
    Page,
    ProgressUpdateEvent,
    StreamOptions,
    StreamOptionsEvent,
    Thread,
    ThreadCreatedEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadStreamEvent,
    ThreadUpdatedEvent,
    URLSource,
)
from hypothesis import given
from hypothesis import strategies as st

from backend.tests.samples import sample_question
from booklight.api.bodies import JsonObject
from booklight.api.serialization import encode, event_json, native_frame
from booklight.api.simple import done_frame, parse_simple, selection_first, simple_frame, to_native

NOON = datetime(2026, 5, 17, 12)
THREAD = Thread(id="thr_1", created_at=NOON, items=Page(), metadata={})
SOURCE = URLSource(title="Why", url="https://bees.example/why#why")
ANSWER = AssistantMessageItem(
    id="msg_1",
    thread_id="thr_1",
    created_at=NOON,
    content=[AssistantMessageContent(text="Bees 🐝.", annotations=[Annotation(source=SOURCE, index=7)])],
)
DONE: dict[str, object] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "content": [
        {
            "type": "output_text",
            "text": "Bees 🐝.",
            "annotations": [
                {
                    "type": "annotation",
                    "source": {"title": "Why", "type": "url", "url": "https://bees.example/why#why"},
                    "index": 7,
                }
            ],
        }
    ],
}
TOLD: list[tuple[ThreadStreamEvent, str, dict[str, object]]] = [
    (ThreadCreatedEvent(thread=THREAD), "thread.created", {"id": "thr_1", "title": None, "metadata": {}}),
    (ThreadItemAddedEvent(item=ANSWER), "item.created", DONE | {"content": []}),
    (
        ThreadItemUpdatedEvent(
            item_id="msg_1", update=AssistantMessageContentPartTextDelta(content_index=0, delta="Bees\n\n🐝")
        ),
        "item.delta",
        {"id": "msg_1", "delta": {"type": "output_text", "text": "Bees\n\n🐝"}},
    ),
    (ThreadItemDoneEvent(item=ANSWER), "item.done", DONE),
    (ThreadItemReplacedEvent(item=ANSWER), "item.done", DONE),
    (ThreadItemRemovedEvent(item_id="msg_1"), "item.removed", {"id": "msg_1"}),
    (
        ErrorEvent(code="custom", message="Sorry", allow_retry=True),
        "error",
        {"code": "custom", "message": "Sorry", "allow_retry": True},
    ),
]
LEFT_OUT: list[ThreadStreamEvent] = [
    ThreadUpdatedEvent(thread=THREAD),
    ThreadItemDoneEvent(item=sample_question()),
    ThreadItemAddedEvent(item=EndOfTurnItem(id="e", thread_id="thr_1", created_at=NOON)),
    StreamOptionsEvent(stream_options=StreamOptions(allow_cancel=True)),
    ProgressUpdateEvent(text="Searching"),
    ClientEffectEvent(name="booklight.follow_ups"),
]


@pytest.mark.parametrize(("event", "name", "data"), TOLD, ids=[name for _, name, _ in TOLD])
def test_an_event_is_told(event: ThreadStreamEvent, name: str, data: dict[str, object]) -> None:
    first, second, *end = simple_frame(event).decode().split("\n")
    assert first == f"event: {name}"
    assert json.loads(second.removeprefix("data: ")) == data
    assert end == ["", ""]


@pytest.mark.parametrize("event", LEFT_OUT, ids=[event.type for event in LEFT_OUT])
def test_an_event_is_left_out(event: ThreadStreamEvent) -> None:
    assert simple_frame(event) == b""


def test_a_notice_tells_quotations_from_answers() -> None:
    frame = simple_frame(NoticeEvent(level="warning", message="Quotations."))
    assert frame == b'event: notice\ndata: {"level":"warning","message":"Quotations."}\n\n'


def test_a_stream_ends_with_its_thread() -> None:
    assert done_frame("thr_1", "cited") == b'event: done\ndata: {"thread_id":"thr_1","answer":"cited"}\n\n'


def test_a_question_becomes_the_native_request_that_means_the_same() -> None:
    page: JsonObject = {"current_chapter": 3, "current_lesson": "chunks", "path": "/book/chunks"}
    context: JsonObject = {"page_context": page, "selected_text": "overlap", "context_mode": "selected_text"}
    simple = parse_simple({"query": " Why? ", "thread_id": "thr_1", "context": context})
    native = to_native(simple)
    assert isinstance(native, ThreadsAddUserMessageReq)
    assert native.params.thread_id == "thr_1"
    assert native.params.input.content[0].text == "Why?"
    assert native.params.input.quoted_text == "overlap"
    assert selection_first(simple)


@pytest.mark.parametrize("context", [None, {}, {"page_context": None, "selected_text": None, "context_mode": None}])
def test_every_key_but_the_query_may_be_absent(context: JsonObject | None) -> None:
    simple = parse_simple({"query": "Why?", "context": context})
    assert isinstance(to_native(simple), ThreadsCreateReq)
    assert not selection_first(simple)


@given(st.text(st.characters()))
def test_a_delta_written_by_hand_is_what_chatkit_would_write(text: str) -> None:
    update = AssistantMessageContentPartTextDelta(content_index=0, delta=text)
    event = ThreadItemUpdatedEvent(item_id="msg_1", update=update)
    frame = native_frame(event_json(event))
    assert frame.startswith(b"data: ")
    assert frame.endswith(b"\n\n")
    assert frame.count(b"\n") == 2
    assert json.loads(frame[6:]) == json.loads(encode(event))
