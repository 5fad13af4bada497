"""Serialization of ChatKit's objects and events as JSON: what is None left out, times in UTC with a `Z`."""

import json

from chatkit.types import AssistantMessageContentPartTextDelta, ThreadItemUpdatedEvent, ThreadStreamEvent
from pydantic import BaseModel

from booklight.store.timestamps import with_utc


def encode(model: BaseModel) -> bytes:
    """Return `model` as JSON for a client; what is meant for the server alone stays out."""
    visible = {"exclude_metadata": True}
    return dump(with_utc(model).model_dump(mode="json", by_alias=True, exclude_none=True, context=visible))


def event_json(event: ThreadStreamEvent) -> str:
    """Return `event` as JSON, as it is sent to clients and kept."""
    match event:
        case ThreadItemUpdatedEvent(update=AssistantMessageContentPartTextDelta() as update):
            # Nearly all of a stream is these: written without pydantic they cost a fraction.
            return dump({"type": event.type, "item_id": event.item_id, "update": vars(update)}).decode()
        case _:
            return encode(event).decode()


def native_frame(event: str) -> bytes:
    """Return an event's JSON as the native dialect frames it."""
    return b"data: " + event.encode() + b"\n\n"


def dump(value: object) -> bytes:
    """Return `value` as compact JSON in UTF-8; half a surrogate pair becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
