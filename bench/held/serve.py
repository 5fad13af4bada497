"""One server in a process of its own, run as a script with `ours DATABASE_URL FOLDER` or `bare FRAMES_JSON`.

Prints its port once it answers. The bare one is an ASGI function that sends the frames it was given, at the same pace.
Both are on the event loop that uvicorn chooses by itself, and collect garbage by time, as `booklight serve` does.
"""

import asyncio
import json
import socket
import sys
from pathlib import Path
from typing import Any, Literal

import uvicorn

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2])]

from starlette.types import ASGIApp  # noqa: E402

from backend.tests.key import KEY  # noqa: E402
from backend.tests.live import connected, ready_component  # noqa: E402
from booklight.app import create_app  # noqa: E402
from booklight.lifecycle import Component, Components  # noqa: E402
from booklight.ops.garbage import collect_by_time  # noqa: E402
from booklight.settings import Settings  # noqa: E402
from booklight.store.threads import open_store  # noqa: E402
from booklight_ingest.embed.embedder import NoEmbedder  # noqa: E402
from booklight_ingest.index.live import open_index  # noqa: E402
from held.pace import INTERVAL, Gate, HeldModel  # noqa: E402

BACKLOG = 2048
UNLIMITED = {"turns_per_minute": 10**6, "turns_per_minute_per_address": 10**6}


async def our_app(gate: Gate, database_url: str, folder: str) -> ASGIApp:
    """Return the sidecar, answered by a HeldModel."""
    settings = Settings(_env_file=None, database_url=database_url, secret_key=KEY, **UNLIMITED)  # type: ignore[arg-type]
    components = Components(
        database=ready_component("database", await open_store(database_url)),
        index=Component("index", lambda: open_index(Path(folder), NoEmbedder())),
        model=ready_component("model", connected(HeldModel(gate))),
    )
    return create_app(settings, components=components, startup_timeout=30)


def bare_app(gate: Gate, frames: list[str]) -> ASGIApp:
    """Return an app that answers whatever it is asked with `frames`: the first at once, the others paced."""
    sent = [frame.encode() for frame in frames]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        await receive()
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number, frame in enumerate(sent):
            if number == 1:
                await gate.pass_through()
            elif 1 < number < len(sent) - 1:
                await asyncio.sleep(INTERVAL)
            await send({"type": "http.response.body", "body": frame, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


def read_frames(file: str) -> list[str]:
    """Return the frames that ours has sent."""
    frames: list[str] = json.loads(Path(file).read_text())
    return frames


async def main(kind: str, *arguments: str) -> None:
    """Serve until terminated."""
    collect_by_time()
    gate = Gate()
    app = await our_app(gate, *arguments) if kind == "ours" else bare_app(gate, read_frames(*arguments))
    lifespan: Literal["on", "off"] = "on" if kind == "ours" else "off"
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listening:
        config = uvicorn.Config(app, lifespan=lifespan, log_level="critical", access_log=False, server_header=False)
        print(listening.getsockname()[1], flush=True)
        await uvicorn.Server(config).serve(sockets=[listening])


def run(*arguments: str) -> None:
    """Run `main` on uvicorn's own loop."""
    with asyncio.Runner(loop_factory=uvicorn.Config("held").get_loop_factory()) as runner:
        runner.run(main(*arguments))


if __name__ == "__main__":
    run(*sys.argv[1:])
