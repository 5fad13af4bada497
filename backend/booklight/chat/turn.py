"""One turn: a task that writes the events of an answer to a log. Clients only read the log.

A viewer who leaves therefore ends nothing at once: the turn goes on for a while, and ends early only by a stop. However
it ends, what readers saw of the answer is stored, and the thread is free before the log is closed.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import uuid4

from chatkit.errors import ErrorCode
from chatkit.store import NotFoundError
from chatkit.types import (
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ErrorEvent,
    ProgressUpdateEvent,
    ThreadCreatedEvent,
    ThreadItem,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
)

from booklight import timing
from booklight.chat.log import TurnLog
from booklight.chat.open_items import OpenItems, end_early, has_text
from booklight.chat.viewers import Viewers
from booklight.context import FallbackReason, RequestContext
from booklight.errors import RequestError, ThreadBusy
from booklight.ops.redaction import log_failure
from booklight.store.database import StoreUnavailable
from booklight.store.leases import Renewal, TurnLost

SORRY = "Something went wrong while answering. What was written so far is kept; please try again."
NOT_KEPT = "The answer could not be stored, and will be gone when you leave. Please try again in a moment."

Outcome = Literal["done", "stopped", "failed"]

STORE_FAILURES = (StoreUnavailable, TurnLost, NotFoundError, TimeoutError)
"""What a write of a turn fails with: no database in time, or a thread that another holds or a reader deleted."""


class TurnStore(Protocol):
    """What a turn needs of the store: the lease on its thread, and a place for what was said."""

    async def begin_turn(self, thread_id: str, turn_id: str, context: RequestContext, seconds: float) -> bool: ...
    async def renew_turn(
        self, thread_id: str, turn_id: str, seconds: float, drafts: Sequence[AssistantMessageItem]
    ) -> Renewal: ...
    async def end_turn(self, thread_id: str, turn_id: str) -> None: ...
    async def ask_stop(self, thread_id: str, context: RequestContext) -> None: ...
    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: RequestContext) -> None: ...
    async def delete_thread(self, thread_id: str, context: RequestContext) -> None: ...


@dataclass(frozen=True, slots=True)
class TurnReport:
    """How a turn went, in seconds; `first_text` is None when the answer never began.

    `failure` is the error kind of what went wrong, even where the fallback answered all the same. `found` says whether
    the book had an answer, and is None where it was not searched.
    """

    outcome: Outcome
    seconds: float
    first_text: float | None
    failure: str | None = None
    found: bool | None = None
    fallback: FallbackReason | None = None
    tokens_in: int = 0
    tokens_out: int = 0


class Turn:
    """An answer being written, in the thread `thread_id`, which is None until the turn has made it.

    `failure` is what ended it, if it did not end by itself. A turn is started by `run`, once.
    """

    def __init__(
        self,
        store: TurnStore,
        events: AsyncIterator[ThreadStreamEvent],
        context: RequestContext,
        *,
        thread_id: str | None,
        resume_seconds: float,
    ) -> None:
        self.id = uuid4().hex
        self._viewers = Viewers(resume_seconds, poll=self._renew, end=self.stop)
        self.log = TurnLog(self._viewers.viewing)
        self.thread_id = thread_id
        self.failure: BaseException | None = None
        self._store, self._events, self._context = store, events, context
        context.turn.report_progress = self._report_progress
        self._open = OpenItems()
        self._leased = self._created = self._kept = self._failed = False
        self._began = time.monotonic()
        self._stopped_at: float | None = None
        self._first_text: float | None = None

    async def run(self) -> TurnReport:
        """Write the answer to its end, holding the lease on the thread."""
        work = asyncio.create_task(self._write_all())
        try:
            await self._hold_while(work)
            self.failure = None if work.cancelled() else work.exception()
            await self._finish()
        finally:
            work.cancel()
            self.log.close()
            await self._viewers.close()
        return self._report()

    def stop(self) -> None:
        """End the answer early and keep what it has said."""
        if self._stopped_at is None:
            self._stopped_at = time.monotonic()
            self._context.turn.cancellation.request()

    async def _hold_while(self, work: asyncio.Task[None]) -> None:
        """Renew the lease until `work` is done, and cancel it where it does not heed a stop."""
        while not (await asyncio.wait({work}, timeout=self._renewal_pause()))[0]:
            await self._renew()
            if self._stopped_at is not None and time.monotonic() - self._stopped_at > timing.STOP_SECONDS:
                work.cancel()

    async def _write_all(self) -> None:
        if self.thread_id is not None:
            await self._lease(self.thread_id)
        async for event in self._events:
            await self._write(event)

    async def _lease(self, thread_id: str) -> None:
        self._leased = await self._store.begin_turn(thread_id, self.id, self._context, timing.LEASE_SECONDS)
        if not self._leased:
            raise ThreadBusy("This conversation is still being answered; wait for the answer or stop it.")
        self._context.turn.id = self.id

    async def _write(self, event: ThreadStreamEvent) -> None:
        match event:
            case ThreadCreatedEvent(thread=thread):
                self.thread_id, self._created = thread.id, True
                await self._lease(thread.id)
            case ThreadItemDoneEvent():
                self._kept = True
            case ThreadItemUpdatedEvent(update=AssistantMessageContentPartTextDelta()) if self._first_text is None:
                self._first_text = time.monotonic() - self._began
            case ErrorEvent():
                self._failed = True
                await self._close_open_items()
                event = event.model_copy(update={"message": event.message or SORRY})
            case _:
                pass
        self._append(event)

    def _renewal_pause(self) -> float:
        viewed = timing.RENEW_VIEWED_SECONDS if self._viewers.remote else timing.RENEW_SECONDS
        return min(timing.RENEW_SECONDS, viewed)

    async def _renew(self) -> None:
        """Renew the lease; a stop that was asked on another worker, and a viewer there, are learned here.

        A database that does not answer may be back before the lease runs out, so that alone ends nothing.
        """
        if not self._leased or self.thread_id is None:
            return
        drafts = [item for item in self._open.unfinished() if has_text(item)]
        try:
            async with asyncio.timeout(timing.STORE_SECONDS):
                renewed = await self._store.renew_turn(self.thread_id, self.id, timing.LEASE_SECONDS, drafts)
        except STORE_FAILURES:
            return
        if not renewed.goes_on:
            self.stop()
        self._viewers.note_remote(renewed.followed)

    async def _finish(self) -> None:
        """Keep what was said, say what went wrong, and free the thread."""
        message = SORRY
        try:
            async with asyncio.timeout(timing.STORE_SECONDS):
                await self._close_open_items()
        except STORE_FAILURES as failure:
            self.failure, message = self.failure or failure, NOT_KEPT
        if self.failure is not None and not self.log.empty:
            self._failed = True
            log_failure(self.id, self.failure)
            self._append(_error_event(self.failure, message))
        if self.thread_id is not None:
            await self._free(self.thread_id)

    async def _free(self, thread_id: str) -> None:
        """Give the lease back, which runs out by itself where that fails, and leave no thread that was only made."""
        if self._created and not self._kept:
            with suppress(*STORE_FAILURES):
                async with asyncio.timeout(timing.STORE_SECONDS):
                    await self._store.delete_thread(thread_id, self._context)
        if self._leased:
            with suppress(*STORE_FAILURES):
                async with asyncio.timeout(timing.STORE_SECONDS):
                    await self._store.end_turn(thread_id, self.id)

    async def _close_open_items(self) -> None:
        """Store what was said of unfinished messages, each with a mark behind it, and tell viewers that this is all."""
        for item in self._open.unfinished():
            if has_text(item) and self.thread_id is not None:
                for kept in (item, end_early(item)):
                    await self._store.add_thread_item(self.thread_id, kept, self._context)
                    self._append(ThreadItemDoneEvent(item=kept))
            else:
                self._append(ThreadItemRemovedEvent(item_id=item.id))

    def _append(self, event: ThreadStreamEvent) -> None:
        self._open.follow(event)
        self.log.append(event)

    def _report_progress(self, text: str) -> None:
        if not self.log.closed:
            self._append(ProgressUpdateEvent(icon="search", text=text))

    def _report(self) -> TurnReport:
        outcome: Outcome = "failed" if self._failed or self.failure else "stopped" if self._stopped_at else "done"
        turn = self._context.turn
        return TurnReport(
            outcome,
            time.monotonic() - self._began,
            self._first_text,
            failure=turn.failure or (_error_kind(self.failure) if outcome == "failed" else None),
            found=turn.found if turn.searches else None,
            fallback=turn.fallback,
            tokens_in=turn.tokens_in,
            tokens_out=turn.tokens_out,
        )


def _error_kind(failure: BaseException | None) -> str:
    """Return the error kind of a failure that the answering did not foresee."""
    match failure:
        case RequestError():
            return failure.code
        case StoreUnavailable():
            return "database"
        case _:
            return "internal"


def _error_event(failure: BaseException, message: str) -> ErrorEvent:
    if isinstance(failure, RequestError):
        return ErrorEvent(code="custom", message=str(failure), allow_retry=True)
    return ErrorEvent(code=ErrorCode.STREAM_ERROR, message=message, allow_retry=True)
