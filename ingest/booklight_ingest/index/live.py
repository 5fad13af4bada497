"""The index as a server holds it: always the newest generation, swapped without a reader noticing.

Embedded, the index is a folder; else it is an alias on a Qdrant server.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from booklight_ingest.embed.embedder import Embedder
from booklight_ingest.errors import IndexMismatch, IndexMissing, IndexUnavailable
from booklight_ingest.index.engine import Generation, Generations
from booklight_ingest.index.generations import FolderGenerations
from booklight_ingest.index.manifest import IndexInfo as IndexInfo

if TYPE_CHECKING:  # takes a second to import, and an index in a folder does without
    from qdrant_client import AsyncQdrantClient

# A look at a folder's pointer costs microseconds, one at a server two requests.
FOLDER_LOOKS_EVERY = 0.0
SERVER_LOOKS_EVERY = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QdrantServer:
    """An index on a Qdrant server. `collection` is the alias; `client` is used instead of connecting to `url`."""

    url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    collection: str = "booklight"
    client: "AsyncQdrantClient | None" = None


Location = Path | QdrantServer


@dataclass(slots=True, eq=False)
class Reading:
    """One generation, with the embedder its vectors were made by, while anyone reads it."""

    generation: Generation
    embedder: Embedder
    readers: int = 0
    closed: bool = False


class Index:
    """The handle that a server holds; `open_index` makes it.

    Every `reading` gets the newest generation whole. One that cannot be opened or was made by another embedding is
    reported in the log, and readers stay with the one they have.
    """

    def __init__(self, generations: Generations, embedder: Embedder, current: Reading, looks_every: float) -> None:
        self._generations = generations
        self._embedder = embedder
        self._current = current
        self._looks_every = looks_every
        self._looked = time.monotonic()
        self._refused: str | None = None
        self._turning: asyncio.Task[None] | None = None

    @property
    def info(self) -> IndexInfo:
        """What the generation that was last read was made from."""
        return self._current.generation.manifest.info

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reading]:
        """Hold the newest generation open for one search. Raises IndexUnavailable when it cannot be looked for."""
        await self.follow()
        current = self._current
        current.readers += 1
        try:
            yield current
        finally:
            current.readers -= 1
            await self._close_unless_read(current)

    async def follow(self) -> None:
        """Turn to the newest generation if there is one newer than ours."""
        # Whoever comes while another turns to it waits: what is published is what every new search sees.
        await self._turned()
        if time.monotonic() - self._looked < self._looks_every:
            return
        self._looked = time.monotonic()
        try:
            marker = await self._generations.marker()
        except IndexMissing:
            # Removed under us: what is open can still be read, until there is a new one.
            return
        if marker not in {self._current.generation.marker, self._refused}:
            # A task of its own: a reader who leaves must not leave files open that nobody knows of.
            self._turning = self._turning or asyncio.create_task(self._swap(marker))
            await self._turned()

    async def close(self) -> None:
        """Let go of files and connections."""
        await self._turned()
        await self._current.generation.engine.close()
        await self._generations.close()

    async def _turned(self) -> None:
        if self._turning is not None:
            await asyncio.shield(self._turning)

    async def _swap(self, marker: str) -> None:
        try:
            await self._turn_to(marker)
        finally:
            self._turning = None

    async def _turn_to(self, marker: str) -> None:
        try:
            newest = await _open(self._generations, self._embedder)
        except (IndexMissing, IndexMismatch, IndexUnavailable) as error:
            self._refused = marker
            _log.error("the new index cannot be used, staying with the one before: %s", error)
            return
        before, self._current = self._current, newest
        # The engine stops the loop to open, and again to close: others get a turn between the two.
        await asyncio.sleep(0)
        await self._close_unless_read(before)

    async def _close_unless_read(self, reading: Reading) -> None:
        if reading is not self._current and reading.readers == 0 and not reading.closed:
            reading.closed = True
            await reading.generation.engine.close()


async def open_index(location: Location, embedder: Embedder) -> Index:
    """Open the index at a folder or on a server.

    Raises IndexMissing, IndexMismatch (another schema or embedding), IndexUnavailable; each names what mends it.
    """
    generations = open_generations(location)
    looks_every = FOLDER_LOOKS_EVERY if isinstance(location, Path) else SERVER_LOOKS_EVERY
    try:
        current = await _open(generations, embedder)
    except BaseException:
        await generations.close()
        raise
    return Index(generations, embedder, current, looks_every)


def open_generations(location: Location) -> Generations:
    """Return the generations at a folder or on a server, without looking whether there are any."""
    if isinstance(location, Path):
        return FolderGenerations(location)
    return _server_generations(location)


async def _open(generations: Generations, embedder: Embedder) -> Reading:
    generation = await generations.open()
    made_by = generation.manifest.info.embedding
    if made_by != embedder.name:
        await generation.engine.close()
        raise IndexMismatch(
            f"the index was made with embedding {made_by!r}, and {embedder.name!r} is set: run `booklight index` again"
        )
    # Both take long enough for others to notice.
    await asyncio.to_thread(generation.manifest.prepare)
    await embedder.prepare()
    return Reading(generation, embedder)


def _server_generations(server: QdrantServer) -> Generations:
    from qdrant_client import AsyncQdrantClient

    from booklight_ingest.index.qdrant import CollectionGenerations

    if server.client is not None:
        return CollectionGenerations(server.client, server.collection, owned=False)
    # The version check would be one more request, and warns instead of failing.
    client = AsyncQdrantClient(url=server.url, api_key=server.api_key, check_compatibility=False)
    return CollectionGenerations(client, server.collection, owned=True)
