"""The sidecar's lifecycle: its components are opened while it already serves, reported on, and closed.

What is slow to import (the agent's libraries, the database's, the index's) is imported by the first
component that is opened, in a thread, so that the process answers within a second.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from booklight.contracts import ComponentStatus, IndexStatus, Readiness
from booklight.errors import DATABASE_SILENT, DISK_FULL, INDEX_SILENT, OLD_INDEX, ComponentUnavailable, NotReady
from booklight.ops.failures import failure_of
from booklight.ops.redaction import FAILURE, describe
from booklight.settings import Settings, check_models
from booklight.store.database import DiskFull, StoreUnavailable, parse_database_url
from booklight.store.retention import enforce_retention
from booklight_ingest.errors import IndexUnavailable

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
    """A component of whatever kind."""

    async def try_open(self) -> bool: ...


class Component(Generic[Opened]):
    """One component, opened by `open_component`, which raises ComponentUnavailable where it knows what mends it."""

    def __init__(self, name: str, open_component: Callable[[], Awaitable[Opened]]) -> None:
        self.name = name
        self.reason: str | None = BEING_OPENED.format(name=name)
        self._open_component = open_component
        self._opened: Opened | None = None
        self._is_open = asyncio.Event()

    @property
    def opened(self) -> Opened | None:
        """The component, once it is open."""
        return self._opened

    def require(self) -> Opened:
        """Return the component. Raises NotReady until it is open."""
        if self._opened is None:
            raise NotReady(self.reason or f"The {self.name} is closed.")
        return self._opened

    async def wait(self) -> None:
        """Return when the component is open."""
        await self._is_open.wait()

    async def try_open(self) -> bool:
        """Open the component if it is not open, and return whether it is. A failure of any kind is its `reason`."""
        if self._opened is None:
            match await failure_of(self._open()):
                case None:
                    self.reason = None
                    self._is_open.set()
                case ComponentUnavailable() as failure:
                    self._set_reason(failure.reason, failure, str(failure))
                case failure:
                    self._set_reason(SEE_LOG.format(name=self.name), failure, describe(failure))
        return self._opened is not None

    async def _open(self) -> None:
        self._opened = await self._open_component()

    def _set_reason(self, reason: str, failure: Exception, text: str) -> None:
        """Keep why the component is not open; the same reason is logged once."""
        if reason != self.reason:
            logger.warning("%s %s", reason, text, extra={FAILURE: failure})
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Components:
    """What an answer needs, each opened once the app runs."""

    database: Component[SqlStore]
    index: Component[Index]
    model: Component[ConnectedModel]


def choose_components(settings: Settings) -> Components:
    """Return the components that `settings` name, with nothing imported or opened yet."""

    async def open_database() -> SqlStore:
        return await (await _assemble(settings)).open_database()

    async def open_index() -> Index:
        return await (await _assemble(settings)).open_index()

    async def open_model() -> ConnectedModel:
        return await (await _assemble(settings)).open_model()

    return Components(
        Component("database", open_database), Component("index", open_index), Component("model", open_model)
    )


async def open_all(components: Sequence[Openable], tried: asyncio.Event) -> None:
    """Open `components`, again and again those that fail, whatever they fail with, until all are open.

    `tried` is set once each was tried.
    """
    waiting = list(components)
    while waiting:
        waiting = [component for component in waiting if not await component.try_open()]
        tried.set()
        if waiting:
            await asyncio.sleep(RETRY_SECONDS)


class Sidecar:
    """The sidecar's state: its components, and the chat that is built of them once they are open.

    `build_chat` is called once; it raises NotReady until it can. `close_shared` closes what requests share
    beside the components. Threads with no activity for as long as `retention` are deleted; None keeps them.
    `share_days` is what readers' clients are told of sharing.
    """

    def __init__(
        self,
        components: Components,
        *,
        build_chat: Callable[[], Chat],
        close_shared: Callable[[], Awaitable[None]],
        retention: timedelta | None,
        share_days: int = 0,
    ) -> None:
        self._components = components
        self._build_chat = build_chat
        self._close_shared = close_shared
        self._retention = retention
        self._share_days = share_days
        self._chat: Chat | None = None
        self._tried = asyncio.Event()

    async def open(self) -> None:
        """Open all components, retrying until each is open."""
        await open_all([self._components.database, self._components.index, self._components.model], self._tried)

    async def wait_until_tried(self) -> None:
        """Return once the database is open and each other component was tried: an index may be made later."""
        await self._components.database.wait()
        await self._tried.wait()

    async def enforce_retention(self) -> None:
        """Delete what is too old, from when the database is open until cancelled."""
        await self._components.database.wait()
        await enforce_retention(self._components.database.require(), self._retention)

    def chat(self) -> Chat:
        """Return what answers chat requests. Raises NotReady."""
        if self._chat is None:
            self._chat = self._build_chat()
        return self._chat

    async def index_status(self) -> IndexStatus:
        """Return what the newest index was built from. Raises NotReady."""
        index, model = self._components.index.require(), self._components.model.require()
        try:
            await index.follow()
        except IndexUnavailable as failure:
            raise NotReady(INDEX_SILENT) from failure
        info = index.info
        return IndexStatus(
            commit=info.commit,
            built_at=info.built_at,
            pages=info.pages,
            chunks=info.chunks,
            model=model.name,
            embedding=info.embedding,
            title=info.site_title,
            share_days=self._share_days,
        )

    async def readiness(self) -> Readiness:
        """Return which components are open, asking the database and the index now."""
        database, index, model = self._components.database, self._components.index, self._components.model
        reasons = {component.name: component.reason for component in (database, index, model)}
        if database.opened is not None:
            reasons[database.name] = await _reason_not_to_store(database.opened)
        if index.opened is not None and not await _searches(index.opened):
            reasons[index.name] = INDEX_SILENT
        statuses = {name: ComponentStatus(ready=reason is None, reason=reason) for name, reason in reasons.items()}
        if self.uses_old_index() and statuses[index.name].ready:
            statuses[index.name] = ComponentStatus(ready=True, reason=OLD_INDEX)
        return Readiness(ready=all(status.ready for status in statuses.values()), parts=statuses)

    def uses_old_index(self) -> bool:
        """Say whether questions are answered from an older index than the newest, which cannot be used."""
        index = self._components.index.opened
        return index is not None and index.problem is not None

    async def end_turns(self) -> None:
        """End all turns and store their text; their streams then end by themselves."""
        if self._chat is not None:
            await self._chat.close()

    async def close(self) -> None:
        """End all turns, then close the components."""
        await self.end_turns()
        for component in (self._components.model, self._components.index, self._components.database):
            if component.opened is not None:
                await component.opened.close()
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


async def _reason_not_to_store(store: SqlStore) -> str | None:
    try:
        await store.ping()
    except DiskFull:
        return DISK_FULL
    except StoreUnavailable:
        return DATABASE_SILENT
    return None


async def _searches(index: Index) -> bool:
    try:
        await index.check()
    except IndexUnavailable:
        return False
    return True
