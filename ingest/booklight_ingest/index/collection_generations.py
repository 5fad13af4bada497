"""The generations on a Qdrant server, each a collection, and an alias that names the current one.

A collection is named `<alias>-<time>-<random>`, so that no name ever comes twice: whoever still reads one that is gone
gets an error, and never another's points. Publishing moves the alias, at once. The collection's metadata says what it
was made from (so the server must be 1.16 or later), and a point without vectors, of a reserved id, keeps the manifest.
Generations before it are kept for a while, for readers that have not followed yet.
"""

import asyncio
import base64
import re
from dataclasses import asdict
from datetime import UTC, datetime
from uuid import uuid4

from qdrant_client import models
from qdrant_client.http.exceptions import UnexpectedResponse

from booklight_ingest.errors import IndexMissing, IndexUnavailable
from booklight_ingest.index.engine import DENSE, SPARSE, Engine, Generation
from booklight_ingest.index.failover import ADMINISTRATION_SECONDS
from booklight_ingest.index.manifest import (
    INTEGER_FIELDS,
    KEYWORD_FIELDS,
    Manifest,
    dump_manifest,
    load_manifest,
    made_by_another_version,
)
from booklight_ingest.index.qdrant import MANIFEST_ID, QdrantEngine, damaged_on_server
from booklight_ingest.index.server import FORBIDDEN, NOT_FOUND, UNAUTHORIZED, Server
from booklight_ingest.index.verification import verify

# Readers look for a new generation every few seconds, and a search takes less.
KEPT_SECONDS = 30.0
SUPERSEDED = "superseded_at"
# A manifest of a large book is megabytes, and readers wait while their worker turns to it.
MANIFEST_SECONDS = 10
REPLICAS_OF_A_CLUSTER = 2
# Until names had a time in them they were numbers.
OURS = re.compile(r"\d{8}t\d{6}-[0-9a-f]{8}|\d+")
ALREADY_THERE = {400, 409}
LOST = (
    "another `booklight index` has published meanwhile, and what this one wrote is gone; "
    "readers have the other's: run this again"
)


