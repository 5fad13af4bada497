"""Middleware around every request: security headers, a request id, a span, and a line in the log."""

import logging
import time

from opentelemetry.trace import NoOpTracer, SpanKind, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from booklight.ops.current_request import CurrentRequest, current_request
from booklight.ops.logging import fields
from booklight.ops.tracing import add_attributes, current_span, current_trace_id

API = "/assistant"
REQUEST_ID = "X-Request-Id"
METRICS = "/metrics"
MCP = "/mcp"
SHARED = f"{API}/shared/"
"""What a shared answer's address begins with; the rest of it opens the answer."""

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "SAMEORIGIN",
}
_API_ONLY = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cache-Control": "no-store"}
_KINDS = {
    *("chatkit", "session", "forget", "asked", "share", "unshare", "shares"),
    *("health", "ready", "index", "insights", "insights.json", "openapi.json"),
}
_PROBES = {"health", "ready", "metrics"}
"""Kinds that are asked for all the time; they and the files of a site are logged for debugging only."""
_CLIENT_GONE = 499
"""The status of a request whose client was gone before it could be answered."""

logger = logging.getLogger("booklight.requests")


class HeadersAndLogMiddleware:
    """Adds headers, an id, a span and a log line to every request of `app`.

    A pure ASGI middleware, since Starlette's own kind costs more than the framework itself.
    """

    def __init__(self, app: ASGIApp, tracer: Tracer | None = None) -> None:
        self._app = app
        self._tracer = tracer or NoOpTracer()
        self._propagator = TraceContextTextMapPropagator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = CurrentRequest(_kind(scope["path"]))
        token = current_request.set(request)
        try:
            await self._answer(request, scope, receive, send)
        finally:
            current_request.reset(token)

    async def _answer(self, request: CurrentRequest, scope: Scope, receive: Receive, send: Send) -> None:
        began, status = time.monotonic(), _CLIENT_GONE
        is_api = scope["path"].startswith(API) or scope["path"] in (METRICS, MCP)

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(MutableHeaders(scope=message), is_api, request.id)
            await send(message)

        # The trace that the request names by `traceparent`, if it does.
        context = self._propagator.extract(Headers(scope=scope))
        with current_span(self._tracer, "request", context=context, kind=SpanKind.SERVER) as span:
            request.trace = current_trace_id()
            try:
                await self._app(scope, receive, send_with_headers)
            finally:
                add_attributes(span, request=request.id, kind=request.kind, method=scope["method"], status=status)
                _log(request, scope, status, time.monotonic() - began)


def _log(request: CurrentRequest, scope: Scope, status: int, seconds: float) -> None:
    level = logging.DEBUG if request.kind in _PROBES or request.kind == "site" else logging.INFO
    shown = fields(status=status, ms=round(seconds * 1000, 1), kind=request.kind)
    logger.log(level, "%s %s", scope["method"], loggable_path(scope["path"]), extra=shown)


def loggable_path(path: str) -> str:
    """Return a path as it may be logged: without what opens a shared answer, and on one line.

    What is not printable ASCII could be taken for another line.
    """
    return f"{SHARED}…" if path.startswith(SHARED) else ascii(path)[1:-1]


def _kind(path: str) -> str:
    """Return the kind of a request as its path shows: the name of one of our addresses, or the site."""
    if path == METRICS:
        return "metrics"
    if path == MCP:
        return "mcp"
    if path.startswith(SHARED):
        return "shared"
    if not path.startswith(f"{API}/"):
        return "site"
    name = path.removeprefix(f"{API}/")
    return name if name in _KINDS else "unknown"


def _add_headers(headers: MutableHeaders, is_api: bool, request_id: str) -> None:
    for name, value in (_EVERYWHERE | _API_ONLY if is_api else _EVERYWHERE).items():
        headers.setdefault(name, value)
    headers[REQUEST_ID] = request_id
