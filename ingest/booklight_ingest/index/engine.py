"""What is asked of a search engine, which is little, so that an embedded one and a server give the same results.

An engine holds the points of one generation. Generations are where engines come from: each publication replaces the
one before it as a whole, and whoever still reads the old one may finish.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Protocol

from booklight_ingest.bm25 import Sparse
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.vectors import Floats
from booklight_ingest.index.filters import Filter
from booklight_ingest.index.manifest import Manifest

DENSE = "dense"
SPARSE = "bm25"


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A chunk as it is stored; `dense` is None where the index is BM25 alone."""

    chunk: Chunk
    dense: Floats | None
    sparse: Sparse


class Hits(NamedTuple):
    """The points that one vector found, best first: their ids, each as a number (`UUID.int`), and their scores."""

    ids: Sequence[int]
    scores: Sequence[float]


NO_HITS = Hits((), ())


class Engine(Protocol):
    """The points of one generation. Every method raises IndexUnavailable."""

    async def nearest(self, vectors: Sequence[Floats | Sparse], only: Filter, limit: int) -> list[Hits]:
        """Return for each vector, all asked together, the `limit` best points that pass `only`."""

    async def load(self, ids: Sequence[str]) -> list[Chunk]:
        """Return the chunks with these ids in this order, leaving out what is not there."""

    async def load_terms(self, ids: Sequence[str]) -> dict[str, Sparse]:
        """Return the sparse vectors of the points with these ids, leaving out what is not there."""

    def scroll(self) -> AsyncIterator[list[Point]]:
        """Yield all points, a batch at a time."""

    async def upsert(self, points: Sequence[Point]) -> None:
        """Add points, replacing those with the same id."""

    async def delete(self, ids: Sequence[str]) -> None:
        """Remove the points with these ids."""

    async def check(self) -> None:
        """Raise IndexUnavailable where points that were published are missing: what is not found then says nothing."""

    async def close(self) -> None:
        """Let go of files and connections."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A published state of the index. `marker` changes with every publication."""

    marker: str
    manifest: Manifest
    engine: Engine


class Generations(Protocol):
    """The published states of one index, and the making of the next."""

    async def marker(self) -> str:
        """Return the current marker, cheaply. Raises IndexMissing, IndexUnavailable."""

    async def open(self) -> Generation:
        """Open the current generation. Raises IndexMissing, IndexMismatch, IndexUnavailable."""

    async def lock(self) -> None:
        """Become the only writer, until `release`. Raises IndexUnavailable when another is writing."""

    async def begin(self, size: int, base: Generation | None) -> Engine:
        """Return an engine to write the next generation into.

        It holds the points of `base`, or none; `size` is the length of dense vectors, 0 for none.
        """

    async def publish(self, manifest: Manifest) -> None:
        """Make what was written since `begin` the current generation, at once."""

    async def revise(self, manifest: Manifest) -> None:
        """Replace the manifest of the current generation, whose points stay."""

    async def release(self) -> None:
        """Throw away what was begun and not published, and let others write."""

    async def close(self) -> None:
        """Let go of files and connections."""


def payload_of(chunk: Chunk) -> dict[str, Any]:
    """Return what is stored with a point: the chunk's fields but its id, which is the point's own."""
    payload = asdict(chunk)
    del payload["id"]
    return payload | {"breadcrumbs": list(chunk.breadcrumbs)}


def chunk_of(point_id: str, payload: Mapping[str, Any]) -> Chunk:
    """Return the chunk that `payload_of` stored."""
    return Chunk(**{**payload, "id": point_id, "breadcrumbs": tuple(payload["breadcrumbs"])})
