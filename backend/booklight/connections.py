"""Connections, bounded before a request is whole: how many there are, how long its headers and its body take to come.

uvicorn bounds none of these itself but the time between two requests. What goes wrong here is answered in JSON, as all
errors are, and what a client still sends then is read for a moment, since to close at once would lose it the answer.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Literal, Protocol, cast

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from booklight import timing
from booklight.auth.client_address import TrustedProxies, counted_address
from booklight.errors import TooLarge
from booklight.ops.metrics import STATE
from booklight.ops.open_files import ROOM_TO_REFUSE
from booklight.settings import Settings

MAX_HEADERS = 64_000
LEAST_PER_SECOND = 1_000
"""Bytes of a body that have to come in a second, on average."""
MAX_LINGERING = 16_000_000
HEALTH = "/assistant/health"

Phase = Literal["headers", "body", "answer", "refused"]


class ConnectionMetrics(Protocol):
    """Counts connections that are open, and those that are refused."""

    def note_connections(self, count: int) -> None: ...
    def count_error(self, code: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Excess:
    """Which bound a connection is beyond, in words for who opened it."""

    code: str
    message: str


OVERLOADED = Excess("overloaded", "Too many readers are connected; please try again in a moment.")
OF_ONE_ADDRESS = Excess(
    "too_many_connections", "Too many connections of your network are open; please try again in a moment."
)


class OpenConnections:
    """The connections of a worker: how many are open, of all and of each address, and how many are served of them."""

    def __init__(self, *, served: int, served_of_address: int, proxies: TrustedProxies) -> None:
        self._served = served
        self._served_of_address = served_of_address
        self._proxies = proxies
        self._of_address: Counter[str] = Counter()
        self.count = 0

    def add(self, peer: str) -> tuple[Excess | None, bool]:
        """Count one. Return which bound it is beyond, and whether by so much that it is not even told so."""
        address = self._address(peer)
        self.count += 1
        self._of_address[address] += 1
        own = self._of_address[address] if address else 0
        far = self.count > ROOM_TO_REFUSE * self._served or own > ROOM_TO_REFUSE * self._served_of_address
        if own > self._served_of_address:
            return OF_ONE_ADDRESS, far
        return OVERLOADED if self.count > self._served else None, far

    def remove(self, peer: str) -> None:
        """Count one less."""
        address = self._address(peer)
        self.count -= 1
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]

    def _address(self, peer: str) -> str:
        """Return what the peer is counted as, nothing for a proxy: all readers come by that."""
        return "" if self._proxies.trusts(peer) else counted_address(peer)


def bounded_protocol(settings: Settings) -> type[asyncio.Protocol]:
    """Return what uvicorn is to make its connections of: they count each other."""
    connections = OpenConnections(
        served=settings.max_connections,
        served_of_address=settings.max_connections_per_address,
        proxies=TrustedProxies(settings.trusted_proxies),
    )
    # uvicorn only ever calls it.
    return cast("type[asyncio.Protocol]", partial(BoundedProtocol, connections))


class BoundedProtocol(HttpToolsProtocol):
    """One connection of those that are open."""

    def __init__(self, opened: OpenConnections, **given: Any) -> None:
        super().__init__(**given)
        self._opened = opened

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._phase: Phase = "headers"
        self._headers = self._named = self._body = 0
        self._headers_ended = False
        self._began = self.loop.time()
        self._begin_headers()
        excess, far = self._opened.add(self._peer)
        self._metrics.note_connections(self._opened.count)
        if excess is not None:
            self.app = RefusedConnection(self.app, excess, self._metrics)
        if far:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave no timer behind."""
        self._cancel_timer()
        self._opened.remove(self._peer)
        self._metrics.note_connections(self._opened.count)
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

    @property
    def _peer(self) -> str:
        return "" if self.client is None else self.client[0]

    @property
    def _metrics(self) -> ConnectionMetrics:
        metrics: ConnectionMetrics = self.app_state[STATE]
        return metrics

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


class RefusedConnection:
    """What is answered on a connection beyond those that are served: 503, but that the process is alive."""

    def __init__(self, app: ASGIApp, excess: Excess, metrics: ConnectionMetrics) -> None:
        self._app = app
        self._excess = excess
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"] == HEALTH:
            return await self._app(scope, receive, send)
        self._metrics.count_error(self._excess.code)
        headers = {"Retry-After": "5", "Connection": "close"}
        return await JSONResponse({"error": asdict(self._excess)}, HTTPStatus.SERVICE_UNAVAILABLE, headers)(
            scope, receive, send
        )
