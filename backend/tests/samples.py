"""Threads and items to store: the plainest there are, and one of every type with its fields set."""

from datetime import datetime
from typing import Any

from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageItem,
    InferenceOptions,
    ThreadItem,
    ThreadMetadata,
    URLSource,
    UserMessageItem,
    UserMessageTextContent,
)
from pydantic import TypeAdapter

NOON = datetime(2026, 5, 17, 12, 0, 0, 123456)
URL_SOURCE = {"type": "url", "title": "Why overlap", "url": "https://example.org/chunks#why", "group": "Retrieval"}

EVERY_ITEM: dict[str, dict[str, Any]] = {
    "user_message": {
        "content": [
            {"type": "input_text", "text": "Why 🦉?"},
            {"type": "input_tag", "id": "t", "text": "@page", "data": {"n": 1.5}, "group": "g", "interactive": True},
        ],
        "attachments": [
            {"type": "file", "id": "atc_1", "name": "a.txt", "mime_type": "text/plain", "metadata": {"k": None}},
            {
                "type": "image",
                "id": "atc_2",
                "name": "b",
                "mime_type": "image/png",
                "preview_url": "https://example.org/b",
            },
        ],
        "quoted_text": "Chunks overlap.",
        "inference_options": {"tool_choice": {"id": "search"}, "model": "m"},
    },
    "assistant_message": {
        "content": [
            {
                "type": "output_text",
                "text": "So that `a[1]` stays whole.",
                "annotations": [
                    {"type": "annotation", "index": 3, "source": URL_SOURCE},
                    {"type": "annotation", "index": 4, "source": {"type": "file", "title": "F", "filename": "f.pdf"}},
                    {"type": "annotation", "source": {"type": "entity", "title": "E", "id": "e", "data": {"x": "y"}}},
                ],
            },
            {"type": "output_text", "text": "", "annotations": []},
        ]
    },
    "client_tool_call": {
        "status": "completed",
        "call_id": "call_1",
        "name": "open_page",
        "arguments": {"path": "/a", "none": None},
        "output": [1, 2.5, "three", None, {"four": False}],
    },
    "widget": {
        "widget": {
            "type": "Card",
            "key": "k",
            "children": [{"type": "Text", "id": "t", "value": "Hi", "streaming": False}],
        },
        "copy_text": "Hi",
    },
    "generated_image": {"image": {"id": "img_1", "url": "https://example.org/i.png"}},
    "structured_input": {
        "status": "answered",
        "inputs": [
            {
                "type": "multiple_choice",
                "id": "q1",
                "question": "Which?",
                "options": [{"value": "a"}, {"value": "b"}],
                "multiple": True,
                "answer": {"values": ["a"], "skipped": False},
            },
            {"type": "freeform", "id": "q2", "question": "Why?", "description": "Say it", "answer": {"skipped": True}},
        ],
    },
    "workflow": {
        "workflow": {
            "type": "custom",
            "tasks": [
                {"type": "custom", "title": "T", "icon": "search", "content": "c", "status_indicator": "complete"},
                {"type": "web_search", "title": "S", "queries": ["q"], "sources": [URL_SOURCE]},
                {"type": "thought", "content": "Hm"},
                {"type": "file", "sources": [{"type": "file", "title": "F", "filename": "f.pdf"}]},
                {"type": "image", "title": "I"},
            ],
            "summary": {"duration": 3},
            "expanded": True,
        }
    },
    "task": {"task": {"type": "custom", "title": "T"}},
    "hidden_context_item": {"content": {"any": ["thing", 1, None]}},
    "sdk_hidden_context": {"content": "The reader moved on."},
    "end_of_turn": {},
}


def sample_thread(thread_id: str = "thr_1", title: str | None = None) -> ThreadMetadata:
    """A thread without metadata; all are made at the same instant."""
    return ThreadMetadata(id=thread_id, title=title, created_at=NOON)


def sample_question(item_id: str = "msg_1", text: str = "Why overlap?", thread_id: str = "thr_1") -> UserMessageItem:
    """A question; all are asked at the same instant."""
    content: list[Any] = [UserMessageTextContent(text=text)]
    options = InferenceOptions()
    return UserMessageItem(id=item_id, thread_id=thread_id, created_at=NOON, content=content, inference_options=options)


def sample_answer(item_id: str = "msg_2", text: str = "So that.", thread_id: str = "thr_1") -> AssistantMessageItem:
    """An answer with one citation; all are given at the same instant."""
    annotation = Annotation(source=URLSource.model_validate(URL_SOURCE), index=len(text))
    part = AssistantMessageContent(text=text, annotations=[annotation])
    return AssistantMessageItem(id=item_id, thread_id=thread_id, created_at=NOON, content=[part])


def sample_item(item_type: str, item_id: str = "itm_1", thread_id: str = "thr_1") -> ThreadItem:
    """An item of that type with its fields set."""
    base = {"type": item_type, "id": item_id, "thread_id": thread_id, "created_at": NOON}
    item: ThreadItem = TypeAdapter(ThreadItem).validate_python(EVERY_ITEM[item_type] | base)
    return item
