"""A response that streams server-sent events (SSE), and stops reading their source when its client disconnects."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext, suppress
from typing import Generic, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from booklight.idle_timeout import IdleTimeout

STREAM_HEADERS = {
    "Content-Type": "text/event-stream",
    # Compression in front would hold pieces back until its buffer is full.
    "Cache-Control": "no-cache, no-transform",
    "Connection": "keep-alive",
    "X-Accel-Buffering": "no",
}
SEND_SECONDS = 60.0
KEEPALIVE = b": keepalive\n\n"

Event = TypeVar("Event")
Batches = AsyncGenerator[Sequence[Event], None]
"""Events, as many at a time as there are; an empty batch says that there were none for a while."""


class EventStream(Response, Generic[Event]):
    """Sends `batches` as they come, each event as `frame` makes it, then what `end` returns.

    A client that takes nothing for SEND_SECONDS is taken to be gone. `during` is held while the stream is sent.
    Starlette's own would learn of a client that left only by sending to it, or else cost a task group per stream.
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
        """Stream until the events end or the client is gone; both are the end of it, and no error."""
        idle = IdleTimeout(SEND_SECONDS, lambda: writing.cancel())
        writing = asyncio.create_task(self._send_all(send, idle))
        leaving = asyncio.create_task(_client_gone(receive))
        try:
            await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            idle.close()
            leaving.cancel()
            writing.cancel()
            await asyncio.wait({writing, leaving})
        with suppress(asyncio.CancelledError, OSError):
            writing.result()

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


async def _client_gone(receive: Receive) -> None:
    """Return when the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass
