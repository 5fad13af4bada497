"""A response that streams server-sent events, and lets go of what it reads as soon as its client is gone."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from booklight.idle_timeout import Alarm

STREAM_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache",
    "Connection": "keep-alive",
    "X-Accel-Buffering": "no",
}
SEND_SECONDS = 60.0


class EventStream(StreamingResponse):
    """Sends `frames` as they come. A client that takes nothing for SEND_SECONDS is taken to be gone.

    Starlette's own would learn of a client that left only by sending to it, or else cost a task group per stream.
    """

    def __init__(self, frames: AsyncGenerator[bytes, None]) -> None:
        super().__init__(frames, headers=STREAM_HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the frames end or the client is gone; both are the end of it, and no error."""
        sending = Alarm(SEND_SECONDS, lambda: writing.cancel())
        writing = asyncio.create_task(self._send_all(send, sending))
        leaving = asyncio.create_task(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.close()
            leaving.cancel()
            writing.cancel()
            (failure, _) = await asyncio.gather(writing, leaving, return_exceptions=True)
        if isinstance(failure, BaseException) and not isinstance(failure, asyncio.CancelledError | OSError):
            raise failure

    async def _send_all(self, send: Send, sending: Alarm) -> None:
        """Send headers, then each frame by itself."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(cast(AsyncGenerator[bytes, None], self.body_iterator)) as frames:
            async for frame in frames:
                sending.set()
                await send({"type": "http.response.body", "body": frame, "more_body": True})
                sending.put_off()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
