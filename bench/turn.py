"""What a turn costs the backend: CPU for an answer of 200 pieces, beside ChatKit and the Agents SDK as documented.

Ours searches an index before it asks the model once, cites, and keeps the thread in Postgres; the other has no tools
and keeps it in memory. Both run in this process and are asked in turn, as many questions at once, and only this
process's CPU is counted: Postgres and the model have processes of their own, and who asks costs next to nothing.

As in production, each asks the model over HTTP, with the client that it would have there: ours with its own, the other
with OpenAI's, both in the Agents SDK's model class. What the model says comes at once, or PACE milliseconds apart, so
that each piece is received and sent by itself. The same once more with a model in this process that hands over finished
events, at once and with a turn of the event loop between two: that leaves what is done with them, of which coalescing,
part of our model classes, is one.

Both are on the event loop that uvicorn chooses by itself, and garbage is collected by time, as `booklight serve` does.
Neither orders what was found by the cross-encoder, which reads it in a thread: a turn with it is told by itself.

Each ratio is the median of ROUNDS rounds in which the two take turns, with the least and the most. Ends with 1 if one
is above its target by more than that spread, or if ours asks the model more than once for an answer, or takes more than
FIRST_TEXT seconds to the first text of one by a model that is silent for LATENCY milliseconds first.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import uvicorn
from agents import Model, OpenAIResponsesModel, set_tracing_disabled
from chat.asgi import post, running
from chat.documented import documented_app
from chat.fast_model import LAST, FastModel, serve_model
from interleaved import ROUNDS, Ratio
from openai import AsyncOpenAI
from starlette.types import ASGIApp

from backend.tests.key import KEY
from backend.tests.live import connected, index_small_book, question_request, ready_component
from backend.tests.postgres import start_postgres
from booklight.app import create_app
from booklight.lifecycle import Component, Components
from booklight.llm.coalescing import Coalescing
from booklight.llm.models import ConnectedModel, connect_model
from booklight.ops.garbage import collect_by_time
from booklight.settings import Settings
from booklight.store.threads import open_store
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.index.live import open_index

PATH = "/assistant/chatkit"
BODY = json.dumps(question_request("What is a waggle dance?")).encode()
PACE = 20
LATENCY, FIRST_TEXT = 500, 0.6
TURNS = 12
UNBOUNDED: Any = {"turns_per_minute": 10**6, "turns_per_minute_per_address": 10**6}


class CoalescingFastModel(Coalescing, FastModel):
    """The same, as our own model classes pass it on."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way for a model's pieces to come, how many questions are asked at once, and what ratio is asked for."""

    name: str
    target: float
    ours: ConnectedModel
    documented: Model
    at_once: int = 1


@asynccontextmanager
async def our_app(
    model: ConnectedModel, database_url: str, folder: Path, reranker: str = "off"
) -> AsyncIterator[ASGIApp]:
    """Give the sidecar with an index and a Postgres of its own."""
    await index_small_book(folder / "index")
    settings = Settings(_env_file=None, database_url=database_url, secret_key=KEY, reranker=reranker, **UNBOUNDED)
    components = Components(
        database=ready_component("database", await open_store(database_url)),
        index=Component("index", lambda: open_index(folder / "index", NoEmbedder())),
        model=ready_component("model", model),
    )
    app = create_app(settings, components=components)
    async with running(app):
        yield app


