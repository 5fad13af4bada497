"""A sidecar over real HTTP, on a port of its own, with a model and a book under the test's control."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx
import uvicorn
from agents import Model, RunConfig
from sqlalchemy import select
from starlette.types import ASGIApp

from backend.tests.key import KEY
from backend.tests.paced_model import HOLD
from backend.tests.small_book import SMALL_BOOK
from booklight import timing
from booklight.app import create_app
from booklight.connections import bounded_protocol
from booklight.lifecycle import Component, Components
from booklight.llm.models import ConnectedModel
from booklight.serving import listen
from booklight.settings import Settings
from booklight.store.tables import feedback, threads
from booklight.store.threads import SqlStore, open_store
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.embedder import Embedder, NoEmbedder
from booklight_ingest.index.generations import copy_sparse
from booklight_ingest.index.live import Location, open_index
from booklight_ingest.index.sync import sync_index
from booklight_ingest.pages import Book, Page, Site

SITE = Site(title="Bees", url="https://bees.example", base_url="/book/", locale="en", site_dir="..", commit="abc1234")
PATIENCE = 10.0
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that speak plain HTTP: the usual one reads all certificates of the machine each time."""
HELD = ["Bees ", "dance", HOLD, " in eights."]
"""What a model says that waits in mid-answer."""

UNLIMITED: dict[str, Any] = {"turns_per_minute": 100_000, "turns_per_minute_per_address": 100_000}
"""Settings for readers that ask as often as they can."""

Json = dict[str, Any]


@dataclass
class Reader:
    """A client with a token of its own."""

    http: httpx.AsyncClient
    headers: dict[str, str]

    async def send(self, body: Json) -> httpx.Response:
        """Send a request in either dialect and read the whole answer."""
        return await self.http.post("/assistant/chatkit", json=body, headers=self.headers)

    @asynccontextmanager
    async def stream(self, body: Json) -> AsyncIterator["Events"]:
        """Send a request and read its events one by one; leaving the block closes the connection."""
        async with self.http.stream("POST", "/assistant/chatkit", json=body, headers=self.headers) as response:
            assert response.status_code == 200, await response.aread()
            yield Events(response)

    async def ask(self, question: str, thread_id: str | None = None, **metadata: Any) -> list[Json]:
        """Ask in the native dialect and return the events of the answer."""
        response = await self.send(question_request(question, thread_id, **metadata))
        assert response.status_code == 200, response.text
        return native_events(response.text)

    async def items(self, thread_id: str) -> list[Json]:
        """Return the items of a thread, oldest first."""
        request = {"type": "items.list", "params": {"thread_id": thread_id, "order": "asc"}}
        items: list[Json] = (await self.send(request)).json()["data"]
        return items


class Events:
    """The native events of an answer as they arrive."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.seen: list[Json] = []
        self._lines = response.aiter_lines()

    async def until(self, wanted: Callable[[Json], bool]) -> Json:
        """Read on to the first event that is `wanted`."""
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                if line.startswith("data: "):
                    self.seen.append(json.loads(line.removeprefix("data: ")))
                    if wanted(self.seen[-1]):
                        return self.seen[-1]
        raise AssertionError(f"the stream ended after {[event['type'] for event in self.seen]}")

    async def rest(self) -> list[Json]:
        """Read to the end and return all events seen."""
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                if line.startswith("data: "):
                    self.seen.append(json.loads(line.removeprefix("data: ")))
        return self.seen


@dataclass
class Live:
    """A sidecar that answers at `url`, and the store behind it."""

    url: str
    http: httpx.AsyncClient
    store: SqlStore

    async def reader(self) -> Reader:
        """Return a new reader."""
        session = (await self.http.post("/assistant/session")).json()
        return Reader(self.http, {"Authorization": f"Bearer {session['token']}"})

    async def owner_of(self, thread_id: str) -> str:
        """Return the id of the reader whose thread it is."""
        query = select(threads.c.owner).where(threads.c.id == thread_id)
        async with self.store._database.statement() as connection:
            return str((await connection.execute(query)).scalar_one())

    async def feedback(self) -> list[tuple[str, str | None]]:
        """Return what readers thought, and why."""
        async with self.store._database.statement() as connection:
            return [(row.kind, row.reason) for row in await connection.execute(select(feedback))]


def question_request(question: str, thread_id: str | None = None, **metadata: Any) -> Json:
    """Return the native request that asks `question`."""
    content = [{"type": "input_text", "text": question}]
    params: Json = {"input": {"content": content, "attachments": [], "inference_options": {}}}
    if thread_id is None:
        return {"type": "threads.create", "params": params, "metadata": metadata}
    return {"type": "threads.add_user_message", "params": params | {"thread_id": thread_id}, "metadata": metadata}


def action_request(action: str, thread_id: str, payload: Json | None = None) -> Json:
    """Return the native request that does `action` in a thread."""
    params = {"thread_id": thread_id, "action": {"type": action, "payload": payload}}
    return {"type": "threads.custom_action", "params": params}


def native_events(text: str) -> list[Json]:
    """Return the events of a native stream."""
    return [json.loads(frame.removeprefix("data: ")) for frame in text.split("\n\n") if frame.startswith("data: ")]


def simple_events(text: str) -> list[tuple[str, Json]]:
    """Return the names and the data of the events of a stream of the simple dialect."""
    frames = [frame.split("\n") for frame in text.split("\n\n") if frame and not frame.startswith(":")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in frames]


def thread_of(events: list[Json]) -> str:
    """Return the id of the thread that `events` began."""
    return str(next(event["thread"]["id"] for event in events if event["type"] == "thread.created"))


def answers(items: list[Json]) -> list[str]:
    """Return the texts of the assistant's messages."""
    return [item["content"][0]["text"] for item in items if item["type"] == "assistant_message"]


