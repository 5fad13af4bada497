"""Conversion between ChatKit's models and the rows that keep them."""

from typing import Any, assert_never

from chatkit.types import (
    AssistantMessageItem,
    ClientToolCallItem,
    EndOfTurnItem,
    GeneratedImageItem,
    HiddenContextItem,
    SDKHiddenContextItem,
    StructuredInputItem,
    TaskItem,
    ThreadItem,
    ThreadMetadata,
    UserMessageItem,
    WidgetItem,
    WorkflowItem,
)
from pydantic import TypeAdapter
from sqlalchemy import Row

from booklight.store.tables import Values
from booklight.store.timestamps import to_local

HIDDEN = ("hidden_context_item", "sdk_hidden_context")
"""The types of the items that are for the model alone."""

_ITEM: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)
_ITEM_COLUMNS = {"id", "thread_id", "type", "created_at"}


def thread_values(thread: ThreadMetadata) -> Values:
    """Return what of a thread a save replaces, by column."""
    dump = thread.model_dump(mode="json", include={"title", "status", "allowed_image_domains", "metadata"})
    return dump | {"created_at": thread.created_at}


def load_thread_row(row: Row[Any]) -> ThreadMetadata:
    """Build a thread from its row."""
    return load_listed_thread(row).model_copy(update={"metadata": row.metadata})


def load_listed_thread(row: Row[Any]) -> ThreadMetadata:
    """Build a thread without its metadata, which lists do not read, from its row."""
    return ThreadMetadata(
        id=row.id,
        title=row.title,
        status=row.status,
        allowed_image_domains=row.allowed_image_domains,
        created_at=to_local(row.created_at),
    )


def item_values(item: ThreadItem) -> Values:
    """Return what of an item a save replaces, by column."""
    return {
        "type": item.type,
        "role": _role(item),
        "content": item.model_dump(mode="json", exclude=_ITEM_COLUMNS),
        "sources": _sources(item),
        "created_at": item.created_at,
    }


def load_item_row(row: Row[Any]) -> ThreadItem:
    """Build a thread item from its row."""
    columns = {"id": row.id, "thread_id": row.thread_id, "type": row.type, "created_at": to_local(row.created_at)}
    return _ITEM.validate_python(row.content | columns)


def _role(item: ThreadItem) -> str:
    match item:
        case UserMessageItem():
            return "user"
        case ClientToolCallItem():
            return "tool"
        case HiddenContextItem() | SDKHiddenContextItem():
            return "system"
        case AssistantMessageItem() | WidgetItem() | GeneratedImageItem() | StructuredInputItem():
            return "assistant"
        case WorkflowItem() | TaskItem() | EndOfTurnItem():
            return "assistant"
    assert_never(item)


def _sources(item: ThreadItem) -> list[Values]:
    if not isinstance(item, AssistantMessageItem):
        return []
    annotations = [annotation for part in item.content for annotation in part.annotations]
    return [annotation.source.model_dump(mode="json", exclude_none=True) for annotation in annotations]