async def cpu_per_turn(app: ASGIApp, at_once: int) -> float:
    """Return the milliseconds of CPU of one turn, over TURNS of them."""
    began = time.process_time()
    for _ in range(TURNS // at_once):
        await asyncio.gather(*(post(app, PATH, BODY) for _ in range(at_once)))
    return (time.process_time() - began) / TURNS * 1_000


async def compare(way: Way, database_url: str) -> Ratio:
    """Print what both cost and return the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        async with our_app(way.ours, database_url, Path(folder)) as ours:
            documented = documented_app(way.documented, PATH)
            await _warm_up(ours, documented)
            rounds = [
                (await cpu_per_turn(ours, way.at_once), await cpu_per_turn(documented, way.at_once))
                for _ in range(ROUNDS)
            ]
    own, other = zip(*rounds, strict=True)
    ratio = Ratio(own, other)
    print(
        f"{way.name:28} ours {median(own):5.1f} ms   documented {median(other):5.1f} ms   {ratio}, target {way.target}"
    )
    return ratio


async def tell_cross_encoder(way: Way, database_url: str) -> None:
    """Print what a turn costs with the cross-encoder."""
    with tempfile.TemporaryDirectory() as folder:
        async with our_app(way.ours, database_url, Path(folder), reranker="default") as ours:
            await _warm_up(ours, documented_app(way.documented, PATH))
            costs = [await cpu_per_turn(ours, way.at_once) for _ in range(ROUNDS)]
    print(f"{way.name:28} ours {median(costs):5.1f} ms with the cross-encoder ({min(costs):.1f}–{max(costs):.1f})")


async def _warm_up(ours: ASGIApp, documented: ASGIApp) -> None:
    """Ask both until they answer, and see that the answers are what is to be measured."""
    text = await post(ours, PATH, BODY)
    while b"thread.item.done" not in text:
        await asyncio.sleep(0.01)
        text = await post(ours, PATH, BODY)
    last = LAST.encode()
    if b"annotation_added" not in text or last not in text or last not in await post(documented, PATH, BODY):
        raise SystemExit("an answer is not whole")
    for app in (ours, documented):
        await cpu_per_turn(app, TURNS)


def _ways(address: str) -> list[Way]:
    return [
        _over_http("over HTTP, at once", 0.7, f"{address}/0/0/v1"),
        _over_http(f"over HTTP, {PACE} ms apart", 0.8, f"{address}/0/{PACE}/v1", at_once=TURNS),
        _finished("finished events, at once", paced=False),
        _finished("finished events, one by one", paced=True),
    ]


def _over_http(name: str, target: float, base_url: str, *, at_once: int = 1) -> Way:
    """Return the way by which both reach a model in production, each with the client that it would have there."""
    settings = Settings(_env_file=None, model="openai:fast", model_base_url=base_url, model_api="responses")
    client = AsyncOpenAI(base_url=base_url, api_key="no-key")
    documented = OpenAIResponsesModel(model="documented", openai_client=client)
    return Way(name, target, connect_model(settings), documented, at_once)


def _finished(name: str, *, paced: bool) -> Way:
    ours = replace(connected(CoalescingFastModel(paced=paced)), reads_first=True)
    return Way(name, 0.9, ours, FastModel(paced=paced))


async def answer_slowly(address: str, database_url: str) -> tuple[float, float]:
    """Return the least seconds to the first text by a model with a latency, and its calls for an answer."""
    settings = Settings(_env_file=None, model="openai:slow", model_base_url=f"{address}/{LATENCY}/0/v1")
    model = connect_model(settings.model_copy(update={"model_api": "responses"}))
    with tempfile.TemporaryDirectory() as folder:
        async with our_app(model, database_url, Path(folder)) as ours:
            text = await post(ours, PATH, BODY)
            while b"thread.item.done" not in text:
                await asyncio.sleep(0.01)
                text = await post(ours, PATH, BODY)
            asked, seconds = _calls_of("slow", address), []
            for _ in range(TURNS):
                seconds.append(await _first_text(ours))
    return min(seconds), (_calls_of("slow", address) - asked) / TURNS


async def _first_text(app: ASGIApp) -> float:
    """Ask, and return the seconds to the first text of the answer."""
    began, came = time.monotonic(), list[float]()

    def seen(part: bytes) -> None:
        if not came and b"text_delta" in part:
            came.append(time.monotonic() - began)

    await post(app, PATH, BODY, seen)
    return came[0]


def _calls_of(model: str, address: str) -> int:
    return int(httpx.get(f"{address}/calls").json().get(model, 0))


async def main() -> int:
    """Compare in all ways; return 1 if ours costs more than it may."""
    set_tracing_disabled(True)
    collect_by_time()
    with start_postgres() as postgres, serve_model() as address:
        missed = [
            (await compare(way, postgres.url(postgres.create_database()))).misses(way.target) for way in _ways(address)
        ]
        await tell_cross_encoder(_ways(address)[0], postgres.url(postgres.create_database()))
        seconds, calls = await answer_slowly(address, postgres.url(postgres.create_database()))
    print(f"{calls:.1f} calls of the model for an answer (target 1.0)")
    print(f"{seconds:.2f} s to the first text with a latency of {LATENCY} ms (target {FIRST_TEXT})")
    return int(any(missed) or calls > 1 or seconds > FIRST_TEXT)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvicorn.Config("turn").get_loop_factory()) as runner:
        sys.exit(runner.run(main()))
