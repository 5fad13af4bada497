"""The embedded engine: Qdrant Edge, which searches a folder from inside the process."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self, cast
from uuid import UUID

import qdrant_edge as edge

from booklight_ingest.bm25 import Sparse
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.vectors import Floats
from booklight_ingest.errors import IndexUnavailable
from booklight_ingest.index.engine import DENSE, SPARSE, Hits, Point, payload_of
from booklight_ingest.index.filters import Fields, Filter
from booklight_ingest.index.manifest import INTEGER_FIELDS, KEYWORD_FIELDS
from booklight_ingest.index.records import chunks_in_order, point_of, terms_of, vectors_of

BATCH = 1_000
# Below this a filter that reads the points themselves takes well under a millisecond, and indexes of the fields that it
# asks for take more than forty, and megabytes, wherever they are opened (`bench/field_indexes.py`).
WORTH_INDEXING_FIELDS = 100
# Below this a search without an HNSW graph is as fast, and building one takes seconds.
WORTH_OPTIMIZING = 10_000


class EdgeEngine:
    """One shard. It has no write-ahead log, so that several processes can read it; a writer must `flush`.

    Calls hold the interpreter's lock for as long as they take, well under a millisecond for one vector. Before and
    after each others get a turn.
    """

    def __init__(self, shard: edge.EdgeShard, folder: Path) -> None:
        self._shard = shard
        self._folder = folder

    @classmethod
    def create(cls, folder: Path, size: int) -> Self:
        """Make an empty shard; `size` is the length of dense vectors, 0 for none. Raises IndexUnavailable."""
        dense = {DENSE: edge.EdgeVectorParams(size=size, distance=edge.Distance.Dot)} if size else {}
        config = edge.EdgeConfig(
            vectors=dense, sparse_vectors={SPARSE: edge.EdgeSparseVectorParams()}, wal_enabled=False
        )
        with _edge_errors(f"{folder} cannot be written"):
            folder.mkdir(parents=True)
            return cls(edge.EdgeShard.create(str(folder), config), folder)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a shard that `create` made. Raises IndexUnavailable; the folder must be writable."""
        with _edge_errors(f"{folder} cannot be opened (it must be writable)"):
            return cls(edge.EdgeShard.load(str(folder)), folder)

    async def nearest(self, vectors: Sequence[Floats | Sparse], only: Filter, limit: int) -> list[Hits]:
        condition = _condition(only)
        found = []
        for vector in vectors:
            # One batch would save next to nothing, and give whoever waits for the event loop no turn before its end.
            await asyncio.sleep(0)
            request = edge.QueryRequest(limit=limit, query=_nearest(vector), filter=condition, with_payload=False)
            with _edge_errors(f"{self._folder} cannot be searched"):
                points = self._shard.query(request)
            await asyncio.sleep(0)
            found.append(_hits(points))
        return found

    async def load(self, ids: Sequence[str]) -> list[Chunk]:
        await asyncio.sleep(0)
        with _edge_errors(f"{self._folder} cannot be read"):
            records = self._shard.retrieve(list(ids), with_payload=True, with_vector=False)
        return chunks_in_order(ids, records)

    async def load_terms(self, ids: Sequence[str]) -> dict[str, Sparse]:
        with _edge_errors(f"{self._folder} cannot be read"):
            records = self._shard.retrieve(list(ids), with_payload=False, with_vector=[SPARSE])
        return {str(record.id): terms_of(record) for record in records}

    async def scroll(self) -> AsyncIterator[list[Point]]:
        offset: edge.PointId | None = None
        while True:
            request = edge.ScrollRequest(offset=offset, limit=BATCH, with_payload=True, with_vector=True)
            with _edge_errors(f"{self._folder} cannot be read"):
                records, offset = self._shard.scroll(request)
            yield [point_of(record) for record in records]
            if offset is None:
                return

    async def upsert(self, points: Sequence[Point]) -> None:
        for start in range(0, len(points), BATCH):
            batch = [
                edge.Point(point.chunk.id, _vectors(point), payload_of(point.chunk))
                for point in points[start : start + BATCH]
            ]
            with _edge_errors(f"{self._folder} cannot be written"):
                self._shard.update(edge.UpdateOperation.upsert_points(batch))

    async def delete(self, ids: Sequence[str]) -> None:
        with _edge_errors(f"{self._folder} cannot be written"):
            self._shard.update(edge.UpdateOperation.delete_points([UUID(point_id) for point_id in ids]))

    def flush(self) -> None:
        """Write everything to disk, first making larger shards fast to search. Raises IndexUnavailable."""
        with _edge_errors(f"{self._folder} cannot be written"):
            count = self._shard.info().points_count
            if count >= WORTH_INDEXING_FIELDS:
                self._index_fields()
            if count >= WORTH_OPTIMIZING:
                self._shard.optimize()
            self._shard.flush()

    def _index_fields(self) -> None:
        kinds = dict.fromkeys(KEYWORD_FIELDS, edge.PayloadSchemaType.Keyword)
        kinds |= dict.fromkeys(INTEGER_FIELDS, edge.PayloadSchemaType.Integer)
        for name, kind in kinds.items():
            self._shard.update(edge.UpdateOperation.create_field_index(name, kind))

    async def check(self) -> None:
        """There is nothing to find out: a folder is published whole, and nobody else writes to it."""

    def count(self) -> int:
        """Return how many points there are. Raises IndexUnavailable."""
        with _edge_errors(f"{self._folder} cannot be read"):
            return self._shard.info().points_count

    async def close(self) -> None:
        with _edge_errors(f"{self._folder} cannot be closed"):
            self._shard.close()


def _hits(points: Sequence[edge.ScoredPoint]) -> Hits:
    return Hits([cast(UUID, point.id).int for point in points], [point.score for point in points])


def _condition(only: Filter) -> edge.Filter | None:
    if not only:
        return None
    return edge.Filter(must=_all_of(only.all_of), should=[edge.Filter(must=_all_of(one)) for one in only.any_of])


def _all_of(fields: Fields) -> "list[edge.ConditionType]":
    return [edge.FieldCondition(name, match=edge.MatchValue(value)) for name, value in fields.items()]


def _nearest(vector: Floats | Sparse) -> edge.Query:
    if isinstance(vector, Sparse):
        return edge.Query.Nearest(_sparse(vector), using=SPARSE)
    return edge.Query.Nearest(vector.tolist(), using=DENSE)


def _vectors(point: Point) -> "dict[str, edge.NamedVector]":
    return {**vectors_of(point, edge.SparseVector)}


def _sparse(vector: Sparse) -> edge.SparseVector:
    return edge.SparseVector(vector.indices.tolist(), vector.values.tolist())


@contextmanager
def _edge_errors(what: str) -> Iterator[None]:
    """Say in one line what failed; Edge raises bare Exception, so its type is compared, not caught by kind.

    On bytes that are not what it wrote, the Rust beneath it panics: what comes of that is no Exception, and has no name
    that can be imported.
    """
    try:
        yield
    except OSError as error:
        raise IndexUnavailable(f"{what}: {error.strerror}") from error
    except BaseException as error:
        if type(error) is not Exception and type(error).__name__ != "PanicException":
            raise
        raise IndexUnavailable(f"{what}: {next(iter(str(error).splitlines()), 'no reason given')}") from error
