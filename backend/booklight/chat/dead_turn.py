"""A turn whose worker is gone is ended by whoever looks at its thread next: what was kept is its partial answer."""

import asyncio
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Protocol

from chatkit.types import (
    AssistantMessageItem,
    ErrorEvent,
    ThreadItem,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadStreamEvent,
)
from pydantic import TypeAdapter, ValidationError

from booklight import timing
from booklight.api.serialization import event_json
from booklight.chat.open_items import OpenItems, end_early, has_text
from booklight.context import RequestContext
from booklight.store.dead_turns import Conclude, Conclusion
from booklight.store.turn_events import KeptEvents

INTERRUPTED = "The answer was interrupted. What was written so far is kept; please try again."
UNANSWERED = "The answer ended before anything was written. Please try again."
_UNKEPT = 1_000
"""The last events are numbered so far beyond the kept ones: a viewer has seen some more, and lacks the last ones."""


class DeadTurnStore(Protocol):
    """What ending a dead turn needs of the store."""

    async def find_dead_turn(self, thread_id: str, context: RequestContext) -> str | None: ...
    async def end_dead_turn(
        self, thread_id: str, turn_id: str, conclude: Conclude, context: RequestContext
    ) -> bool: ...


async def end_if_dead(store: DeadTurnStore, thread_id: str, context: RequestContext) -> bool:
    """End the turn that holds a reader's thread if its worker is gone, and say whether the thread is free of it.

    One that only was held up, or whose database was away, has a moment to renew its lease.
    """
    turn_id = await store.find_dead_turn(thread_id, context)
    if turn_id is None:
        return False
    await asyncio.sleep(timing.DOUBT_SECONDS)
    return await store.end_dead_turn(thread_id, turn_id, conclude, context)


def conclude(kept: Sequence[str], stored: Sequence[ThreadItem]) -> Conclusion:
    """Return how a turn ends, by its `kept` events and what is `stored` behind its question.

    An answer that was being written is stored as far as it came, with an end-of-turn item behind it. What a repeated
    answer was preceded by is stored with it, and not without it.
    """
    finished, open_items = _replay(kept)
    known = {item.id for item in stored}
    begun = [item for item in open_items.unfinished() if item.id not in known and has_text(item)]
    whole = [item for item in finished.values() if item.id not in known]
    answered = begun or any(isinstance(item, AssistantMessageItem) for item in whole)
    new = [*whole, *(part for item in begun for part in (item, end_early(item)))] if answered else []
    items = [*stored, *new]
    shown = [ThreadItemDoneEvent(item=item) for item in items if item.id not in finished]
    gone, errors = _removals(finished, open_items, items), _errors(items, interrupted=bool(begun))
    last: list[ThreadStreamEvent] = [*shown, *gone, *errors]
    return Conclusion(new, KeptEvents(len(kept) + _UNKEPT, [event_json(event) for event in last]))


def _replay(kept: Sequence[str]) -> tuple[dict[str, ThreadItem], OpenItems]:
    """Return the items that were finished, since the latest question, and those that were begun.

    An event that this version does not know is left out: another version may have kept it.
    """
    finished, open_items = dict[str, ThreadItem](), OpenItems()
    for line in kept:
        try:
            event = _events().validate_json(line)
        except ValidationError:
            continue
        open_items.follow(event)
        match event:
            case ThreadItemDoneEvent(item=item) if item.type != "user_message":
                finished[item.id] = item
            case ThreadItemRemovedEvent(item_id=item_id):
                finished.pop(item_id, None)
            case _:
                pass
    return finished, open_items


def _removals(
    finished: dict[str, ThreadItem], open_items: OpenItems, items: Sequence[ThreadItem]
) -> Iterator[ThreadItemRemovedEvent]:
    """Yield the removal of what viewers were shown and the thread does not hold."""
    held = {item.id for item in items}
    shown = [*finished, *(item.id for item in open_items.unfinished())]
    return (ThreadItemRemovedEvent(item_id=item_id) for item_id in shown if item_id not in held)


def _errors(items: Sequence[ThreadItem], *, interrupted: bool) -> Iterator[ErrorEvent]:
    """Yield the error that ends an answer which is not whole."""
    if interrupted:
        yield ErrorEvent(code="custom", message=INTERRUPTED, allow_retry=True)
    elif not any(isinstance(item, AssistantMessageItem) for item in items):
        yield ErrorEvent(code="custom", message=UNANSWERED, allow_retry=True)


@cache
def _events() -> TypeAdapter[ThreadStreamEvent]:
    return TypeAdapter(ThreadStreamEvent)
