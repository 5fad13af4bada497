"""A model that says the same 200 words each time: in this process, or as an HTTP server in a process of its own.

It searches first if it has a tool and was given no passages. The server speaks the Responses format; `wait` and `gap`
in an address are the times in milliseconds before the first piece and between two: at `http://…/0/0/v1` everything
comes at once. `http://…/calls` tells how often each model was asked.
"""

import asyncio
import json
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import uvicorn
from agents import Model
from agents.items import TResponseInputItem, TResponseStreamEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from backend.tests.scripted_formats import Step, stream_response
from booklight.llm.events import function_call, stream_function_call, stream_message
from booklight.llm.search_tool import TOOL_NAME

DELTAS = 200
LAST = "vvvvv"


def _word(number: int) -> str:
    """Return a word without a digit: numbers have to stand in the passage that is cited."""
    return LAST if number == DELTAS - 1 else f"{chr(97 + number // 26)}{chr(97 + number % 26)}x"


def _piece(number: int) -> str:
    return "the waggle dance of bees.[^1] " if number % 40 == 4 else f"{_word(number)} "


PIECES = [_piece(number) for number in range(DELTAS)]
"""What it says; its first citation counts, so that it is not held back."""
SEARCH = '{"queries": ["waggle dance"]}'


class FastModel(Model):
    """Yields the events themselves, `paced` with a turn of the event loop between two pieces."""

    def __init__(self, *, paced: bool) -> None:
        self._paced = paced

    async def get_response(self, *_: Any, **__: Any) -> NoReturn:
        """Fail: every turn streams."""
        raise RuntimeError("This model only streams.")

    async def stream_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: Any,
        tools: Sequence[Any],
        *_: Any,
        **__: Any,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Yield the events of the next step."""
        if tools and not _has_searched(input):
            for event in stream_function_call("fast", function_call(TOOL_NAME, SEARCH)):
                yield event
            return
        for event in stream_message("fast", PIECES):
            if self._paced:
                await asyncio.sleep(0)
            yield event


@contextmanager
def serve_model() -> Iterator[str]:
    """Run the model as a server and give its address, to which `/<wait>/<gap>/v1` has to be added."""
    server = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()


def _has_searched(input: object) -> bool:
    return "<passage" in str(input) or "function_call_output" in str(input)


_calls = Counter[str]()


async def _count(request: Request) -> Response:
    return JSONResponse(_calls)


async def _respond(request: Request) -> Response:
    body = await request.json()
    _calls[body["model"]] += 1
    searches = body.get("tools") and not _has_searched(body["input"])
    step = Step(arguments=SEARCH) if searches else Step(text="".join(PIECES))
    frames = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in stream_response(step, body)]
    gap = request.path_params["gap"] / 1_000
    await asyncio.sleep(request.path_params["wait"] / 1_000)
    return StreamingResponse(_send(frames, gap), media_type="text/event-stream")


async def _send(frames: Sequence[str], gap: float) -> AsyncIterator[str]:
    if gap == 0:
        yield "".join(frames)
        return
    for frame in frames:
        yield frame
        await asyncio.sleep(gap)


def main() -> None:
    """Serve on a free port and print the address."""
    answering = Route("/{wait:int}/{gap:int}/v1/responses", _respond, methods=["POST"])
    app = Starlette(routes=[answering, Route("/calls", _count)])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off")).run(sockets=[listening])


if __name__ == "__main__":
    main()
