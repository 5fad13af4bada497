"""`POST /mcp`: MCP by streamable HTTP, within the origins and the limits that hold for every question.

The protocol is spoken without sessions, so that any worker answers any request. Importing this module imports nothing
of the protocol's library; that is done in a thread, once the index is open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from booklight.api.bodies import read_json
from booklight.auth.authenticator import Authenticator
from booklight.auth.client_address import client_address
from booklight.auth.origins import REFUSED, AllowedOrigins
from booklight.auth.rate_limits import RefusalLimit, TurnLimits
from booklight.errors import ForeignOrigin, NotReady, RequestError, TooManyRequests, Unauthorized

if TYPE_CHECKING:  # see above
    from mcp.server import Server
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

COUNTED = ("tools/call", "resources/read")
"""The methods that search or read; each counts as a turn."""
HEADERS = ("Mcp-Protocol-Version", "Mcp-Session-Id", "Mcp-Method", "Mcp-Name")
"""The protocol's own headers, which a browser asks leave to send."""
SERVER_ERROR = -32000
"""JSON-RPC's code for errors of a server's own."""


class McpEndpoint:
    """An ASGI app. `build` imports and makes the server; `origins` names those whose pages may call it.

    A page of the sidecar's own origin may not, unless it is named: no page of ours calls it, and one that an attacker
    serves under a name that leads to this machine would pass for one.
    """

    def __init__(
        self,
        build: Callable[[], Server[Any]],
        *,
        authenticator: Authenticator,
        limits: TurnLimits,
        refusals: RefusalLimit,
        origins: AllowedOrigins,
        wait_for_index: Callable[[], Awaitable[None]],
    ) -> None:
        self._build = build
        self._authenticator = authenticator
        self._limits = limits
        self._refusals = refusals
        self._origins = origins
        self._wait_for_index = wait_for_index
        self._manager: StreamableHTTPSessionManager | None = None

    async def run(self) -> None:
        """Serve from when the index is open until cancelled."""
        await self._wait_for_index()
        manager = await asyncio.to_thread(self._build_manager)
        async with manager.run():
            self._manager = manager
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                self._manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is refused is a JSON-RPC error, which clients of the protocol show."""
        request = Request(scope, receive)
        read: list[Message] = []

        async def receive_and_keep() -> Message:
            read.append(await receive())
            return read[-1]

        async def receive_again() -> Message:
            return read.pop(0) if read else await receive()

        address = client_address(request)
        try:
            await self._refusals.check(address)
            self._check_origin(request)
            manager = self._require_manager()
            reader = await self._authenticator.identify(request.headers.get("authorization"))
            body = await read_json(Request(scope, receive_and_keep))
            if body.get("method") in COUNTED:
                await self._limits.count(reader.id, address)
        except RequestError as error:
            await self._refusals.count(address, error)
            return await _refusal(error)(scope, receive, send)
        return await manager.handle_request(scope, receive_again, send)

    def _build_manager(self) -> StreamableHTTPSessionManager:
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        return StreamableHTTPSessionManager(self._build(), json_response=True, stateless=True)

    def _require_manager(self) -> StreamableHTTPSessionManager:
        if self._manager is None:
            raise NotReady("The book is being opened; try again in a moment.")
        return self._manager

    def _check_origin(self, request: Request) -> None:
        origin = request.headers.get("origin")
        if origin is not None and not self._origins.names(origin):
            self._origins.log_refused(origin)
            raise ForeignOrigin(REFUSED)


def _refusal(error: RequestError) -> JSONResponse:
    headers = {}
    match error:
        case TooManyRequests():
            headers = {"Retry-After": str(error.retry_after)}
        case Unauthorized():
            headers = {"WWW-Authenticate": "Bearer"}
    told = {"code": SERVER_ERROR, "message": str(error), "data": {"code": error.code}}
    return JSONResponse({"jsonrpc": "2.0", "id": None, "error": told}, error.status, headers)