class CollectionGenerations:
    """The generations behind one alias. Two writers at once do not spoil the index, but one of them fails.

    `replication` is on how many nodes of a cluster each collection is kept; None leaves it to the size of the cluster.
    One that is `verified` is read whole as it is opened.
    """

    def __init__(self, server: Server, alias: str, replication: int | None = None, *, verified: bool = True) -> None:
        self._server = server
        self._client = server.client
        self._alias = alias
        self._replication = replication
        self._verified = verified
        self._next: str | None = None
        self._before: str | None = None

    async def marker(self) -> str:
        return await self._marker(await self._required())

    async def open(self) -> Generation:
        collection = await self._required()
        marker = await self._marker(collection)
        with self._server.errors("read"):
            records = await self._client.retrieve(
                collection, [MANIFEST_ID], with_payload=True, timeout=MANIFEST_SECONDS
            )
        payload = records[0].payload if records else None
        if payload is not None and "catalogue" in payload:
            raise made_by_another_version(f"collection {collection}")
        data = base64.b64decode((payload or {}).get("manifest", ""))
        manifest = await asyncio.to_thread(load_manifest, data, f"collection {collection}")
        engine = QdrantEngine(self._server, collection, chunks=manifest.info.chunks)
        await engine.check()
        if self._verified:
            try:
                await verify(manifest, engine, manifest.info.chunks, collection)
            except IndexMissing as error:
                raise damaged_on_server(collection) from error
        return Generation(marker, manifest, engine)

    async def lock(self) -> None:
        if self._alias in await self._collections():
            raise IndexUnavailable(
                f"{self._alias!r} is a collection on Qdrant, and an alias of that name is needed: "
                "set BOOKLIGHT_COLLECTION to another name"
            )
        self._before = await self._current()

    async def begin(self, size: int, base: Generation | None) -> Engine:
        self._next = f"{self._alias}-{datetime.now(UTC):%Y%m%dt%H%M%S}-{uuid4().hex[:8]}"
        await self._create(self._next, size)
        engine = QdrantEngine(self._server, self._next, gone=LOST)
        if base is not None:
            async for points in base.engine.scroll():
                await engine.upsert(points)
        return engine

    async def publish(self, manifest: Manifest) -> None:
        assert self._next is not None, "publish follows begin"
        stored, chunks = await QdrantEngine(self._server, self._next, gone=LOST).count(), manifest.info.chunks
        if stored != chunks:
            raise IndexUnavailable(f"{stored} of {chunks} chunks are stored on Qdrant, so none is published: try again")
        await self._save_manifest(self._next, manifest)
        await self._require_unchanged()
        with self._server.errors("written", gone=LOST):
            await self._client.update_collection_aliases(
                [*_drop_alias(self._before, self._alias), self._point_alias()], timeout=ADMINISTRATION_SECONDS
            )
        self._before, self._next = self._next, None
        for name in await self._collections():
            if self._is_ours(name) and name != self._before and await self._is_past(name):
                await self._delete(name)

    async def revise(self, manifest: Manifest) -> None:
        await self._require_unchanged()
        assert self._before is not None, "only a published generation is revised"
        await self._save_manifest(self._before, manifest)

    async def release(self) -> None:
        if self._next is not None:
            abandoned, self._next = self._next, None
            await self._delete(abandoned)

    async def close(self) -> None:
        await self._server.close()

    async def _marker(self, collection: str) -> str:
        with self._server.errors("read"):
            found = await self._client.get_collection(collection)
        return f"{collection} {(found.config.metadata or {}).get('built_at')}"

    async def _required(self) -> str:
        collection = await self._current()
        if collection is None:
            raise IndexMissing(f"there is no index named {self._alias!r} on Qdrant: run `booklight index` to make one")
        return collection

    async def _current(self) -> str | None:
        with self._server.errors("read"):
            answer = await self._client.get_aliases()
        return next((found.collection_name for found in answer.aliases if found.alias_name == self._alias), None)

    async def _require_unchanged(self) -> None:
        """Raise IndexUnavailable when another writer has published since `lock`: its changes are not to be lost."""
        if await self._current() != self._before:
            raise IndexUnavailable(LOST)

    async def _collections(self) -> list[str]:
        with self._server.errors("read"):
            return [found.name for found in (await self._client.get_collections()).collections]

    def _is_ours(self, collection: str) -> bool:
        prefix = f"{self._alias}-"
        return collection.startswith(prefix) and OURS.fullmatch(collection.removeprefix(prefix)) is not None

    def _point_alias(self) -> models.CreateAliasOperation:
        assert self._next is not None
        alias = models.CreateAlias(collection_name=self._next, alias_name=self._alias)
        return models.CreateAliasOperation(create_alias=alias)

    async def _create(self, collection: str, size: int) -> None:
        """Make a collection of one shard, which holds any book; more would only spread it over more nodes."""
        replicas = self._replication or await self._replicas()
        dense = {DENSE: models.VectorParams(size=size, distance=models.Distance.DOT)} if size else {}
        with self._server.errors("written"):
            try:
                await self._client.create_collection(
                    collection,
                    vectors_config=dense,
                    sparse_vectors_config={SPARSE: models.SparseVectorParams()},
                    shard_number=1,
                    replication_factor=replicas,
                    timeout=ADMINISTRATION_SECONDS,
                )
            except UnexpectedResponse as error:
                # The name is nobody else's: an address made it, and was lost before it could say so.
                if error.status_code not in ALREADY_THERE or b"already exists" not in error.content:
                    raise
        await self._index_fields(collection)

    async def _replicas(self) -> int | None:
        """Return on how many nodes to keep a collection: None, the server's own number, where it is no cluster."""
        with self._server.errors("read"):
            try:
                status = await self._client.cluster_status()
            except UnexpectedResponse as error:
                # A key for one collection, or a service that hides its nodes: it decides by itself.
                if error.status_code in {UNAUTHORIZED, FORBIDDEN, NOT_FOUND}:
                    return None
                raise
        peers = status.peers if isinstance(status, models.ClusterStatusOneOf1) else {}
        return REPLICAS_OF_A_CLUSTER if len(peers) >= REPLICAS_OF_A_CLUSTER else None

    async def _save_manifest(self, collection: str, manifest: Manifest) -> None:
        payload = {"manifest": base64.b64encode(dump_manifest(manifest)).decode()}
        metadata = asdict(manifest.info) | {"built_at": manifest.info.built_at.isoformat()}
        with self._server.errors("written", gone=LOST):
            point = models.PointStruct(id=MANIFEST_ID, vector={}, payload=payload)
            await self._server.writer.upsert(collection, [point], wait=True)
            await self._client.update_collection(collection, metadata=metadata, timeout=ADMINISTRATION_SECONDS)

    async def _is_past(self, collection: str) -> bool:
        """Say whether nobody can be reading a collection: it was never published, or has long been superseded.

        One that is superseded only now is marked with the time.
        """
        with self._server.errors("read"):
            metadata = (await self._client.get_collection(collection)).config.metadata or {}
        if "built_at" not in metadata:
            return True
        now = datetime.now(UTC)
        if SUPERSEDED not in metadata:
            metadata = metadata | {SUPERSEDED: now.isoformat()}
            with self._server.errors("written"):
                await self._client.update_collection(collection, metadata=metadata, timeout=ADMINISTRATION_SECONDS)
        return (now - datetime.fromisoformat(metadata[SUPERSEDED])).total_seconds() >= KEPT_SECONDS

    async def _delete(self, collection: str) -> None:
        with self._server.errors("written"):
            await self._client.delete_collection(collection, timeout=ADMINISTRATION_SECONDS)

    async def _index_fields(self, collection: str) -> None:
        kinds = dict.fromkeys(KEYWORD_FIELDS, models.PayloadSchemaType.KEYWORD)
        kinds |= dict.fromkeys(INTEGER_FIELDS, models.PayloadSchemaType.INTEGER)
        for name, kind in kinds.items():
            with self._server.errors("written", gone=LOST):
                await self._server.writer.create_payload_index(collection, name, kind, wait=True)


def _drop_alias(collection: str | None, alias: str) -> list[models.DeleteAliasOperation]:
    if collection is None:
        return []
    return [models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias))]
