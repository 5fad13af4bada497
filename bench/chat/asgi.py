"""Ask an ASGI app in this process: no server and no socket, so that the CPU measured is the app's own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp, Message, Scope


@asynccontextmanager
async def running(app: ASGIApp) -> AsyncIterator[None]:
    """Run an app's lifespan around the block."""
    started, ending = asyncio.Event(), asyncio.Event()
    inbox = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Message:
        kind = next(inbox)
        if kind == "lifespan.shutdown":
            await ending.wait()
        return {"type": kind}

    async def send(message: Message) -> None:
        started.set()

    scope: Scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.ensure_future(_call(app, scope, receive, send))
    await started.wait()
    try:
        yield
    finally:
        ending.set()
        await task


async def post(app: ASGIApp, path: str, body: bytes, seen: Callable[[bytes], None] = lambda part: None) -> bytes:
    """Send `body` as JSON, as a client that stays to the end, and return the whole answer.

    `seen` is given each part of it as it comes.
    """
    asked, gone, parts = iter([{"type": "http.request", "body": body, "more_body": False}]), asyncio.Event(), []

    async def receive() -> Message:
        for message in asked:
            return message
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        parts.append(message.get("body", b""))
        seen(parts[-1])

    await app(_request_scope(path), receive, send)
    return b"".join(parts)


async def _call(app: ASGIApp, *arguments: Any) -> None:
    await app(*arguments)


def _request_scope(path: str) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
