"""Times: aware UTC in the database and in JSON, naive and local between them, as chatkit makes its own.

chatkit subtracts `datetime.now()` from stored times, so what the store hands it must be naive; and it writes times
without a zone, which a browser takes for the viewer's, so what leaves the server must not be.
"""

from datetime import UTC, datetime
from typing import TypeVar, cast

from chatkit.types import (
    Page,
    SyncCustomActionResponse,
    Thread,
    ThreadCreatedEvent,
    ThreadItemAddedEvent,
    ThreadItemBase,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadMetadata,
    ThreadUpdatedEvent,
)
from pydantic import BaseModel

Message = TypeVar("Message", bound=BaseModel)


def to_utc(moment: datetime) -> datetime:
    """Return `moment` as aware UTC; a naive one is local time."""
    return moment.astimezone(UTC)


def to_local(moment: datetime) -> datetime:
    """Return an aware `moment` as chatkit would have made it: naive local time, `fold` marking the repeated hour."""
    return datetime.fromtimestamp(moment.timestamp())


def with_utc(message: Message) -> Message:
    """Return a copy of an event or response of chatkit's whose times carry their zone; others come back as they are."""
    return cast(Message, _with_utc(message))


def _with_utc(message: BaseModel) -> BaseModel:
    match message:
        case Thread():
            return _copy(message, created_at=to_utc(message.created_at), items=_with_utc(message.items))
        case ThreadMetadata() | ThreadItemBase():
            return _copy(message, created_at=to_utc(message.created_at))
        case Page():
            return _copy(message, data=[_with_utc(entry) for entry in message.data])
        case ThreadItemAddedEvent() | ThreadItemDoneEvent() | ThreadItemReplacedEvent():
            return _copy(message, item=_with_utc(message.item))
        case ThreadCreatedEvent() | ThreadUpdatedEvent():
            return _copy(message, thread=_with_utc(message.thread))
        case SyncCustomActionResponse(updated_item=ThreadItemBase() as item):
            return _copy(message, updated_item=_with_utc(item))
    return message


def _copy(message: BaseModel, **changes: object) -> BaseModel:
    return message.model_copy(update=changes)
