"""Connections, bounded before a request is whole: how many there are, how long its headers and its body take to come.

uvicorn bounds none of these itself but the time between two requests. What goes wrong here is answered in JSON, as all
errors are, and what a client still sends then is read for a moment, since to close at once would lose it the answer.
"""

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Literal

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from booklight import timing
from booklight.errors import TooLarge

MAX_HEADERS = 64_000
LEAST_PER_SECOND = 1_000
"""Bytes of a body that have to come in a second, on average."""
MAX_LINGERING = 16_000_000
HEALTH = "/assistant/health"
ROOM_TO_REFUSE = 2
"""So many times the connections that are served may be open, to be told that they are too many."""

Phase = Literal["headers", "body", "answer", "refused"]


class BoundedProtocol(HttpToolsProtocol):
    """One connection. `limit_concurrency` of its configuration is how many are served at once."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._phase: Phase = "headers"
        self._headers = self._named = self._body = 0
        self._headers_ended = False
        self._began = self.loop.time()
        most, self.limit_concurrency = self.limit_concurrency, None
        self._begin_headers()
        if most is not None and len(self.connections) > most:
            self.app = Overloaded(self.app)
            if len(self.connections) > ROOM_TO_REFUSE * most:
                transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave no timer behind."""
        self._cancel_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has come, unless it is too much."""
        if self._phase == "refused":
            self._headers += len(data)
            if self._headers > MAX_LINGERING:
                self.transport.abort()
            return
        if self._phase == "answer" and (self.cycle is None or self.cycle.response_complete):
            self._begin_headers()
        self._headers_ended = False
        super().data_received(data)
        if self._phase == "headers" and not self._headers_ended:
            self._headers += len(data)
            if self._headers > MAX_HEADERS:
                self._refuse_headers()

    def on_message_begin(self) -> None:
        """Begin a request, which may be the next on a connection."""
        if self._phase != "headers":
            self._begin_headers()
        super().on_message_begin()
        self._named = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count what came in one piece. Raises TooLarge, which ends the parsing of it."""
        self._named += len(name) + len(value)
        if self._named > MAX_HEADERS:
            raise TooLarge("The headers are too large.")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Wait for the body."""
        self._headers_ended, self._body, self._began = True, 0, self.loop.time()
        self._enter("body", timing.BODY_CHECK_SECONDS, self._check_body)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count a part of the body."""
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for nothing: the request is whole."""
        self._phase = "answer"
        self._cancel_timer()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be parsed, or was too much to."""
        if self._phase == "headers" and self._named > MAX_HEADERS:
            self._refuse_headers()
        elif self._phase != "refused":
            super().send_400_response(msg)

    def _begin_headers(self) -> None:
        self._headers = 0
        self._enter("headers", timing.HEADERS_SECONDS, self._late)

    def _refuse_headers(self) -> None:
        status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        self._refuse(status, "headers_too_large", f"The headers are larger than {MAX_HEADERS // 1_000} kB.")

    def _check_body(self) -> None:
        """Refuse a body that is too late or too slow; while we do not read it, that is not the client's fault."""
        waited = self.loop.time() - self._began
        too_slow = self._body < LEAST_PER_SECOND * waited or waited > timing.BODY_SECONDS
        if too_slow and not self.flow.read_paused:
            return self._late()
        return self._enter("body", timing.BODY_CHECK_SECONDS, self._check_body)

    def _late(self) -> None:
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, "request_timeout", "The request did not come in time.")

    def _refuse(self, status: HTTPStatus, code: str, message: str) -> None:
        """Answer with an error, unless an answer has begun, and close the connection."""
        body = json.dumps({"error": {"code": code, "message": message}}).encode()
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\nconnection: close\r\n"
        answering = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if not answering and not self.transport.is_closing():
            self.transport.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        self._headers = 0
        self._enter("refused", 0 if answering else timing.LINGER_SECONDS, self.transport.close)

    def _enter(self, phase: Phase, seconds: float, expired: Callable[[], None]) -> None:
        self._phase = phase
        self._cancel_timer()
        self._timer = self.loop.call_later(seconds, expired)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Overloaded:
    """What is answered on connections beyond those that are served: 503, but that the process is alive."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"] == HEALTH:
            return await self._app(scope, receive, send)
        error = {"code": "overloaded", "message": "Too many readers are connected; please try again in a moment."}
        headers = {"Retry-After": "5", "Connection": "close"}
        return await JSONResponse({"error": error}, HTTPStatus.SERVICE_UNAVAILABLE, headers)(scope, receive, send)
