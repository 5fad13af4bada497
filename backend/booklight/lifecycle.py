"""The sidecar from start to end: its parts are opened while it already serves, kept, asked how they are, and closed.

What is slow to import (the agent's libraries, the database's, the index's) is imported by the first part that is
opened, in a thread, so that the process can say within a second that it is there.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from booklight.contracts import IndexStatus, PartStatus, Readiness
from booklight.errors import DATABASE_SILENT, NotReady, PartUnavailable
from booklight.ops.redaction import describe
from booklight.settings import Settings, check_models
from booklight.store.database import StoreUnavailable, parse_database_url
from booklight.store.retention import keep_house

if TYPE_CHECKING:  # slow to import; see load_assembly
    from datetime import timedelta

    from booklight.assembly import Assembly
    from booklight.chat.endpoint import Chat
    from booklight.llm.models import ConnectedModel
    from booklight.store.threads import SqlStore
    from booklight_ingest.index.live import Index

ASSEMBLY = "booklight.assembly"
RETRY_SECONDS = 2.0
BEING_OPENED = "The {name} is being opened."
SEE_LOG = "The {name} cannot be opened; the server's log says why."

Opened = TypeVar("Opened", covariant=True)

logger = logging.getLogger("booklight")


class Openable(Protocol):
    """A part of whatever kind."""

    async def try_open(self) -> bool: ...


class Part(Generic[Opened]):
    """One part, opened by `open_part`, which raises PartUnavailable when it knows why it cannot."""

    def __init__(self, name: str, open_part: Callable[[], Awaitable[Opened]]) -> None:
        self.name = name
        self.reason: str | None = BEING_OPENED.format(name=name)
        self._open_part = open_part
        self._opened: Opened | None = None
        self._there = asyncio.Event()

    @property
    def opened(self) -> Opened | None:
        """The part, once it is there."""
        return self._opened

    def require(self) -> Opened:
        """Return the part. Raises NotReady while it is not there."""
        if self._opened is None:
            raise NotReady(self.reason or f"The {self.name} is closed.")
        return self._opened

    async def wait(self) -> None:
        """Return when the part is there."""
        await self._there.wait()

    async def try_open(self) -> bool:
        """Open the part if it is not open, and say whether it is. Raises what opening it does not foresee."""
        if self._opened is not None:
            return True
        try:
            self._opened = await self._open_part()
        except PartUnavailable as failure:
            self._note(failure.reason, str(failure))
            return False
        except OSError as failure:
            self._note(SEE_LOG.format(name=self.name), describe(failure))
            return False
        finally:
            if self._opened is None and self.reason == BEING_OPENED.format(name=self.name):
                self.reason = SEE_LOG.format(name=self.name)
        self.reason = None
        self._there.set()
        return True

    def _note(self, reason: str, text: str) -> None:
        """Remember why the part is not there; the log gets the same reason once."""
        if reason != self.reason:
            logger.warning("%s %s", reason, text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Parts:
    """What an answer needs, each opened once the app runs."""

    database: Part[SqlStore]
    index: Part[Index]
    model: Part[ConnectedModel]


def choose_parts(settings: Settings) -> Parts:
    """Return the parts that `settings` name, with nothing imported or opened yet."""

    async def open_database() -> SqlStore:
        return await (await _assemble(settings)).open_database()

    async def open_index() -> Index:
        return await (await _assemble(settings)).open_index()

    async def open_model() -> ConnectedModel:
        return await (await _assemble(settings)).open_model()

    return Parts(Part("database", open_database), Part("index", open_index), Part("model", open_model))


async def open_all(parts: Sequence[Openable]) -> None:
    """Open `parts`, trying again those that fail, until all are open."""
    waiting = list(parts)
    while waiting:
        waiting = [part for part in waiting if not await part.try_open()]
        if waiting:
            await asyncio.sleep(RETRY_SECONDS)


class Sidecar:
    """What is between requests: the parts, and the chat that is made of them once they are there.

    `build_chat` is called once; it raises NotReady until it can. `close_shared` lets go of what requests share beside
    the parts. Threads with no activity for as long as `retention` are forgotten; None keeps them.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        build_chat: Callable[[], Chat],
        close_shared: Callable[[], Awaitable[None]],
        retention: timedelta | None,
    ) -> None:
        self._parts = parts
        self._build_chat = build_chat
        self._close_shared = close_shared
        self._retention = retention
        self._chat: Chat | None = None

    async def open(self) -> None:
        """Open all parts, however often that has to be tried."""
        await open_all([self._parts.database, self._parts.index, self._parts.model])

    async def enforce_retention(self) -> None:
        """Forget what is too old, from when the database is there until cancelled."""
        await self._parts.database.wait()
        await keep_house(self._parts.database.require(), self._retention)

    def chat(self) -> Chat:
        """Return what answers chat requests. Raises NotReady."""
        if self._chat is None:
            self._chat = self._build_chat()
        return self._chat

    async def index_status(self) -> IndexStatus:
        """Say what the newest index was built from. Raises NotReady."""
        index, model = self._parts.index.require(), self._parts.model.require()
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
        database, index, model = self._parts.database, self._parts.index, self._parts.model
        reasons = {part.name: part.reason for part in (database, index, model)}
        if database.opened is not None and not await _answers(database.opened):
            reasons[database.name] = DATABASE_SILENT
        statuses = {name: PartStatus(ready=reason is None, reason=reason) for name, reason in reasons.items()}
        return Readiness(ready=all(status.ready for status in statuses.values()), parts=statuses)

    async def end_turns(self) -> None:
        """End all turns and keep what they said; their streams then end by themselves."""
        if self._chat is not None:
            await self._chat.close()

    async def close(self) -> None:
        """End all turns, then let go of the parts."""
        await self.end_turns()
        for part in (self._parts.model, self._parts.index, self._parts.database):
            if part.opened is not None:
                await part.opened.close()
        await self._close_shared()


def check_settings(settings: Settings) -> None:
    """Raise SettingsError for what is wrong with the settings themselves, which no waiting will mend."""
    parse_database_url(settings.database_url.get_secret_value())
    check_models(settings)


def load_assembly() -> type[Assembly]:
    """Import the wiring, and with it all that answering needs: seconds the first time, nothing after that."""
    from booklight.assembly import Assembly

    return Assembly


async def _assemble(settings: Settings) -> Assembly:
    """Return the wiring of `settings`, imported in a thread, so that the event loop goes on answering."""
    if ASSEMBLY in sys.modules:
        return load_assembly()(settings)
    gc.disable()  # it would walk through all that is being made, again and again, and find nothing to free
    try:
        assembly = await asyncio.to_thread(load_assembly)
    finally:
        gc.freeze()
        gc.enable()
    return assembly(settings)


async def _answers(store: SqlStore) -> bool:
    try:
        await store.ping()
    except StoreUnavailable:
        return False
    return True
