"""The engine and the generations on a Qdrant server, or in an `AsyncQdrantClient(":memory:")`.

A generation is a collection named `<alias>-<number>`; publishing moves the alias to it, at once. The collection's
metadata says what it was made from (so the server must be 1.16 or later), and a point without vectors, of a reserved
id, keeps the manifest. Generations before it are kept for a while, for readers that have not followed yet.
"""

import asyncio
import base64
import warnings
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from booklight_ingest.bm25 import Sparse
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.vectors import Floats
from booklight_ingest.errors import IndexMissing, IndexUnavailable
from booklight_ingest.index.engine import DENSE, SPARSE, Engine, Generation, Hits, Point, payload_of
from booklight_ingest.index.filters import Fields, Filter
from booklight_ingest.index.manifest import (
    INTEGER_FIELDS,
    KEYWORD_FIELDS,
    Manifest,
    dump_manifest,
    load_manifest,
    made_by_another_version,
)
from booklight_ingest.index.records import chunks_in_order, point_of, terms_of, vectors_of
from booklight_ingest.index.rows import id_number

MANIFEST_ID = str(UUID(int=0))
BATCH = 256
# Readers look for a new generation every few seconds, and a search takes less.
KEPT_SECONDS = 30.0
SUPERSEDED = "superseded_at"


class QdrantEngine:
    """The points of one collection."""

    def __init__(self, client: AsyncQdrantClient, collection: str) -> None:
        self._client = client
        self._collection = collection

    async def nearest(self, vectors: Sequence[Floats | Sparse], only: Filter, limit: int) -> list[Hits]:
        condition = _condition(only)
        requests = [
            models.QueryRequest(query=query, using=using, filter=condition, limit=limit)
            for query, using in map(_query, vectors)
        ]
        if not requests:
            return []
        with _server_errors("searched"):
            answers = await self._client.query_batch_points(self._collection, requests)
        return [_hits(answer.points) for answer in answers]

    async def load(self, ids: Sequence[str]) -> list[Chunk]:
        with _server_errors("read"):
            records = await self._client.retrieve(self._collection, list(ids), with_payload=True)
        return chunks_in_order(ids, records)

    async def load_terms(self, ids: Sequence[str]) -> dict[str, Sparse]:
        with _server_errors("read"):
            records = await self._client.retrieve(
                self._collection, list(ids), with_payload=False, with_vectors=[SPARSE]
            )
        return {str(record.id): terms_of(record) for record in records}

    async def scroll(self) -> AsyncIterator[list[Point]]:
        offset: models.ExtendedPointId | None = None
        while True:
            with _server_errors("read"):
                records, offset = await self._client.scroll(
                    self._collection, limit=BATCH, offset=offset, with_payload=True, with_vectors=True
                )
            yield [point_of(record) for record in records if str(record.id) != MANIFEST_ID]
            if offset is None:
                return

    async def upsert(self, points: Sequence[Point]) -> None:
        for start in range(0, len(points), BATCH):
            batch = [
                models.PointStruct(id=point.chunk.id, vector=_vectors(point), payload=payload_of(point.chunk))
                for point in points[start : start + BATCH]
            ]
            with _server_errors("written"):
                await self._client.upsert(self._collection, batch, wait=True)

    async def delete(self, ids: Sequence[str]) -> None:
        with _server_errors("written"):
            await self._client.delete(self._collection, models.PointIdsList(points=list(ids)), wait=True)

    async def close(self) -> None:
        """There is nothing to let go of: the client belongs to the generations."""


