"""What a turn costs the backend: CPU for an answer of 200 deltas, beside ChatKit and the Agents SDK as documented.

Ours searches an index, cites, and keeps the thread in Postgres; the other has no retrieval and keeps it in memory. Both
are asked in the same process, in turn, with the same model, once with the deltas in a burst and once one by one. Ends
with 1 if ours costs more than TARGET times as much.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from agents import Agent, Model, ModelResponse, RunConfig, Runner, set_tracing_disabled
from agents.items import TResponseInputItem, TResponseStreamEvent
from chatkit.agents import AgentContext, simple_to_agent_input, stream_agent_response
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata, ThreadStreamEvent, UserMessageItem
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import ASGIApp

from backend.app import Parts, create_app
from backend.extractive.events import function_call, stream_function_call, stream_message
from backend.parts import Part
from backend.settings import Settings
from backend.store.threads import open_store
from backend.tests.live import connected, index_small_book, question_request, ready_part
from backend.tests.postgres import start_postgres
from backend.tools import TOOL_NAME
from ingest.embed import NoEmbedder
from ingest.index import open_index

DELTAS = 200
ROUNDS, TURNS = 7, 12
TARGET = 1.0
PIECES = [f"word {number}[^1] " if number % 40 == 39 else f"word {number} " for number in range(DELTAS)]
BODY = json.dumps(question_request("What is a waggle dance?")).encode()
HEADERS = [(b"content-type", b"application/json"), (b"authorization", b"")]


class FastModel(Model):
    """Says PIECES at once, or one at a time if `paced`; searches first if it has the tool."""

    def __init__(self, *, paced: bool) -> None:
        self.paced = paced

    async def get_response(self, *_: Any, **__: Any) -> ModelResponse:
        """Not used: every turn streams."""
        raise NotImplementedError

    async def stream_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: Any,
        tools: Any,
        *_: Any,
        **__: Any,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Yield the next step."""
        searched = isinstance(input, list) and any(item.get("type") == "function_call_output" for item in input)
        if tools and not searched:
            for event in stream_function_call("fast", function_call(TOOL_NAME, '{"queries": ["waggle dance"]}')):
                yield event
            return
        for event in stream_message("fast", PIECES):
            if self.paced:
                await asyncio.sleep(0)
            yield event


class MemoryStore(Store[None]):
    """Threads in a dictionary, as in a first example."""

    def __init__(self) -> None:
        self.threads: dict[str, ThreadMetadata] = {}
        self.items: dict[str, list[ThreadItem]] = defaultdict(list)

    async def load_thread(self, thread_id: str, context: None) -> ThreadMetadata:
        """Return a thread."""
        return self.threads[thread_id].model_copy(deep=True)

    async def save_thread(self, thread: ThreadMetadata, context: None) -> None:
        """Keep a thread."""
        self.threads[thread.id] = thread.model_copy(deep=True)

    async def load_threads(self, limit: int, after: str | None, order: str, context: None) -> Page[ThreadMetadata]:
        """Return all threads."""
        return Page(data=list(self.threads.values()))

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: None
    ) -> Page[ThreadItem]:
        """Return the first items of a thread."""
        items = self.items[thread_id][:: -1 if order == "desc" else 1]
        return Page(data=items[:limit])

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: None) -> None:
        """Add an item."""
        self.items[thread_id].append(item)

    async def save_item(self, thread_id: str, item: ThreadItem, context: None) -> None:
        """Add an item."""
        self.items[thread_id].append(item)

    async def load_item(self, thread_id: str, item_id: str, context: None) -> ThreadItem:
        """Return an item."""
        return next(item for item in self.items[thread_id] if item.id == item_id)

    async def delete_thread(self, thread_id: str, context: None) -> None:
        """Delete a thread."""
        del self.threads[thread_id]

    async def delete_thread_item(self, thread_id: str, item_id: str, context: None) -> None:
        """Delete an item."""
        self.items[thread_id] = [item for item in self.items[thread_id] if item.id != item_id]

    async def save_attachment(self, attachment: Attachment, context: None) -> None:
        """Not used."""

    async def load_attachment(self, attachment_id: str, context: None) -> Attachment:
        """Not used."""
        raise NotFoundError(attachment_id)

    async def delete_attachment(self, attachment_id: str, context: None) -> None:
        """Not used."""


