"""Cross-worker resume: stream a turn that another worker runs to a reader who comes back to this one.

Its log cannot be reached from here, but its events are kept in the database shortly after they are shown. They have the
same numbers there, so that a reader goes on where they were, and the last of them are kept for those who follow.
"""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from typing import Protocol, TypeVar

from chatkit.store import NotFoundError

from booklight import timing
from booklight.chat.dead_turn import DeadTurnStore, end_if_dead
from booklight.context import RequestContext
from booklight.ops.redaction import log_failure
from booklight.store.database import StoreUnavailable
from booklight.store.leases import RemoteTurn
from booklight.store.turn_events import KeptEvents

Result = TypeVar("Result")


class ResumeStore(DeadTurnStore, Protocol):
    """What a cross-worker resume needs of the store."""

    async def follow_turn(self, thread_id: str, context: RequestContext, seconds: float) -> RemoteTurn | None: ...
    async def load_turn_events(
        self, thread_id: str, turn_id: str, after: int, context: RequestContext
    ) -> Sequence[KeptEvents]: ...


async def find_remote(store: ResumeStore, thread_id: str, context: RequestContext) -> "CrossWorkerResume | None":
    """Return the turn that holds a reader's thread, or held it when its worker died; None where there is none."""
    held = await store.follow_turn(thread_id, context, timing.VIEWED_SECONDS)
    return None if held is None else CrossWorkerResume(store, thread_id, held.turn_id, context)


class CrossWorkerResume:
    """Follows a turn that another worker runs. It goes on while it is viewed, and is ended here if that worker died."""

    def __init__(self, store: ResumeStore, thread_id: str, turn_id: str, context: RequestContext) -> None:
        self._store, self._thread_id, self._turn_id, self._context = store, thread_id, turn_id, context

    async def read(self, after: int = 0) -> AsyncGenerator[Sequence[str], None]:
        """Yield the turn's events from number `after` on, as JSON, and an empty batch where a poll finds none."""
        try:
            while True:
                goes_on = await _uninterrupted(self._goes_on())
                loading = self._store.load_turn_events(self._thread_id, self._turn_id, after, self._context)
                batches = await _uninterrupted(loading)
                after = max([after, *(batch.end for batch in batches)])
                yield [event for batch in batches for event in batch.events]
                if not goes_on:
                    return
                await asyncio.sleep(timing.POLL_SECONDS)
        except (StoreUnavailable, NotFoundError) as failure:
            # The stream ends here in mid-answer, as a broken connection does, so that the client comes back.
            log_failure(self._turn_id, failure)

    async def _goes_on(self) -> bool:
        """Note that the turn is viewed and return whether it goes on; one that renews its lease no more is ended."""
        held = await self._store.follow_turn(self._thread_id, self._context, timing.VIEWED_SECONDS)
        if held is None or held.turn_id != self._turn_id:
            return False
        return held.alive or not await end_if_dead(self._store, self._thread_id, self._context)


async def _uninterrupted(work: Coroutine[None, None, Result]) -> Result:
    """Return what `work` returns, at its end even for a reader who leaves: cut off, it would cost a connection."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    finally:
        await asyncio.wait({task})
