"""The sidecar between requests: its parts, and what is made of them once they are there."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel

from booklight.auth.authenticator import Readers
from booklight.auth.rate_limits import TurnLimits
from booklight.lifecycle import Part, open_all
from booklight.ops.metrics import Metrics
from booklight.ops.spans import Spans
from booklight.store.retention import keep_house

if TYPE_CHECKING:  # slow to import, and needed only once the parts are open
    from booklight.chat.endpoint import Chat
    from booklight.store.threads import SqlStore
    from booklight_ingest.index.live import Index

PING_SECONDS = 5.0
NO_ANSWER = "The database does not answer; check BOOKLIGHT_DATABASE_URL and the database itself."


class NamedModel(Protocol):
    """The answering model, as far as anyone but the wiring knows it."""

    @property
    def name(self) -> str: ...

    @property
    def close(self) -> Callable[[], Awaitable[None]]: ...


class PartStatus(BaseModel):
    """Whether a part is there, and if not, why."""

    ready: bool
    reason: str | None = None


class Readiness(BaseModel):
    """Whether questions can be answered, part by part."""

    ready: bool
    parts: dict[str, PartStatus]


class IndexStatus(BaseModel):
    """What the index was built from, and what answers. `model` is `extractive` when answers are quotations."""

    commit: str | None
    built_at: datetime
    pages: int
    chunks: int
    model: str
    embedding: str
    title: str


class Sidecar:
    """Everything that requests share. `build_chat` is called once; it raises NotReady until it can.

    Threads with no activity for as long as `retention` are forgotten; None keeps them.
    """

    def __init__(
        self,
        *,
        database: "Part[SqlStore]",
        index: "Part[Index]",
        model: Part[NamedModel],
        readers: Readers,
        limits: TurnLimits,
        spans: Spans,
        metrics: Metrics,
        retention: timedelta | None,
        build_chat: "Callable[[], Chat]",
    ) -> None:
        self.readers = readers
        self.spans = spans
        self.metrics = metrics
        self._database, self._index, self._model = database, index, model
        self._limits = limits
        self._retention = retention
        self._build_chat = build_chat
        self._chat: Chat | None = None

    async def open(self) -> None:
        """Open all parts, however often that has to be tried."""
        await open_all([self._database, self._index, self._model])

    async def keep_house(self) -> None:
        """Forget what is too old, from when the database is there until cancelled."""
        await self._database.wait()
        await keep_house(self._database.require(), self._retention)

    def chat(self) -> "Chat":
        """Return what answers chat requests. Raises NotReady."""
        if self._chat is None:
            self._chat = self._build_chat()
        return self._chat

    async def index_status(self) -> IndexStatus:
        """Say what the newest index was built from. Raises NotReady."""
        index, model = self._index.require(), self._model.require()
        await index.follow()
        info = index.info
        return IndexStatus(
            commit=info.commit,
            built_at=info.built_at,
            pages=info.pages,
            chunks=info.chunks,
            model=model.name,
            embedding=info.embedding,
            title=info.site_title,
        )

    async def readiness(self) -> Readiness:
        """Say which parts are there, asking the database now."""
        reasons = {part.name: part.reason for part in (self._database, self._index, self._model)}
        if self._database.opened is not None and not await _answers(self._database.opened):
            reasons[self._database.name] = NO_ANSWER
        parts = {name: PartStatus(ready=reason is None, reason=reason) for name, reason in reasons.items()}
        return Readiness(ready=all(part.ready for part in parts.values()), parts=parts)

    async def end_turns(self) -> None:
        """End all turns and keep what they said; their streams then end by themselves."""
        if self._chat is not None:
            await self._chat.close()

    async def close(self) -> None:
        """End all turns, then let go of the parts."""
        await self.end_turns()
        if self._model.opened is not None:
            await self._model.opened.close()
        if self._index.opened is not None:
            await self._index.opened.close()
        if self._database.opened is not None:
            await self._database.opened.close()
        await self._limits.close()
        await self.spans.close()


async def _answers(store: "SqlStore") -> bool:
    (failure,) = await asyncio.gather(asyncio.wait_for(store.ping(), PING_SECONDS), return_exceptions=True)
    return failure is None