class DocumentedServer(ChatKitServer[None]):
    """A server wired as ChatKit's documentation shows."""

    def __init__(self, model: Model) -> None:
        super().__init__(MemoryStore())
        self._agent: Agent[AgentContext[None]] = Agent(name="Assistant", instructions="Answer.")
        self._config = RunConfig(model=model, tracing_disabled=True)

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: None
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Answer the latest messages."""
        items = await self.store.load_thread_items(thread.id, None, 20, "asc", context)
        agent_context: AgentContext[None] = AgentContext(thread=thread, store=self.store, request_context=context)
        inputs = await simple_to_agent_input(items.data)
        result = Runner.run_streamed(self._agent, inputs, context=agent_context, run_config=self._config)
        async for event in stream_agent_response(agent_context, result):
            yield event


def documented_app(model: Model) -> ASGIApp:
    """Return an app with one route, wired as documented."""
    app, server = FastAPI(), DocumentedServer(model)

    @app.post("/assistant/chatkit")
    async def chat(request: Request) -> Response:
        result = await server.process(await request.body(), None)
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(result.json, media_type="application/json")

    return app


@asynccontextmanager
async def our_app(model: Model, database_url: str, folder: Path) -> AsyncIterator[ASGIApp]:
    """Give the sidecar with an index and a Postgres of its own."""
    await index_small_book(folder / "index")
    settings = Settings.model_construct(
        **Settings(_env_file=None, database_url=database_url, secret_key="s" * 40).model_dump()
        | {"turns_per_minute": 10**6, "turns_per_minute_per_address": 10**6}
    )
    parts = Parts(
        database=ready_part("database", await open_store(database_url)),
        index=Part("index", lambda: open_index(folder / "index", NoEmbedder())),
        model=ready_part("model", connected(model)),
    )
    app = create_app(settings, parts=parts)
    async with _lifespan(app):
        yield app


@asynccontextmanager
async def _lifespan(app: ASGIApp) -> AsyncIterator[None]:
    """Run an app's lifespan around the block."""
    started, ending = asyncio.Event(), asyncio.Event()
    inbox = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, Any]:
        kind = next(inbox)
        if kind == "lifespan.shutdown":
            await ending.wait()
        return {"type": kind}

    async def send(message: Any) -> None:
        started.set()

    scope: Any = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}

    async def run() -> None:
        await app(scope, receive, send)

    running = asyncio.create_task(run())
    await started.wait()
    yield
    ending.set()
    await running


async def ask(app: ASGIApp) -> bytes:
    """Ask BODY once and return the whole stream."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/assistant/chatkit",
        "raw_path": b"/assistant/chatkit",
        "query_string": b"",
        "root_path": "",
        "headers": HEADERS[:1],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    asked, gone, parts = iter([{"type": "http.request", "body": BODY, "more_body": False}]), asyncio.Event(), []

    async def receive() -> Any:
        for message in asked:
            return message
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return b"".join(parts)


async def cpu_per_turn(app: ASGIApp) -> float:
    """Return the milliseconds of CPU of one turn, over TURNS of them."""
    began = time.process_time()
    for _ in range(TURNS):
        await ask(app)
    return (time.process_time() - began) / TURNS * 1_000


async def compare(database_url: str, *, paced: bool) -> float:
    """Print what both cost and return the ratio, the median of ROUNDS in which they take turns."""
    model = FastModel(paced=paced)
    with tempfile.TemporaryDirectory() as folder:
        async with our_app(model, database_url, Path(folder)) as ours:
            documented = documented_app(model)
            await _warm_up(ours, documented)
            rounds = [(await cpu_per_turn(ours), await cpu_per_turn(documented)) for _ in range(ROUNDS)]
    ratio = statistics.median(own / other for own, other in rounds)
    own, other = (statistics.median(column) for column in zip(*rounds, strict=True))
    name = "one by one" if paced else "in a burst"
    print(f"{name}   ours {own:5.1f} ms   documented {other:5.1f} ms   {ratio:.2f} (target {TARGET:.1f})")
    return ratio


async def _warm_up(ours: ASGIApp, documented: ASGIApp) -> None:
    """Ask both until they answer, and see that the answers are what is to be measured."""
    text = await ask(ours)
    while b"thread.item.done" not in text:
        await asyncio.sleep(0.01)
        text = await ask(ours)
    if b"annotation_added" not in text or b"word 199" not in text or b"word 199" not in await ask(documented):
        raise SystemExit("an answer is not whole")
    for app in (ours, documented):
        await cpu_per_turn(app)


async def main(once: Callable[..., Awaitable[float]] = compare) -> int:
    """Compare in both ways; return 1 if ours costs more than it may."""
    set_tracing_disabled(True)
    with start_postgres() as postgres:
        ratios = [await once(postgres.url(postgres.create_database()), paced=paced) for paced in (False, True)]
    return int(max(ratios) > TARGET)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
