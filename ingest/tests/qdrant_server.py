"""Where tests of the server path keep an index: in memory, or on the Qdrant server that the environment names.

In memory, Qdrant's REST interface is spoken below the client by a transport over the client's own in-memory engine.
Whatever can happen to a server on its way is played there, for each address by itself.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from pydantic import BaseModel
from qdrant_client import AsyncQdrantClient, QdrantClient, models

from booklight_ingest.index.live import QdrantServer

VARIABLE = "BOOKLIGHT_TEST_QDRANT_URL"
URL = "http://qdrant.example:6333"

LEVELS_OF_A_COLLECTION = 2

# What happens to a request at one address: it raises, it answers itself, or it lets the server answer.
Fault = Callable[[httpx.Request], Awaitable[httpx.Response | None]]


@dataclass
class InMemoryQdrant(httpx.AsyncBaseTransport):
    """A Qdrant server with `peers` nodes in its cluster, none of which is one. `asked` are the requests that came."""

    peers: int = 0
    keys: dict[str, bool] = field(default_factory=dict)
    """The keys it accepts, and whether each may write; none at all asks for none."""
    faults: dict[str, Fault] = field(default_factory=dict)
    """What is wrong with an address, by its host; `*` is wrong with all."""
    asked: list[httpx.Request] = field(default_factory=list)
    client: AsyncQdrantClient = field(default_factory=lambda: AsyncQdrantClient(":memory:"))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        for host in ("*", request.url.host):
            if host in self.faults and (answer := await self.faults[host](request)) is not None:
                return answer
        if (refused := self._refuse(request) or _refuse_time(request)) is not None:
            return refused
        try:
            return _answer(await self._route(request))
        except ValueError as error:
            status = 404 if "not found" in str(error) else 409 if "already exists" in str(error) else 400
            return _error(status, str(error))

    def paths(self) -> list[str]:
        """Return the method and path of every request that came."""
        return [f"{request.method} {request.url.path}" for request in self.asked]

    async def collections(self) -> set[str]:
        return {found.name for found in (await self.client.get_collections()).collections}

    def _refuse(self, request: httpx.Request) -> httpx.Response | None:
        if not self.keys or request.url.path == "/readyz":
            return None
        key = request.headers.get("api-key")
        if key not in self.keys:
            return _error(401, "Invalid API key or JWT")
        reads = request.method == "GET" or request.url.path.endswith(("/points", "/query/batch", "/scroll", "/count"))
        return None if self.keys[key] or (reads and request.method != "PUT") else _error(403, "Forbidden")

    async def _route(self, request: httpx.Request) -> Any:
        parts = request.url.path.strip("/").split("/")
        match request.method, *parts:
            case "GET", "readyz":
                return "all shards are ready"
            case "GET", "cluster":
                return self._cluster()
            case "GET", "aliases":
                return await self.client.get_aliases()
            case "POST", "collections", "aliases":
                changes = models.ChangeAliasesOperation.model_validate_json(request.content)
                return await self.client.update_collection_aliases(changes.actions)
            case "GET", "collections":
                return await self.client.get_collections()
            case method, "collections", name:
                return await self._collection(method, name, request.content)
            case "PUT", "collections", name, "index":
                return {"operation_id": 1, "status": "completed"}
            case method, "collections", name, "points", *more:
                return await self._points(method, name, "/".join(more), request.content)
        raise ValueError(f"{request.method} {request.url.path} is not played here")

    async def _collection(self, method: str, name: str, content: bytes) -> Any:
        match method:
            case "GET":
                return await self.client.get_collection(name)
            case "DELETE":
                return await self.client.delete_collection(name)
            case "PATCH":
                changed = models.UpdateCollection.model_validate_json(content)
                return await self.client.update_collection(name, metadata=changed.metadata)
        made = models.CreateCollection.model_validate_json(content)
        return await self.client.create_collection(
            name, vectors_config=made.vectors or {}, sparse_vectors_config=made.sparse_vectors
        )

    async def _points(self, method: str, name: str, what: str, content: bytes) -> Any:
        match method, what:
            case "PUT", "":
                return await self.client.upsert(name, models.PointsList.model_validate_json(content).points)
            case "POST", "":
                wanted = models.PointRequest.model_validate_json(content)
                return await self.client.retrieve(
                    name,
                    wanted.ids,
                    with_payload=wanted.with_payload or False,
                    with_vectors=wanted.with_vector or False,
                )
            case "POST", "delete":
                return await self.client.delete(name, models.PointIdsList.model_validate_json(content))
            case "POST", "count":
                counted = models.CountRequest.model_validate_json(content)
                return await self.client.count(name, counted.filter, exact=True)
            case "POST", "query/batch":
                batch = models.QueryRequestBatch.model_validate_json(content)
                # The engine in memory is always exact, and warns of being told so.
                searches = [search.model_copy(update={"params": None}) for search in batch.searches]
                return await self.client.query_batch_points(name, searches)
        scrolled = models.ScrollRequest.model_validate_json(content)
        points, offset = await self.client.scroll(
            name,
            scrolled.filter,
            limit=scrolled.limit or 10,
            offset=scrolled.offset,
            with_payload=scrolled.with_payload or False,
            with_vectors=scrolled.with_vector or False,
        )
        return {"points": points, "next_page_offset": offset}

    def _cluster(self) -> dict[str, Any]:
        if not self.peers:
            return {"status": "disabled"}
        raft = {"term": 1, "commit": 1, "pending_operations": 0, "is_voter": True}
        return {
            "status": "enabled",
            "peer_id": 0,
            "peers": {str(peer): {"uri": f"http://node{peer}:6335"} for peer in range(self.peers)},
            "raft_info": raft,
            "consensus_thread_status": {"consensus_thread_status": "working", "last_update": "2026-01-01T00:00:00Z"},
            "message_send_failures": {},
        }


async def refuse_connections(request: httpx.Request) -> None:
    """The process is not there."""
    raise httpx.ConnectError("connection refused", request=request)


async def stop(request: httpx.Request) -> None:
    """The process was stopped: it takes connections and says nothing."""
    await asyncio.Event().wait()


async def break_connection(request: httpx.Request) -> None:
    """The process went away with the connection open."""
    raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)


async def lose_shards(request: httpx.Request) -> httpx.Response | None:
    """The nodes that hold the points cannot be reached from this one."""
    return (
        _error(500, "Service internal error: 1 of 1 read operations failed") if "/points" in request.url.path else None
    )


def new_server() -> QdrantServer:
    """Return a location of the test's own; `remove_collections` leaves nothing of it behind on a real server."""
    url = os.environ.get(VARIABLE)
    if url is None:
        return in_memory(InMemoryQdrant())
    return QdrantServer(urls=(url,), collection=f"{REAL}{uuid4().hex}")


