"""Cross-worker resume: stream a turn that another worker runs to a reader who comes back to this one.

Its log cannot be reached from here, so the store is polled instead: for the messages that are finished, for what the
turn noted of the others as it last renewed its lease, and for whether it still does.
"""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from chatkit.store import NotFoundError
from chatkit.types import (
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ErrorEvent,
    Page,
    StreamOptions,
    StreamOptionsEvent,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemUpdate,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    UserMessageItem,
)

from booklight import timing
from booklight.chat.open_items import end_early
from booklight.context import RequestContext
from booklight.ops.redaction import log_failure
from booklight.store.database import StoreUnavailable
from booklight.store.leases import RemoteTurn

INTERRUPTED = "The answer was interrupted. What was written so far is kept; please try again."
UNANSWERED = "The answer ended before anything was written. Please try again."
_MAX_ITEMS = 50

Result = TypeVar("Result")


class ResumeStore(Protocol):
    """What a cross-worker resume needs of the store."""

    async def follow_turn(self, thread_id: str, context: RequestContext, seconds: float) -> RemoteTurn | None: ...
    async def end_dead_turn(
        self, thread_id: str, turn_id: str, kept: Sequence[ThreadItem], context: RequestContext
    ) -> bool: ...
    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: RequestContext
    ) -> Page[ThreadItem]: ...


async def find_remote(store: ResumeStore, thread_id: str, context: RequestContext) -> "CrossWorkerResume | None":
    """Return the turn that holds a reader's thread, or held it when its worker died; None where there is none."""
    held = await store.follow_turn(thread_id, context, timing.VIEWED_SECONDS)
    return None if held is None else CrossWorkerResume(store, thread_id, replace(context, visible_only=True), held)


class CrossWorkerResume:
    """Polls a turn that another worker runs. It goes on while it is viewed, and is ended here if that worker died."""

    def __init__(self, store: ResumeStore, thread_id: str, context: RequestContext, held: RemoteTurn) -> None:
        self._store, self._thread_id, self._context, self._held = store, thread_id, context, held
        self._finished: dict[str, ThreadItem] = {}
        self._begun: dict[str, AssistantMessageItem] = {}
        self._over = self._interrupted = False

    async def read(self) -> AsyncGenerator[Sequence[ThreadStreamEvent], None]:
        """Yield the events from the question to the whole answer, and an empty batch where a poll finds nothing new.

        They are fewer than those of the turn's own log and say the same in the end; a client may have seen some of it.
        """
        try:
            yield [StreamOptionsEvent(stream_options=StreamOptions(allow_cancel=True))]
            while True:
                yield await _uninterrupted(self._poll())
                if self._over:
                    return
                await asyncio.sleep(timing.POLL_SECONDS)
        except (StoreUnavailable, NotFoundError) as failure:
            # The stream ends here in mid-answer, as a broken connection does, so that the client comes back.
            log_failure(self._held.turn_id, failure)

    async def _poll(self) -> list[ThreadStreamEvent]:
        """Return what is new since the last poll."""
        self._over = not await self._goes_on()
        if self._over:
            finished = await self._finish()
            gone = (ThreadItemRemovedEvent(item_id=item_id) for item_id in self._begun)
            return [*finished, *gone, *self._errors()]
        writing = {draft.id for draft in self._held.drafts}
        changed = not self._finished or not self._begun.keys() <= writing
        return [*(await self._finish() if changed else ()), *self._grow()]

    async def _goes_on(self) -> bool:
        """Load the turn and return whether it goes on; one that renews its lease no more is ended."""
        held = await self._store.follow_turn(self._thread_id, self._context, timing.VIEWED_SECONDS)
        if held is None or held.turn_id != self._held.turn_id:
            return False
        self._held = held
        return held.alive or not await self._end(held)

    async def _end(self, dead: RemoteTurn) -> bool:
        """End a turn whose worker is gone, keeping its unfinished messages; False if it runs after all."""
        stored = {item.id for item in await self._latest()} | self._finished.keys()
        left = [draft for draft in dead.drafts if draft.id not in stored]
        kept = [item for draft in left for item in (draft, end_early(draft))]
        ended = await self._store.end_dead_turn(self._thread_id, dead.turn_id, kept, self._context)
        self._interrupted = ended and bool(left)
        return ended

    def _errors(self) -> list[ThreadStreamEvent]:
        """Return the error that ends an answer which is not whole."""
        unanswered = all(isinstance(item, UserMessageItem) for item in self._finished.values())
        if not self._interrupted and not unanswered:
            return []
        return [ErrorEvent(code="custom", message=UNANSWERED if unanswered else INTERRUPTED, allow_retry=True)]

    async def _finish(self) -> list[ThreadStreamEvent]:
        """Return what is finished and was not sent yet."""
        new = await self._latest()
        self._finished |= {item.id: item for item in new}
        self._begun = {item_id: item for item_id, item in self._begun.items() if item_id not in self._finished}
        return [ThreadItemDoneEvent(item=item) for item in new]

    async def _latest(self) -> list[ThreadItem]:
        """Return the stored items that were not sent yet, oldest first: at first all from the latest question on."""
        page = await self._store.load_thread_items(self._thread_id, None, _MAX_ITEMS, "desc", self._context)
        new: list[ThreadItem] = []
        for item in page.data:
            if item.id in self._finished:
                break
            new.insert(0, item)
            if isinstance(item, UserMessageItem) and not self._finished:
                break
        return new

    def _grow(self) -> Iterable[ThreadStreamEvent]:
        """Yield what has been added to the messages that are being written."""
        for draft in self._held.drafts:
            if draft.id in self._finished:
                continue
            if (before := self._begun.get(draft.id)) is None:
                yield ThreadItemAddedEvent(item=draft)
            else:
                yield from (ThreadItemUpdatedEvent(item_id=draft.id, update=new) for new in growth(before, draft))
            self._begun[draft.id] = draft


def growth(before: AssistantMessageItem, now: AssistantMessageItem) -> Iterator[ThreadItemUpdate]:
    """Yield the updates that make of a message what it is now, if it has only become longer."""
    for index, part in enumerate(now.content):
        if index >= len(before.content):
            yield AssistantMessageContentPartAdded(content_index=index, content=part)
            continue
        known = before.content[index]
        if len(part.text) > len(known.text):
            yield AssistantMessageContentPartTextDelta(content_index=index, delta=part.text[len(known.text) :])
        for place, annotation in enumerate(part.annotations[len(known.annotations) :], start=len(known.annotations)):
            yield AssistantMessageContentPartAnnotationAdded(
                content_index=index, annotation_index=place, annotation=annotation
            )


async def _uninterrupted(work: Coroutine[None, None, Result]) -> Result:
    """Return what `work` returns, at its end even for a reader who leaves: cut off, it would cost a connection."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    finally:
        await asyncio.wait({task})
