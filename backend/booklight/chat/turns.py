"""The turns of one process: each begun, found again, stopped, and ended with the process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from chatkit.types import ThreadStreamEvent
from opentelemetry.trace import NoOpTracer, Tracer

from booklight import timing
from booklight.chat.lease import TurnStore
from booklight.chat.turn import Turn
from booklight.chat.turn_report import TurnReport
from booklight.context import RequestContext
from booklight.ops.logging import fields
from booklight.ops.tracing import add_attributes, current_span, mark_failed

logger = logging.getLogger("booklight.turns")


class Turns:
    """The turns that run in this process; the store sees to it that no thread has two, in any process.

    `on_end` is called with the report of every turn that ends.
    """

    def __init__(
        self,
        store: TurnStore,
        *,
        resume_seconds: float,
        on_end: Callable[[TurnReport], None],
        tracer: Tracer | None = None,
    ) -> None:
        self._store = store
        self._resume_seconds = resume_seconds
        self._watch = on_end
        self._tracer = tracer or NoOpTracer()
        self._running: dict[Turn, asyncio.Task[TurnReport]] = {}

    async def start(
        self, events: AsyncIterator[ThreadStreamEvent], context: RequestContext, *, thread_id: str | None
    ) -> Turn:
        """Begin a turn and return it when its first event is there; `thread_id` is None where it makes the thread.

        Raises ThreadBusy, and whatever else went wrong before the first event.
        """
        turn = Turn(self._store, events, context, thread_id=thread_id, resume_seconds=self._resume_seconds)
        task = asyncio.create_task(self._run(turn))
        self._running[turn] = task
        task.add_done_callback(lambda done: self._report(turn, done))
        await turn.log.wait_for_first()
        if turn.log.empty and turn.failure is not None:
            raise turn.failure
        return turn

    def find(self, thread_id: str) -> Turn | None:
        """Return the turn that runs in a thread, if it runs in this process."""
        return next((turn for turn in self._running if turn.thread_id == thread_id and not turn.log.closed), None)

    async def stop(self, thread_id: str, context: RequestContext) -> None:
        """End the turn that runs in a thread, wherever it runs, and return when the thread is free.

        There need not be one. One that runs elsewhere is not waited for longer than it may take to end.
        """
        if self.find(thread_id) is None:
            await self._store.ask_stop(thread_id, context)
            await self._wait_elsewhere(thread_id, context)
        while (turn := self.find(thread_id)) is not None:
            turn.stop()
            await asyncio.wait({self._running[turn]})

    async def close(self) -> None:
        """End all turns, and return when what they said is stored."""
        tasks = set(self._running.values())
        for turn in self._running:
            turn.stop()
        if tasks:
            await asyncio.wait(tasks)

    async def _wait_elsewhere(self, thread_id: str, context: RequestContext) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(timing.STOP_SECONDS):
                while True:
                    held = await self._store.follow_turn(thread_id, context, timing.VIEWED_SECONDS)
                    if held is None or not held.alive:
                        return
                    await asyncio.sleep(timing.POLL_SECONDS)

    async def _run(self, turn: Turn) -> TurnReport:
        with current_span(self._tracer, "turn") as span:
            report = await turn.run()
            add_attributes(span, turn=turn.id, outcome=report.outcome, found=report.found, fallback=report.fallback)
            add_attributes(span, answer=report.answer)
            add_attributes(
                span, tokens_in=report.tokens_in, tokens_out=report.tokens_out, first_text_seconds=report.first_text
            )
            if report.failure is not None:
                mark_failed(span, report.failure)
        return report

    def _report(self, turn: Turn, task: asyncio.Task[TurnReport]) -> None:
        del self._running[turn]
        report = task.result()
        shown = fields(turn=turn.id, ms=round(report.seconds * 1000, 1), found=report.found, failure=report.failure)
        logger.info("turn %s", report.outcome, extra=shown)
        self._watch(report)