def in_memory(server: InMemoryQdrant, *urls: str, **more: Any) -> QdrantServer:
    """Return the location of an index on `server`."""
    return QdrantServer(urls=urls or (URL,), transport=server, **more)


REAL = f"test-{uuid4().hex[:8]}-"
"""What the collections of this run begin with on a real server."""


def remove_collections() -> None:
    """Remove from the real server, if there is one, what the tests of this run have left there."""
    url = os.environ.get(VARIABLE)
    if url is None:
        return
    client = QdrantClient(url=url, check_compatibility=False)
    for found in client.get_collections().collections:
        if found.name.startswith(REAL):
            client.delete_collection(found.name)
    client.close()


def _refuse_time(request: httpx.Request) -> httpx.Response | None:
    """Refuse a change of points or fields whose address names a time, as 1.16.3 does."""
    changes = request.method == "PUT" or request.url.path.endswith("/points/delete")
    if changes and "timeout" in request.url.params and request.url.path.count("/") > LEVELS_OF_A_COLLECTION:
        return _error(400, 'Deserialize error in query parameters: invalid type: string "60", expected struct Duration')
    return None


def _answer(result: Any) -> httpx.Response:
    body = json.dumps({"result": _plain(result), "status": "ok", "time": 0.0})
    return httpx.Response(200, content=body, headers={"Content-Type": "application/json"})


def _plain(result: Any) -> Any:
    if isinstance(result, BaseModel):
        return result.model_dump(mode="json", exclude_none=True)
    if isinstance(result, dict):
        return {name: _plain(value) for name, value in result.items()}
    return [_plain(one) for one in result] if isinstance(result, list) else result


def _error(status: int, text: str) -> httpx.Response:
    return httpx.Response(status, json={"status": {"error": text}, "time": 0.0})
