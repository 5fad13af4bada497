"""The index as a server holds it: always the newest generation, swapped without a reader noticing.

Embedded, the index is a folder; else it is an alias on a Qdrant server.
"""

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from booklight_ingest.embed.embedder import Embedder
from booklight_ingest.errors import IndexDamaged, IndexMismatch, IndexMissing, IndexUnavailable
from booklight_ingest.index.engine import Generation, Generations
from booklight_ingest.index.filters import Filter
from booklight_ingest.index.generations import FolderGenerations
from booklight_ingest.index.manifest import IndexInfo as IndexInfo
from booklight_ingest.index.manifest import Manifest
from booklight_ingest.index.proof import Proof
from booklight_ingest.index.verification import any_vectors

if TYPE_CHECKING:  # takes a second to import, and an index in a folder does without
    import httpx

FOLDER_LOOKS_EVERY = 0.0
SERVER_LOOKS_EVERY = 2.0
# A folder's new generation that cannot be opened is tried again after so many seconds: the disk may have been full.
REFUSED_LOOKS_EVERY = 5.0
# A server's that is damaged is read again after so many seconds: a node that lacked some of it may have it by then.
DAMAGED_LOOKS_EVERY = 60.0
# A server's new generation is read whole, over the network: readers wait so many seconds for it, and then go on with
# the one they have. A proof takes less than a second.
WAITS_SECONDS = 0.5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QdrantServer:
    """An index on a Qdrant server. `urls` are its addresses, asked in this order; `collection` is the alias.

    `replication` is on how many nodes of a cluster the index is kept; None is two, where there are two. `transport`
    replaces the network below the client.
    """

    urls: tuple[str, ...]
    api_key: str | None = field(default=None, repr=False)
    collection: str = "booklight"
    replication: int | None = None
    transport: "httpx.AsyncBaseTransport | None" = field(default=None, repr=False)


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

    Every `reading` gets the newest generation whole. One that cannot be opened, is damaged or was made by another
    embedding is reported in the log once, and `problem` says so as long as readers stay with the one they have; so it
    is where the folder's pointer cannot be read. An index that cannot be searched is reported once,
    and once more when it can be again.
    """

    def __init__(self, generations: Generations, embedder: Embedder, current: Reading, *, in_folder: bool) -> None:
        self._generations = generations
        self._embedder = embedder
        self._current = current
        self._in_folder = in_folder
        # A look at a folder's pointer costs microseconds, one at a server three requests.
        self._looks_every = FOLDER_LOOKS_EVERY if in_folder else SERVER_LOOKS_EVERY
        self._looked = time.monotonic()
        self._refused: str | None = None
        self._refused_until = math.inf
        self._problem: str | None = None
        self._turning: asyncio.Task[None] | None = None
        self._waited_until: float | None = None
        self._proof = Proof(self._search_once)
        self._failed_since: float | None = None

    @property
    def info(self) -> IndexInfo:
        """What the generation that was last read was made from."""
        return self.manifest.info

    @property
    def manifest(self) -> Manifest:
        """What the generation that was last read holds: its pages, and the statistics of its words."""
        return self._current.generation.manifest

    @property
    def problem(self) -> str | None:
        """Why the newest generation is not the one in use, if it is not."""
        return self._problem

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reading]:
        """Hold the newest generation open for one search. Raises IndexUnavailable when it cannot be looked for."""
        with self._noting_failures():
            await self.follow()
            current = self._current
            current.readers += 1
            try:
                yield current
            finally:
                current.readers -= 1
                await self._close_unless_read(current)

    async def check(self) -> None:
        """Search, for nothing in particular, unless that was done a moment ago. Raises IndexUnavailable."""
        try:
            await self._proof.check()
        except IndexUnavailable as error:
            self._note_failure(error)
            raise

    async def follow(self) -> None:
        """Turn to the newest generation if there is one newer than ours. Raises IndexUnavailable."""
        # Whoever comes while another turns to it waits: what is published is what new searches see.
        await self._turned()
        if time.monotonic() - self._looked < self._looks_every:
            return
        self._looked = time.monotonic()
        try:
            await self._look()
            await self._current.generation.engine.check()
        except IndexUnavailable:
            # Not known to be whole, so that the next search looks again.
            self._looked = -math.inf
            raise

    async def _look(self) -> None:
        try:
            marker = await self._generations.marker()
        except IndexMissing:
            # Removed under us: what is open can be read for as long as it is there.
            return
        except IndexUnavailable as error:
            if not self._in_folder:
                raise
            self._note_problem(str(error))
            return
        if marker == self._current.generation.marker:
            self._problem = None
        elif marker != self._refused or time.monotonic() > self._refused_until:
            # A task of its own: a reader who leaves must not leave files open that nobody knows of.
            if self._turning is None:
                self._turning = asyncio.create_task(self._swap(marker))
                self._waited_until = None if self._in_folder else asyncio.get_running_loop().time() + WAITS_SECONDS
            await self._turned()

    async def close(self) -> None:
        """Let go of files and connections."""
        await self._proof.close()
        self._waited_until = None
        await self._turned()
        await self._current.generation.engine.close()
        await self._generations.close()

    async def _turned(self) -> None:
        if self._turning is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._waited_until):
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
            self._refused_until = time.monotonic() + self._looks_again_after(error)
            self._note_problem(str(error))
            return
        before, self._current, self._problem = self._current, newest, None
        # The engine stops the loop to open, and again to close: others get a turn between the two.
        await asyncio.sleep(0)
        await self._close_unless_read(before)

    def _looks_again_after(self, error: IndexMissing | IndexMismatch | IndexUnavailable) -> float:
        """Return after how many seconds a generation that was refused is tried again.

        A disk may have been full, a server only slow: that one is tried with the next look.
        """
        match error:
            case IndexDamaged():
                return DAMAGED_LOOKS_EVERY
            case IndexUnavailable():
                return REFUSED_LOOKS_EVERY if self._in_folder else 0
            case _:
                return math.inf

    def _note_problem(self, problem: str) -> None:
        if problem != self._problem:
            _log.error("the new index cannot be used, staying with the one before: %s", problem)
        self._problem = problem

    async def _search_once(self) -> None:
        """Search the newest generation for whatever is nearest to some vector. Raises IndexUnavailable."""
        async with self.reading() as reading:
            vectors = any_vectors(reading.generation.manifest)[:1]
            found = await reading.generation.engine.nearest(vectors, Filter(), 1)
            if not all(hits.ids for hits in found):
                raise IndexUnavailable("the index answers a search with nothing: run `booklight index`")
            await reading.generation.engine.check()

    @contextmanager
    def _noting_failures(self) -> Iterator[None]:
        """Log that the index cannot be searched when that begins and when it ends, not for each search."""
        began = time.monotonic()
        try:
            yield
        except IndexUnavailable as error:
            self._note_failure(error)
            raise
        # A search that had begun before the failure says nothing of how it is now.
        if self._failed_since is not None and self._failed_since <= began:
            _log.warning("the index is searched again, after %.0f s", time.monotonic() - self._failed_since)
            self._failed_since = None

    def _note_failure(self, error: IndexUnavailable) -> None:
        if self._failed_since is None:
            self._failed_since = time.monotonic()
            _log.error("the index cannot be searched: %s", error)

    async def _close_unless_read(self, reading: Reading) -> None:
        if reading is not self._current and reading.readers == 0 and not reading.closed:
            reading.closed = True
            await reading.generation.engine.close()


async def open_index(location: Location, embedder: Embedder) -> Index:
    """Open the index at a folder or on a server.

    Raises IndexMissing, IndexMismatch (another schema or embedding), IndexUnavailable; each names what mends it.
    """
    generations = open_generations(location)
    try:
        current = await _open(generations, embedder)
    except BaseException:
        await generations.close()
        raise
    return Index(generations, embedder, current, in_folder=isinstance(location, Path))


def open_generations(location: Location, *, patient: bool = False) -> Generations:
    """Return the generations at a folder or on a server, without looking whether there are any.

    `patient` is for writers: a server may take a minute over a request that readers would wait two seconds for.
    """
    if isinstance(location, Path):
        return FolderGenerations(location)
    return _server_generations(location, patient)


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


def _server_generations(server: QdrantServer, patient: bool) -> Generations:
    from booklight_ingest.index.collection_generations import CollectionGenerations
    from booklight_ingest.index.failover import ADMINISTRATION_SECONDS, SEARCH_SECONDS
    from booklight_ingest.index.server import Server

    seconds = ADMINISTRATION_SECONDS if patient else SEARCH_SECONDS
    connected = Server(server.urls, server.api_key, seconds=seconds, transport=server.transport)
    return CollectionGenerations(connected, server.collection, server.replication, verified=not patient)
