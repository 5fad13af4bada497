"""An answer that waits in mid-sentence, and a reader who has seen all of it so far: where many tests begin."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from backend.tests.live import (
    HELD,
    Events,
    Json,
    Live,
    Reader,
    action_request,
    is_dance,
    live_sidecar,
    question_request,
    thread_of,
)
from backend.tests.paced_model import PacedModel


@dataclass
class HeldAnswer:
    """The model, the sidecar, the reader, and the events of the answer so far; the reader is still connected."""

    model: PacedModel
    live: Live
    reader: Reader
    events: Events
    connection: AsyncExitStack

    @property
    def thread_id(self) -> str:
        """The thread in which it is written."""
        return thread_of(self.events.seen)

    async def leave(self) -> None:
        """Close the reader's connection."""
        await self.connection.aclose()

    async def go_on(self) -> list[Json]:
        """Let the model say the rest, and return all events of the answer."""
        self.model.go_on.set()
        return await self.events.rest()

    async def stop(self) -> list[Json]:
        """Stop the answer, and return all events of it."""
        response = await self.reader.send(action_request("booklight.stop", self.thread_id))
        assert response.status_code == 200
        return await self.events.rest()


@asynccontextmanager
async def held_answer(
    database_url: str, *, model: PacedModel | None = None, **settings: Any
) -> AsyncIterator[HeldAnswer]:
    """Ask a sidecar whose model, `model` or one that says HELD, waits where HELD does."""
    model = model or PacedModel(HELD)
    async with live_sidecar(model, database_url, **settings) as live, AsyncExitStack() as connection:
        reader = await live.reader()
        events = await connection.enter_async_context(reader.stream(question_request("How?")))
        await events.until(is_dance)
        yield HeldAnswer(model, live, reader, events, connection)
