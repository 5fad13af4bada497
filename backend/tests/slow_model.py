"""A model over HTTP that counts, slowly, for as long as the question asks: for tests that cut it off."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from backend.tests.scripted_formats import Step, stream_completion
from backend.tests.scripted_model import serve_on_thread

PAUSE_SECONDS = 0.04
_ASKED = re.compile(r"Count to (\d+)")


@contextmanager
def serve_slow_model() -> Iterator[str]:
    """Serve the model on a thread of its own until the block ends, and give its base URL.

    Asked to "Count to 3" it says "Answer 7: 1 2 3", if it is its seventh answer, one word each PAUSE_SECONDS.
    """
    answers = count(1)

    async def complete(request: Request) -> StreamingResponse:
        body = await request.json()
        most = int(_ASKED.findall(json.dumps(body["messages"]))[-1])
        text = f"Answer {next(answers)}: {' '.join(map(str, range(1, most + 1)))}"
        return StreamingResponse(_say(text, body), media_type="text/event-stream")

    app = Starlette(routes=[Route("/v1/chat/completions", complete, methods=["POST"])])
    with serve_on_thread(app, before_end=lambda: None) as address:
        yield f"{address}/v1"


async def _say(text: str, body: dict[str, Any]) -> AsyncIterator[str]:
    for event in stream_completion(Step(text=text), body):
        await asyncio.sleep(PAUSE_SECONDS)
        yield f"data: {json.dumps(event)}\n\n"
    yield "data: [DONE]\n\n"
