"""What every answer gets on its way out: security headers, a request id, and a line in the log without reader text."""

import logging
import time
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "/assistant"
REQUEST_ID = "X-Request-Id"

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "SAMEORIGIN",
}
_API_ONLY = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cache-Control": "no-store"}

logger = logging.getLogger("booklight.requests")


class Envelope:
    """Wraps `app`. A pure ASGI middleware, since Starlette's own kind costs more than the framework itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, began = uuid4().hex, time.monotonic()
        is_api = scope["path"].startswith(API)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message), is_api, request_id)
                if is_api:
                    seconds = time.monotonic() - began
                    line = "request=%s %s %a status=%d seconds=%.3f"
                    logger.info(line, request_id, scope["method"], scope["path"], message["status"], seconds)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _add_headers(headers: MutableHeaders, is_api: bool, request_id: str) -> None:
    for name, value in (_EVERYWHERE | _API_ONLY if is_api else _EVERYWHERE).items():
        headers.setdefault(name, value)
    headers[REQUEST_ID] = request_id