class CollectionGenerations:
    """The generations behind one alias. Two writers at once do not spoil the index, but one of them fails."""

    def __init__(self, client: AsyncQdrantClient, alias: str, *, owned: bool) -> None:
        self._client = client
        self._alias = alias
        self._owned = owned
        self._next: str | None = None

    async def marker(self) -> str:
        return await self._marker(await self._required())

    async def open(self) -> Generation:
        collection = await self._required()
        marker = await self._marker(collection)
        with _server_errors("read"):
            records = await self._client.retrieve(collection, [MANIFEST_ID], with_payload=True)
        payload = records[0].payload if records else None
        if payload is not None and "catalogue" in payload:
            raise made_by_another_version(f"collection {collection}")
        data = base64.b64decode((payload or {}).get("manifest", ""))
        manifest = await asyncio.to_thread(load_manifest, data, f"collection {collection}")
        return Generation(marker, manifest, self._engine(collection))

    async def lock(self) -> None:
        if self._alias in await self._collections():
            raise IndexUnavailable(
                f"{self._alias!r} is a collection on Qdrant, and an alias of that name is needed: "
                "set BOOKLIGHT_COLLECTION to another name"
            )

    async def begin(self, size: int, base: Generation | None) -> Engine:
        numbers = [self._number(name) for name in await self._collections()]
        self._next = f"{self._alias}-{max(numbers, default=0) + 1}"
        dense = {DENSE: models.VectorParams(size=size, distance=models.Distance.DOT)} if size else {}
        with _server_errors("written"):
            await self._client.create_collection(
                self._next, vectors_config=dense, sparse_vectors_config={SPARSE: models.SparseVectorParams()}
            )
            await self._index_fields(self._next)
        engine = self._engine(self._next)
        if base is not None:
            async for points in base.engine.scroll():
                await engine.upsert(points)
        return engine

    async def publish(self, manifest: Manifest) -> None:
        assert self._next is not None, "publish follows begin"
        before = await self._current()
        await self._save_manifest(self._next, manifest)
        with _server_errors("written"):
            await self._client.update_collection_aliases([*_drop_alias(before, self._alias), self._point_alias()])
        if before is not None:
            await self._note_superseded(before)
        current, self._next = self._next, None
        for name in await self._collections():
            if self._number(name) and name != current and await self._is_past(name):
                await self._delete(name)

    async def revise(self, manifest: Manifest) -> None:
        collection = await self._current()
        assert collection is not None, "only a published generation is revised"
        await self._save_manifest(collection, manifest)

    async def release(self) -> None:
        if self._next is not None:
            abandoned, self._next = self._next, None
            await self._delete(abandoned)

    async def close(self) -> None:
        if self._owned:
            await self._client.close()

    def _engine(self, collection: str) -> QdrantEngine:
        return QdrantEngine(self._client, collection)

    async def _marker(self, collection: str) -> str:
        with _server_errors("read"):
            found = await self._client.get_collection(collection)
        return f"{collection} {(found.config.metadata or {}).get('built_at')}"

    async def _required(self) -> str:
        collection = await self._current()
        if collection is None:
            raise IndexMissing(f"there is no index named {self._alias!r} on Qdrant: run `booklight index` to make one")
        return collection

    async def _current(self) -> str | None:
        with _server_errors("read"):
            answer = await self._client.get_aliases()
        return next((found.collection_name for found in answer.aliases if found.alias_name == self._alias), None)

    async def _collections(self) -> list[str]:
        with _server_errors("read"):
            return [found.name for found in (await self._client.get_collections()).collections]

    def _number(self, collection: str) -> int:
        digits = collection.removeprefix(f"{self._alias}-")
        return int(digits) if digits.isdecimal() else 0

    def _point_alias(self) -> models.CreateAliasOperation:
        assert self._next is not None
        alias = models.CreateAlias(collection_name=self._next, alias_name=self._alias)
        return models.CreateAliasOperation(create_alias=alias)

    async def _save_manifest(self, collection: str, manifest: Manifest) -> None:
        payload = {"manifest": base64.b64encode(dump_manifest(manifest)).decode()}
        metadata = asdict(manifest.info) | {"built_at": manifest.info.built_at.isoformat()}
        with _server_errors("written"):
            point = models.PointStruct(id=MANIFEST_ID, vector={}, payload=payload)
            await self._client.upsert(collection, [point], wait=True)
            await self._client.update_collection(collection, metadata=metadata)

    async def _note_superseded(self, collection: str) -> None:
        with _server_errors("written"):
            metadata = (await self._client.get_collection(collection)).config.metadata or {}
            metadata = metadata | {SUPERSEDED: datetime.now(UTC).isoformat()}
            await self._client.update_collection(collection, metadata=metadata)

    async def _is_past(self, collection: str) -> bool:
        """Say whether nobody can be reading a collection: it was never published, or has long been superseded."""
        with _server_errors("read"):
            metadata = (await self._client.get_collection(collection)).config.metadata or {}
        superseded = metadata.get(SUPERSEDED)
        age = None if superseded is None else datetime.now(UTC) - datetime.fromisoformat(superseded)
        return age is None or age.total_seconds() >= KEPT_SECONDS

    async def _delete(self, collection: str) -> None:
        with _server_errors("written"):
            await self._client.delete_collection(collection)

    async def _index_fields(self, collection: str) -> None:
        kinds = dict.fromkeys(KEYWORD_FIELDS, models.PayloadSchemaType.KEYWORD)
        kinds |= dict.fromkeys(INTEGER_FIELDS, models.PayloadSchemaType.INTEGER)
        with warnings.catch_warnings():
            # A client in memory filters without field indexes, and warns of it each time.
            warnings.filterwarnings("ignore", message="Payload indexes have no effect")
            for name, kind in kinds.items():
                await self._client.create_payload_index(collection, name, kind, wait=True)


def _drop_alias(collection: str | None, alias: str) -> list[models.DeleteAliasOperation]:
    if collection is None:
        return []
    return [models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias))]


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


@contextmanager
def _server_errors(what: str) -> Iterator[None]:
    """Say in one line that the index could not be read, searched or written, and why."""
    try:
        yield
    except UnexpectedResponse as error:
        raise IndexUnavailable(f"the index on Qdrant could not be {what}: {_reason(error)}") from error
    except ResponseHandlingException as error:
        raise IndexUnavailable(f"Qdrant cannot be reached, check BOOKLIGHT_QDRANT_URL: {error.source}") from error
    except (ApiException, QdrantException, ValueError) as error:
        raise IndexUnavailable(f"the index on Qdrant could not be {what}: {error}") from error


def _reason(error: UnexpectedResponse) -> str:
    if error.status_code in {401, 403}:
        return "it refused the key, check BOOKLIGHT_QDRANT_API_KEY"
    return f"status {error.status_code} {error.reason_phrase}".strip()
