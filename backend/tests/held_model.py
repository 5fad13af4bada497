"""A model over HTTP that says half an answer and waits: for tests that end a process in mid-sentence."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from backend.tests.scripted_formats import Step, stream_completion
from backend.tests.scripted_model import serve_on_thread

HALF = "A waggle dance is a figure of eight that tells other bees where food is. "
WHOLE = f"{HALF}It points at the sun."


@dataclass
class HeldModel:
    """Says HALF at once and the rest of WHOLE when `go_on` is set; `hung_up` is set when its client leaves before."""

    base_url: str = ""
    go_on: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serve_held_model() -> Iterator[HeldModel]:
    """Serve the model on a thread of its own until the block ends."""
    model = HeldModel()
    with serve_on_thread(_build_app(model), before_end=model.go_on.set) as address:
        model.base_url = f"{address}/v1"
        yield model


def _build_app(model: HeldModel) -> Starlette:
    async def complete(request: Request) -> StreamingResponse:
        return StreamingResponse(_say(model, await request.json()), media_type="text/event-stream")

    return Starlette(routes=[Route("/v1/chat/completions", complete, methods=["POST"])])


async def _say(model: HeldModel, body: dict[str, object]) -> AsyncIterator[str]:
    said = ""
    for event in stream_completion(Step(text=WHOLE), body):
        delta = event["choices"][0]["delta"] if event["choices"] else {}
        if said == HALF:
            await _hold(model)
        said += delta.get("content") or ""
        yield f"data: {json.dumps(event)}\n\n"
    yield "data: [DONE]\n\n"


async def _hold(model: HeldModel) -> None:
    try:
        await asyncio.to_thread(model.go_on.wait)
    except asyncio.CancelledError:
        model.hung_up.set()
        raise
