"""The assistant messages of a turn that have begun and not ended, with all that was streamed of them."""

from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    EndOfTurnItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemUpdate,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
)


class OpenItems:
    """Follows the events of a turn, so that whatever ends it early leaves what readers have seen."""

    def __init__(self) -> None:
        self._items: dict[str, AssistantMessageItem] = {}

    def follow(self, event: ThreadStreamEvent) -> None:
        """Apply `event` to the open items."""
        match event:
            case ThreadItemAddedEvent(item=AssistantMessageItem() as item):
                self._items[item.id] = item.model_copy(deep=True)
            case ThreadItemDoneEvent(item=AssistantMessageItem() as item):
                self._items.pop(item.id, None)
            case ThreadItemRemovedEvent():
                self._items.pop(event.item_id, None)
            case ThreadItemUpdatedEvent() if event.item_id in self._items:
                _apply(event.update, self._items[event.item_id].content)
            case _:
                pass

    def unfinished(self) -> list[AssistantMessageItem]:
        """Return the open items, in the order they began."""
        return list(self._items.values())


def has_text(item: AssistantMessageItem) -> bool:
    """Say whether a reader has seen anything of `item`."""
    return any(part.text.strip() for part in item.content)


def end_early(item: AssistantMessageItem) -> EndOfTurnItem:
    """Return what stands behind an answer that is not all there; behind a whole answer there is no such mark."""
    return EndOfTurnItem(id=f"end_{item.id}", thread_id=item.thread_id, created_at=item.created_at)


def copy_content(content: AssistantMessageContent) -> AssistantMessageContent:
    """Return a copy of a part that can be written on; its annotations never change."""
    return content.model_copy(update={"annotations": list(content.annotations)})


def _apply(update: ThreadItemUpdate, content: list[AssistantMessageContent]) -> None:
    match update:
        case AssistantMessageContentPartAdded() | AssistantMessageContentPartDone():
            _pad(content, update.content_index)
            content[update.content_index] = copy_content(update.content)
        case AssistantMessageContentPartTextDelta():
            _pad(content, update.content_index)
            content[update.content_index].text += update.delta
        case AssistantMessageContentPartAnnotationAdded():
            _pad(content, update.content_index)
            content[update.content_index].annotations.append(update.annotation)
        case _:
            pass


def _pad(content: list[AssistantMessageContent], index: int) -> None:
    """Make room for part `index`: the events of a part may come before the one that adds it."""
    while len(content) <= index:
        content.append(AssistantMessageContent(text=""))
