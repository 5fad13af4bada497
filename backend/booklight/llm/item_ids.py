"""Item ids of our own in place of those a model makes up.

Models served as Chat Completions all name their message `__fake_id__`, so that each answer would overwrite the last.
"""

from collections.abc import AsyncIterator, Callable

from chatkit.types import (
    AssistantMessageItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
)


async def own_ids(
    events: AsyncIterator[ThreadStreamEvent], new_id: Callable[[], str]
) -> AsyncIterator[ThreadStreamEvent]:
    """Yield `events` with every assistant message under an id from `new_id`, the same in all events about it."""
    ids: dict[str, str] = {}
    async for event in events:
        yield _renamed(event, ids, new_id)


def _renamed(event: ThreadStreamEvent, ids: dict[str, str], new_id: Callable[[], str]) -> ThreadStreamEvent:
    match event:
        case ThreadItemAddedEvent(item=AssistantMessageItem() as item):
            ids[item.id] = new_id()
            return event.model_copy(update={"item": _with_id(item, ids[item.id])})
        case ThreadItemDoneEvent(item=AssistantMessageItem() as item):
            if item.id not in ids:
                ids[item.id] = new_id()
            return event.model_copy(update={"item": _with_id(item, ids[item.id])})
        case ThreadItemReplacedEvent(item=AssistantMessageItem() as item):
            return event.model_copy(update={"item": _with_id(item, ids.get(item.id, item.id))})
        case ThreadItemUpdatedEvent() | ThreadItemRemovedEvent():
            event.item_id = ids.get(event.item_id, event.item_id)
            return event
        case _:
            return event


def _with_id(item: AssistantMessageItem, item_id: str) -> AssistantMessageItem:
    return item.model_copy(update={"id": item_id})
