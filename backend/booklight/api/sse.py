"""A response that streams server-sent events (SSE), and stops reading their source when its client disconnects."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext, suppress
from typing import Generic, TypeVar

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from booklight.idle_timeout import IdleTimeout

STREAM_HEADERS = {
    "Content-Type": "text/event-stream",
    # Compression in front would hold pieces back until its buffer is full.
    "Cache-Control": "no-cache, no-transform",
    "Connection": "keep-alive",
    "X-Accel-Buffering": "no",
}
SEND_SECONDS = 60.0
_STREAM = "booklight.stream"
"""Where in its scope a request keeps the stream that answers it, until the stream is sent."""
KEEPALIVE = b": keepalive\n\n"

Event = TypeVar("Event")
Batches = AsyncGenerator[Sequence[Event], None]
"""Events, as many at a time as there are; an empty batch says that there were none for a while."""


class EventStream(Response, Generic[Event]):
    """Sends `batches` as they come, each event as `frame` makes it, then what `end` returns.

    A client that takes nothing for SEND_SECONDS is taken to be gone. `during` is held while the stream is sent, which
    is done by StreamingMiddleware. Starlette's own kind of response would learn of a client that left only by sending
    to it, or else cost a task group per stream.
    """

    def __init__(
        self,
        batches: Batches[Event],
        frame: Callable[[Event], bytes],
        *,
        end: Callable[[], bytes] = bytes,
        during: AbstractContextManager[None] | None = None,
    ) -> None:
        super().__init__(headers=STREAM_HEADERS)
        del self.headers["content-length"]
        self._batches, self._frame, self._end = batches, frame, end
        self._during = during or nullcontext()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Leave the stream to StreamingMiddleware."""
        scope[_STREAM] = self

    async def stream(self, receive: Receive, send: Send) -> None:
        """Send everything until the events end or the client is gone; both are the end of it, and no error."""
        # To send to a client that is gone is an OSError, and so is the timeout's own error, once `gone` has expired.
        with suppress(OSError):
            async with asyncio.timeout(None) as gone:
                idle = IdleTimeout(SEND_SECONDS, lambda: _leave(gone))
                leaving = asyncio.create_task(_follow_client(receive, gone))
                try:
                    await self._send_all(send, idle)
                finally:
                    idle.close()
                    leaving.cancel()

    async def _send_all(self, send: Send, idle: IdleTimeout) -> None:
        """Send headers, then each batch by itself."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        with self._during:
            async with aclosing(self._batches) as batches:
                async for batch in batches:
                    frames = b"".join(map(self._frame, batch))
                    if frames or not batch:
                        idle.start()
                        await send({"type": "http.response.body", "body": frames or KEEPALIVE, "more_body": True})
                        idle.stop()
                    # A stream may wait for long, and needs nothing of what it has sent.
                    del batch, frames
        idle.start()
        await send({"type": "http.response.body", "body": self._end(), "more_body": False})


class StreamingMiddleware:
    """Sends an EventStream that `app` answers with, once `app` has let go of the request.

    So a stream that waits keeps nothing of the layers that chose it, which hold more than the stream itself.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        stream = await self._choose(dict(scope), receive, send)
        if stream is not None:
            await stream.stream(receive, send)

    async def _choose(self, scope: Scope, receive: Receive, send: Send) -> "EventStream[object] | None":
        """Return the stream to answer with; None where `app` has answered. What layers note in `scope` goes with it."""
        await self._app(scope, receive, send)
        stream: EventStream[object] | None = scope.get(_STREAM)
        return stream


async def _follow_client(receive: Receive, gone: asyncio.Timeout) -> None:
    """Leave the block of `gone` when the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass
    _leave(gone)


def _leave(block: asyncio.Timeout) -> None:
    """Leave the block of a timeout, unless it is being left already."""
    if not block.expired():
        block.reschedule(0)
