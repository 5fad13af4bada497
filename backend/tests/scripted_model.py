"""A scripted language model: a real HTTP server with the streaming formats of Responses and of Chat Completions.

It answers in a sentence or two with marks, made from the passages that it is given; asked for the title of a
conversation, it says TITLE.
What happens to the next requests is scripted, one by one, by `POST /script` or by `ScriptedModel.script`:
`none`, `429`, `500`, `hang`, `silent` (nothing is said until `speaking` is set), `cut` (the connection ends in
mid-answer), `drop` (it ends there when `go_on` is set), `stall` (it stays open there), `hold` (it goes on behind HALF
when `go_on` is set), `search` (it searches for the question first), `nonsense` (tool arguments that make no sense),
`loop` (another search in place of an answer), `invented` (an answer with a mark that was never handed out), `annotated`
(one that cites a page of the web), `incomplete` (one that the API cuts at its length limit), `count` (asked to "Count
to 3" it says "Answer 7: 1 2 3" if it is its seventh answer, a word each PAUSE_SECONDS), and the name of any of the
cases in `model_cases`. `refusing` names the one of its refusals with which it meets every request that has what it does
not take.

Run it by itself with `python -m backend.tests.scripted_model --port 9000`; its base URL then is http://127.0.0.1:9000/v1.
"""

import argparse
import asyncio
import json
import re
import socket
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, get_args

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from backend.tests.model_cases import CASES, REFUSALS, stream_case
from backend.tests.scripted_formats import Json, Step, stream_completion, stream_response
from booklight.llm.prompt_blocks import unwrap

Failure = Literal[
    "none",
    "429",
    "500",
    "hang",
    "silent",
    "cut",
    "drop",
    "stall",
    "hold",
    "search",
    "nonsense",
    "loop",
    "invented",
    "annotated",
    "incomplete",
    "count",
]
BROKEN = frozenset({"cut", "drop", "stall"})
GOES_ON = " There is more to say of it, and more."
"""What an answer says that breaks off behind its first citation."""
Stream = Callable[[Step, Json], Iterator[Json]]

INVENTED_MARK = "[^99]"
WEB_ANNOTATION = {
    "type": "url_citation",
    "url": "https://elsewhere.example",
    "title": "Elsewhere",
    "start_index": 0,
    "end_index": 15,
}
TITLE = "“The waggle dance”."
HALF = "A waggle dance is a figure of eight that tells other bees where food is. "
WHOLE = f"{HALF}It points at the sun."
"""What a held model says, and how much of it before it waits."""
PAUSE_SECONDS = 0.04
NOTHING_FOUND = "This book does not seem to cover that."

_COUNTED = re.compile(r"Count to (\d+)")
_FIRST_SENTENCE = re.compile(r"[^\n]*?[.!?](?=\s|$)|[^\n]+")


@dataclass
class ScriptedModel:
    """The server's memory: the failures to come, in order, and every request body received.

    When none is to come, requests fail as `usual`. `text` is said in place of an answer from the book. `hung_up` is set
    when a client leaves while `hold` waits.
    """

    failures: deque[str] = field(default_factory=deque)
    refusing: str | None = None
    requests: list[Json] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    base_url: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)
    speaking: threading.Event = field(default_factory=threading.Event)
    usual: Failure = "none"
    text: str | None = None
    answers: int = 0

    def script(self, *failures: str) -> None:
        """Let the next requests fail in these ways; later ones succeed."""
        self.failures.extend(failures)

    def end_waits(self) -> None:
        """Let requests end that are waiting."""
        for waited in (self.stopping, self.go_on, self.speaking):
            waited.set()


@contextmanager
def serve_scripted_model(port: int = 0) -> Iterator[ScriptedModel]:
    """Serve a scripted model on a thread of its own until the block ends."""
    model = ScriptedModel()
    with serve_on_thread(build_app(model), before_end=model.end_waits, port=port) as address:
        model.base_url = f"{address}/v1"
        yield model


@contextmanager
def serve_held_model() -> Iterator[ScriptedModel]:
    """Serve a model that says HALF to everything, and the rest of WHOLE when `go_on` is set."""
    with serve_scripted_model() as model:
        model.usual, model.text = "hold", WHOLE
        yield model


@contextmanager
def serve_counting_model() -> Iterator[ScriptedModel]:
    """Serve a model that counts, slowly, for as long as the question asks: for tests that cut it off."""
    with serve_scripted_model() as model:
        model.usual = "count"
        yield model


