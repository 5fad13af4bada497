"""The engine on a Qdrant server: the points of one collection."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from qdrant_client import models

from booklight_ingest.bm25 import Sparse
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.vectors import Floats
from booklight_ingest.errors import IndexDamaged, IndexUnavailable
from booklight_ingest.index.engine import DENSE, SPARSE, Hits, Point, payload_of
from booklight_ingest.index.failover import SEARCH_SECONDS
from booklight_ingest.index.filters import Fields, Filter
from booklight_ingest.index.records import chunks_in_order, point_of, terms_of, vectors_of
from booklight_ingest.index.rows import id_number
from booklight_ingest.index.server import Server

MANIFEST_ID = str(UUID(int=0))
"""The point without vectors that keeps the manifest."""
BATCH = 256
# Up to so many chunks every vector is compared, in less than 10 ms on two shared cores; above, the graph is searched so
# broadly that it finds what comparing all would.
EXACT_UP_TO = 35_000
BREADTH = 512


class QdrantEngine:
    """The points of one collection. `chunks` is how many were published; `gone` says what it means if it is missing."""

    def __init__(self, server: Server, collection: str, *, chunks: int = 0, gone: str = "") -> None:
        self._server = server
        self._client = server.client
        self._collection = collection
        self._chunks = chunks
        self._gone = gone or f"collection {collection} is gone from Qdrant: run `booklight index` to make it anew"

    async def nearest(self, vectors: Sequence[Floats | Sparse], only: Filter, limit: int) -> list[Hits]:
        condition = _condition(only)
        requests = [
            models.QueryRequest(query=query, using=using, filter=condition, limit=limit, params=self._params(using))
            for query, using in map(_query, vectors)
        ]
        if not requests:
            return []
        with self._server.errors("searched", gone=self._gone):
            answers = await self._client.query_batch_points(self._collection, requests, timeout=SEARCH_SECONDS)
        return [_hits(answer.points) for answer in answers]

    async def load(self, ids: Sequence[str]) -> list[Chunk]:
        with self._server.errors("read", gone=self._gone):
            records = await self._client.retrieve(
                self._collection, list(ids), with_payload=True, timeout=SEARCH_SECONDS
            )
        with self._damage():
            return chunks_in_order(ids, records)

    async def load_terms(self, ids: Sequence[str]) -> dict[str, Sparse]:
        with self._server.errors("read", gone=self._gone):
            records = await self._client.retrieve(
                self._collection, list(ids), with_payload=False, with_vectors=[SPARSE]
            )
        return {str(record.id): terms_of(record) for record in records}

    async def scroll(self) -> AsyncIterator[list[Point]]:
        offset: models.ExtendedPointId | None = None
        while True:
            with self._server.errors("read", gone=self._gone):
                records, offset = await self._client.scroll(
                    self._collection, limit=BATCH, offset=offset, with_payload=True, with_vectors=True
                )
            with self._damage():
                points = [point_of(record) for record in records if str(record.id) != MANIFEST_ID]
            yield points
            if offset is None:
                return

    async def upsert(self, points: Sequence[Point]) -> None:
        for start in range(0, len(points), BATCH):
            batch = [
                models.PointStruct(id=point.chunk.id, vector=_vectors(point), payload=payload_of(point.chunk))
                for point in points[start : start + BATCH]
            ]
            with self._server.errors("written", gone=self._gone):
                await self._server.writer.upsert(self._collection, batch, wait=True)

    async def delete(self, ids: Sequence[str]) -> None:
        with self._server.errors("written", gone=self._gone):
            selector = models.PointIdsList(points=list(ids))
            await self._server.writer.delete(self._collection, selector, wait=True)

    async def check(self) -> None:
        stored = await self.count()
        if stored != self._chunks:
            raise IndexUnavailable(
                f"collection {self._collection} on Qdrant holds {stored} chunks, and {self._chunks} were published: "
                "run `booklight index` to make it anew"
            )

    async def count(self) -> int:
        """Return how many chunks are stored, exactly. Raises IndexUnavailable."""
        manifest = models.Filter(must_not=[models.HasIdCondition(has_id=[MANIFEST_ID])])
        with self._server.errors("read", gone=self._gone):
            return (await self._client.count(self._collection, manifest, exact=True, timeout=SEARCH_SECONDS)).count

    async def close(self) -> None:
        """There is nothing to let go of: the connection belongs to the generations."""

    @contextmanager
    def _damage(self) -> Iterator[None]:
        """Say in one line that a payload is not what was written."""
        try:
            yield
        except (LookupError, TypeError) as error:
            raise damaged_on_server(self._collection) from error

    def _params(self, using: str) -> models.SearchParams | None:
        if using == SPARSE:
            return None
        if self._chunks <= EXACT_UP_TO:
            return models.SearchParams(exact=True)
        return models.SearchParams(hnsw_ef=BREADTH)


def damaged_on_server(collection: str) -> IndexDamaged:
    """Return the error for a collection that is not what was written."""
    return IndexDamaged(
        f"collection {collection} on Qdrant is damaged: run `booklight index --anew` with every locale to build it anew"
    )


def _hits(points: Sequence[models.ScoredPoint]) -> Hits:
    return Hits([id_number(str(point.id)) for point in points], [point.score for point in points])


def _condition(only: Filter) -> models.Filter | None:
    if not only:
        return None
    alternatives: list[models.Condition] = [models.Filter(must=_all_of(one)) for one in only.any_of]
    return models.Filter(must=_all_of(only.all_of), should=alternatives or None)


def _all_of(fields: Fields) -> list[models.Condition]:
    return [models.FieldCondition(key=name, match=models.MatchValue(value=value)) for name, value in fields.items()]


def _query(vector: Floats | Sparse) -> tuple[models.Query, str]:
    if isinstance(vector, Sparse):
        return models.NearestQuery(nearest=_sparse(vector)), SPARSE
    return models.NearestQuery(nearest=vector.tolist()), DENSE


def _vectors(point: Point) -> dict[str, Any]:
    return {**vectors_of(point, lambda indices, values: models.SparseVector(indices=indices, values=values))}


def _sparse(vector: Sparse) -> models.SparseVector:
    return models.SparseVector(indices=vector.indices.tolist(), values=vector.values.tolist())
