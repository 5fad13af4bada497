"""A stream of events: sent without what chose it, and left when its client is gone or takes nothing."""

import asyncio
import gc
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from booklight.api import sse
from booklight.api.sse import EventStream, StreamingMiddleware

Source = Callable[[], AsyncGenerator[Sequence[str], None]]


class Client:
    """A client of one request, which takes what it is sent unless it `stalls`, and can leave."""

    def __init__(self, *, stalls: bool = False) -> None:
        self.sent: list[Message] = []
        self.left = asyncio.Event()
        self.got = asyncio.Event()
        self._stalls = stalls

    @property
    def text(self) -> bytes:
        """What was sent of the body."""
        return b"".join(message.get("body", b"") for message in self.sent)

    async def receive(self) -> Message:
        """Wait until the client leaves."""
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a message, or stall over the first of the body."""
        self.sent.append(message)
        if message["type"] == "http.response.body":
            self.got.set()
            if self._stalls:
                await asyncio.Event().wait()

    def request(self, app: ASGIApp) -> Awaitable[None]:
        """Send a request that `app` answers."""
        return app({"type": "http"}, self.receive, self.send)


class Noted:
    """What a layer of the app notes about a request."""


def streaming(source: Source, noted: list["weakref.ref[Noted]"] | None = None) -> ASGIApp:
    """Return an app that answers with the events of `source`, having noted something about the request."""

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        scope["noted"] = note = Noted()
        if noted is not None:
            noted.append(weakref.ref(note))
        await EventStream(source(), str.encode)(scope, receive, send)

    return StreamingMiddleware(choose)


async def test_a_stream_that_waits_keeps_nothing_of_what_chose_it() -> None:
    async def waiting() -> AsyncGenerator[Sequence[str], None]:
        yield ["first"]
        await asyncio.Event().wait()

    client, noted = Client(), list["weakref.ref[Noted]"]()
    task = asyncio.ensure_future(client.request(streaming(waiting, noted)))
    await client.got.wait()
    gc.collect()
    assert client.text == b"first"
    assert [reference() for reference in noted] == [None]
    client.left.set()
    await task


async def test_a_source_is_closed_when_the_client_leaves() -> None:
    closed: list[str] = []

    async def waiting() -> AsyncGenerator[Sequence[str], None]:
        try:
            yield ["first"]
            await asyncio.Event().wait()
        finally:
            closed.append("closed")

    client = Client()
    task = asyncio.ensure_future(client.request(streaming(waiting)))
    await client.got.wait()
    assert closed == []
    client.left.set()
    await task
    assert closed == ["closed"]


async def test_a_client_that_takes_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless() -> AsyncGenerator[Sequence[str], None]:
        while True:
            yield ["more"]

    monkeypatch.setattr(sse, "SEND_SECONDS", 0.01)
    client = Client(stalls=True)
    await client.request(streaming(endless))
    assert client.text == b"more"


async def test_a_stream_that_is_slow_to_be_left_is_left_once(monkeypatch: pytest.MonkeyPatch) -> None:
    errors: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    monkeypatch.setattr(sse, "SEND_SECONDS", 0.05)

    async def slow_to_close() -> AsyncGenerator[Sequence[str], None]:
        try:
            yield ["first"]
        finally:
            await asyncio.sleep(2 * sse.SEND_SECONDS)

    client = Client(stalls=True)
    task = asyncio.ensure_future(client.request(streaming(slow_to_close)))
    await client.got.wait()
    client.left.set()
    await task
    assert errors == []


async def test_what_goes_wrong_in_a_source_is_raised_and_a_cancelled_stream_is_cancelled() -> None:
    async def failing() -> AsyncGenerator[Sequence[str], None]:
        yield ["first"]
        raise LookupError("the source is gone")

    with pytest.raises(LookupError, match="the source is gone"):
        await Client().request(streaming(failing))

    async def waiting() -> AsyncGenerator[Sequence[str], None]:
        yield ["first"]
        await asyncio.Event().wait()

    client = Client()
    task = asyncio.ensure_future(client.request(streaming(waiting)))
    await client.got.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_is_no_stream_passes() -> None:
    async def plain(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    client = Client()
    await client.request(StreamingMiddleware(plain))
    assert [message["type"] for message in client.sent] == ["http.response.start", "http.response.body"]