@contextmanager
def serve_on_thread(app: Starlette, *, before_end: Callable[[], None], port: int = 0) -> Iterator[str]:
    """Serve `app` on a thread of its own and give its address; `before_end` lets requests end that are waiting."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            before_end()
            server.should_exit = True
            thread.join()


def build_app(model: ScriptedModel) -> Starlette:
    """Return the application that answers for `model`."""

    async def respond(request: Request) -> Response:
        return await _serve(model, request, stream_response)

    async def complete(request: Request) -> Response:
        return await _serve(model, request, stream_completion)

    async def script(request: Request) -> Response:
        failures = (await request.json())["failures"]
        known = (*get_args(Failure), *CASES)
        if not all(failure in known for failure in failures):
            return JSONResponse({"error": f"failures are {', '.join(known)}"}, status_code=422)
        model.script(*failures)
        return JSONResponse({"failures": list(model.failures)})

    async def received(request: Request) -> Response:
        return JSONResponse(model.requests)

    return Starlette(
        routes=[
            Route("/v1/responses", respond, methods=["POST"]),
            Route("/v1/chat/completions", complete, methods=["POST"]),
            Route("/script", script, methods=["POST"]),
            Route("/requests", received, methods=["GET"]),
        ]
    )


async def _serve(model: ScriptedModel, request: Request, stream: Stream) -> Response:
    body: Json = await request.json()
    model.requests.append(body)
    model.keys.append(request.headers.get("authorization", ""))
    if model.refusing is not None and (refusal := REFUSALS[model.refusing](body)) is not None:
        return JSONResponse({"error": refusal}, status_code=400)
    failure = model.failures.popleft() if model.failures else model.usual
    if failure in CASES:
        return stream_case(failure, stream, body)
    if failure in {"429", "500"}:
        return JSONResponse(
            {"error": {"message": "scripted failure", "type": "scripted", "code": failure}},
            status_code=int(failure),
            headers={"retry-after-ms": "1"},
        )
    if failure == "hang":
        await asyncio.to_thread(model.stopping.wait)
        return Response(status_code=503)
    if failure == "silent":
        await asyncio.to_thread(model.speaking.wait)
    naming = "Name a conversation" in json.dumps(body)
    pieces = stream(Step(text=TITLE) if naming else _step(model, body, failure), body)
    return StreamingResponse(_send(pieces, failure, model, naming=naming), media_type="text/event-stream")


def _step(model: ScriptedModel, body: Json, failure: str) -> Step:
    if model.text is not None:
        return Step(text=model.text)
    if failure == "count":
        model.answers += 1
        most = int(_COUNTED.findall(json.dumps(body))[-1])
        return Step(text=f"Answer {model.answers}: {' '.join(map(str, range(1, most + 1)))}")
    return _next_step(_messages(body), failure, forced=body.get("tool_choice") == "required")


async def _send(events: Iterator[Json], failure: str, model: ScriptedModel, *, naming: bool) -> AsyncIterator[str]:
    """Write events as the API does; what breaks an answer comes a few words after its first mark."""
    since, said = 0, ""
    for event in events:
        text = json.dumps(event)
        since += bool("delta" in text and (since or naming or "[^" in text))
        name = f"event: {event['type']}\n" if "type" in event else ""
        if failure == "hold" and said == HALF:
            await _hold(model)
        if failure == "count":
            await asyncio.sleep(PAUSE_SECONDS)
        said += _said(event)
        yield f"{name}data: {text}\n\n"
        if failure == "drop" and since == 4:
            await asyncio.to_thread(model.go_on.wait)
        if failure in {"cut", "drop"} and since == 4:
            raise ConnectionAbortedError
        if failure == "stall" and since == 4:
            await asyncio.to_thread(model.stopping.wait)
    yield "data: [DONE]\n\n"


def _said(event: Json) -> str:
    """Return the words that an event of either format brings."""
    if event.get("type") == "response.output_text.delta":
        return str(event["delta"])
    return "".join(choice["delta"].get("content") or "" for choice in event.get("choices", ()))


async def _hold(model: ScriptedModel) -> None:
    try:
        await asyncio.to_thread(model.go_on.wait)
    except asyncio.CancelledError:
        model.hung_up.set()
        raise


def _next_step(messages: list[Json], failure: str, *, forced: bool = False) -> Step:
    asked = max(place for place, message in enumerate(messages) if message["role"] == "user")
    given = [message["text"] for message in messages[asked:] if message["role"] in ("tool", "user")]
    if failure == "nonsense":
        return Step(arguments='{"queries": {"nonsense": true}')
    if failure == "invented":
        return Step(text=f"The book surely says so.{INVENTED_MARK}")
    if failure == "annotated":
        return Step(text="The web says so.", annotations=(WEB_ANNOTATION,))
    if failure in ("loop", "search") or forced:
        return Step(arguments=json.dumps({"queries": [unwrap(messages[asked]["text"])[1]]}))
    text = _answer(given) + (GOES_ON if failure in BROKEN else "")
    return Step(text=text, cut=failure == "incomplete")


def _answer(given: list[str]) -> str:
    """Return the first sentence of the first two passages, each with its mark, unless they are said not to answer."""
    passages = [block for text in given for block in unwrap(text)[0] if block.tag == "passage"]
    if not passages or "not seem to cover" in given[-1]:
        return NOTHING_FOUND
    said = [f"{_first_sentence(block.text)}{block.attributes['label']}" for block in passages[:2]]
    return " ".join(["In short:", *said])


def _first_sentence(text: str) -> str:
    found = _FIRST_SENTENCE.search(text)
    return found[0].strip() if found else text


def _messages(body: Json) -> list[Json]:
    """Return the conversation of either format as role and text."""
    return [_message(item) for item in body.get("input") or body["messages"]]


def _message(item: Json) -> Json:
    if item.get("type") == "function_call_output":
        return {"role": "tool", "text": item["output"]}
    content = item.get("content") or ""
    text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
    return {"role": item.get("role", "assistant"), "text": text}


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=9000)
    port = parser.parse_args().port
    uvicorn.run(build_app(ScriptedModel()), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main()
