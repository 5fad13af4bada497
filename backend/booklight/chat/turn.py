"""One turn: a task that writes the events of an answer to a log. Clients only read the log.

A viewer who leaves therefore ends nothing at once: the turn goes on for a while, and ends early only by a stop. However
it ends, what readers saw of the answer is stored, a failure is the last event, and the thread is free before the log is
closed.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import uuid4

from chatkit.types import (
    AssistantMessageContentPartTextDelta,
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
from booklight.chat.lease import STORE_FAILURES, Lease, TurnStore
from booklight.chat.log import TurnLog
from booklight.chat.open_items import OpenItems, end_early, has_text
from booklight.chat.turn_report import Outcome, TurnReport, error_event, error_kind
from booklight.chat.viewers import Viewers
from booklight.context import AnswerKind, FirstLease, RequestContext, show_nobody
from booklight.llm.notices import Notices, notices_of
from booklight.ops.failures import failure_of
from booklight.ops.redaction import log_failure


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
        self._lease = Lease(store, self.id, self.log, context)
        context.turn.report_progress = self._report_progress
        context.turn.first_lease = FirstLease(self.id, timing.LEASE_SECONDS) if thread_id is None else None
        self._open = OpenItems()
        self._created = self._kept = self._failed = self._unrenewed = False
        self._began = time.monotonic()
        self._stopped_at: float | None = None
        self._first_text: float | None = None

    @property
    def answer(self) -> AnswerKind | None:
        """What kind of answer it has come to."""
        return self._context.turn.answer

    @property
    def _notices(self) -> Notices:
        return notices_of(self._context.turn.locale)

    async def run(self) -> TurnReport:
        """Write the answer to its end, holding the lease on the thread."""
        work = asyncio.create_task(self._write_all())
        try:
            failure = await failure_of(self._hold_while(work))
            work.cancel()
            await asyncio.wait({work})
            await self._finish(failure if work.cancelled() else work.exception() or failure)
        finally:
            work.cancel()
            self.log.close()
            await self._viewers.close()
            self._let_go()
        return self._report()

    def stop(self) -> None:
        """End the answer early and keep what it has said."""
        if self._stopped_at is None:
            self._stopped_at = time.monotonic()
            self._context.turn.cancellation.request()

    async def _hold_while(self, work: asyncio.Task[None]) -> None:
        """Renew the lease until `work` is done, and cancel it where it does not heed a stop."""
        while not await self._done_before_renewal(work):
            await self._renew()
            if self._stopped_at is not None and time.monotonic() - self._stopped_at > timing.STOP_SECONDS:
                work.cancel()

    async def _write_all(self) -> None:
        if self.thread_id is not None:
            await self._lease.take(self.thread_id)
            self._context.turn.id = self.id
        async for event in self._events:
            await self._write(event)

    async def _write(self, event: ThreadStreamEvent) -> None:
        match event:
            case ThreadCreatedEvent(thread=thread):
                self.thread_id, self._created = thread.id, True
                self._lease.note_taken(thread.id)
                self._context.turn.id = self.id
            case ThreadItemDoneEvent():
                self._kept = True
            case ThreadItemUpdatedEvent(update=AssistantMessageContentPartTextDelta()) if self._first_text is None:
                self._first_text = time.monotonic() - self._began
            case ErrorEvent():
                self._failed = True
                await self._close_open_items()
                await self._give_up_replacing()
                event = event.model_copy(update={"message": event.message or self._notices.went_wrong})
            case _:
                pass
        self._append(event)

    async def _done_before_renewal(self, work: asyncio.Task[None]) -> bool:
        """Return whether `work` is done, once it is or the lease is to be renewed."""
        due = asyncio.create_task(self._renewal_due())
        try:
            await asyncio.wait({work, due}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            due.cancel()
        return work.done()

    async def _renewal_due(self) -> None:
        """Return when the lease is to be renewed: after a while, or soon after there is something to keep."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._renewal_pause()):
                await self.log.wait_beyond(self._lease.kept)
                await asyncio.sleep(timing.KEEP_SECONDS)

    def _renewal_pause(self) -> float:
        sooner = timing.RENEW_VIEWED_SECONDS if self._viewers.remote else timing.RENEW_SECONDS
        return min(timing.RENEW_SECONDS, timing.RENEW_AGAIN_SECONDS if self._unrenewed else sooner)

    async def _renew(self) -> None:
        """Renew the lease; its answer brings a stop that was asked on another worker, and a viewer there."""
        renewed = await self._lease.renew()
        self._unrenewed = renewed is None
        if renewed is not None:
            if not renewed.goes_on:
                self.stop()
            self._viewers.note_remote(renewed.followed)
            await self._replace()

    async def _replace(self) -> None:
        """Let go of the answer that a repeated one replaces, once some of that is kept; tried again where it fails."""
        begun = any(map(has_text, self._open.unfinished()))
        if begun and self._withheld is not None and self.thread_id is not None:
            with suppress(*STORE_FAILURES):
                async with asyncio.timeout(timing.STORE_SECONDS):
                    await self._store.replace_hidden(self.thread_id, self._context)

    async def _finish(self, failure: BaseException | None) -> None:
        """Keep what was said, show what went wrong, and free the thread."""
        unkept = await failure_of(self._keep())
        self._show(failure or unkept, self._notices.went_wrong if unkept is None else self._notices.not_kept)
        self._show(await failure_of(self._free()), self._notices.went_wrong)

    async def _keep(self) -> None:
        async with asyncio.timeout(timing.STORE_SECONDS):
            await self._close_open_items()
            await self._give_up_replacing()

    def _show(self, failure: BaseException | None, message: str) -> None:
        """Log a failure, and end the log with the first; where nothing was written, `Turns.start` raises it."""
        if failure is None:
            return
        first, self.failure = self.failure is None, self.failure or failure
        if not self.log.empty:
            log_failure(self.id, failure)
            if first:
                self._append(error_event(failure, message))

    async def _free(self) -> None:
        """Give the lease back, and leave no thread that was only made, nor an answer that was hidden for another."""
        try:
            if self.thread_id is not None and self._created and not self._kept:
                with suppress(*STORE_FAILURES):
                    async with asyncio.timeout(timing.STORE_SECONDS):
                        await self._store.delete_thread(self.thread_id, self._context)
        finally:
            if self._withheld is None:
                await self._lease.release()

    async def _close_open_items(self) -> None:
        """Store the text of unfinished messages, each with an end-of-turn item, and send viewers the same."""
        for item in self._open.unfinished():
            if has_text(item) and self.thread_id is not None:
                for kept in (item, end_early(item)):
                    await self._store.add_thread_item(self.thread_id, kept, self._context)
                    self._append(ThreadItemDoneEvent(item=kept))
            else:
                self._append(ThreadItemRemovedEvent(item_id=item.id))

    async def _give_up_replacing(self) -> None:
        """Leave the answer that a repeated one was to replace, where that has come to nothing."""
        if self._withheld is None or self.thread_id is None:
            return
        await self._store.give_up_replacing(self.thread_id, self._context)
        for item in self._withheld:
            self._append(ThreadItemRemovedEvent(item_id=item.id))
        self._context.turn.withheld = None

    @property
    def _withheld(self) -> list[ThreadItem] | None:
        return self._context.turn.withheld

    def _append(self, event: ThreadStreamEvent) -> None:
        self._open.follow(event)
        self.log.append(event)

    def _report_progress(self, text: str) -> None:
        if not self.log.closed:
            self._append(ProgressUpdateEvent(icon="search", text=text))

    def _let_go(self) -> None:
        """Leave no circle of references: the log would stay in memory until the garbage collector finds it."""
        self._context.turn.report_progress = show_nobody
        self._context.turn.cancellation.close()

    def _report(self) -> TurnReport:
        outcome: Outcome = "failed" if self._failed or self.failure else "stopped" if self._stopped_at else "done"
        turn = self._context.turn
        return TurnReport(
            outcome,
            time.monotonic() - self._began,
            self._first_text,
            failure=turn.failure or (error_kind(self.failure) if outcome == "failed" else None),
            found=turn.found if turn.searches else None,
            fallback=turn.fallback,
            answer=turn.answer,
            tokens_in=turn.tokens_in,
            tokens_out=turn.tokens_out,
        )