def is_dance(event: Json) -> bool:
    """Say whether `event` is the last text of HELD before the model waits."""
    update = event.get("update", {})
    is_text = update.get("type") == "assistant_message.content_part.text_delta"
    return is_text and "dance" in str(update["delta"])


@asynccontextmanager
async def live_sidecar(
    model: Model | ConnectedModel,
    database_url: str,
    *,
    site: Path | None = None,
    location: Location | None = None,
    **settings: Any,
) -> AsyncIterator[Live]:
    """Serve the small book with `model`, from an index that all share or, for who changes it, one at `location`.

    `settings` go over the defaults. The order is the search's own, without the cross-encoder, and any number of
    requests may be refused, unless `settings` say otherwise.
    """
    given: dict[str, Any] = {"reranker": "off", "refusals_per_minute_per_address": 100_000} | settings
    chosen = Settings(_env_file=None, database_url=database_url, secret_key=KEY, **given)
    if location is None:
        location = await _usual_index()
    else:
        await index_small_book(location)
    store = await open_store(database_url)
    components = Components(
        database=ready_component("database", store),
        index=Component("index", lambda: open_index(location, NoEmbedder())),
        model=ready_component("model", model if isinstance(model, ConnectedModel) else connected(model)),
    )
    app = create_app(chosen, site=site, components=components, startup_timeout=PATIENCE)
    async with serve(app, chosen) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE, verify=NO_TLS) as http:
        async with asyncio.timeout(PATIENCE):
            # To ask all the while would take the processor from what is being opened.
            await asyncio.gather(*(each.wait() for each in (components.database, components.index, components.model)))
        await until_ready(http)
        yield Live(url, http, store)


@asynccontextmanager
async def serve(app: ASGIApp, settings: Settings | None = None) -> AsyncIterator[str]:
    """Serve `app` on a free port, bounded as `booklight serve` does with `settings`, and give its address."""
    bounded = bounded_protocol(settings or Settings(_env_file=None))
    with listen("127.0.0.1", 0) as listening:
        config = uvicorn.Config(
            app,
            log_level="critical",
            timeout_graceful_shutdown=5,
            timeout_keep_alive=timing.IDLE_SECONDS,
            access_log=False,
            proxy_headers=False,
            http=bounded,
            ws="none",
        )
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        task = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await task


async def until_ready(http: httpx.AsyncClient) -> None:
    """Wait until all parts are open."""
    async with asyncio.timeout(PATIENCE):
        while (await http.get("/assistant/ready")).status_code != 200:
            continue


async def index_small_book(
    location: Location, embedder: Embedder | None = None, book: Sequence[Chunk] = SMALL_BOOK
) -> None:
    """Make the index of the small book, or of another one; the usual one is made once and copied."""
    if embedder is None and book is SMALL_BOOK and isinstance(location, Path) and not location.exists():
        copy_sparse(await _usual_index(), location)
    else:
        await _index_book(location, embedder, book)


async def _usual_index() -> Path:
    made = Path(_usual_folder().name) / "index"
    if not made.exists():
        await _index_book(made, None, SMALL_BOOK)
    return made


@cache
def _usual_folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="booklight-small-book-")


async def _index_book(location: Location, embedder: Embedder | None, book: Sequence[Chunk]) -> None:
    chunks = [replace(chunk, id=str(uuid5(NAMESPACE_URL, chunk.id))) for chunk in book]
    pages = [_page_of(chunk) for chunk in chunks]
    await sync_index([Book(version=1, site=SITE, pages=tuple(pages))], chunks, location, embedder or NoEmbedder())


def _page_of(chunk: Chunk) -> Page:
    return Page(
        path=chunk.path,
        source=chunk.source,
        title=chunk.page_title,
        chapter=chunk.chapter_number,
        chapter_path=chunk.chapter_path,
        lesson=chunk.lesson_slug,
    )


def ready_component(name: str, value: Any) -> Component[Any]:
    """Return a part that opens at once."""

    async def opened() -> Any:
        return value

    return Component(name, opened)


def connected(model: Model) -> ConnectedModel:
    """Return `model` as the wiring holds it."""

    async def close() -> None:
        """Nothing to close."""

    return ConnectedModel("paced", model, RunConfig(model=model, tracing_disabled=True), close)
