"""The sidecar as an ASGI app: the one place where its parts are chosen and wired together.

What is slow to import (the agent's libraries, the database's, the index's) is imported as its part is opened, off the
event loop, so that the process can say within a second that it is there.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from backend.contracts import Found, PageContext, Scope
from backend.failures import WithoutText
from backend.http.middleware import API, REQUEST_ID, Envelope
from backend.http.openapi import Api
from backend.http.refusals import install_refusals
from backend.http.routes import sidecar_router
from backend.http.site import site_routes
from backend.indexes import boosts, connect_embedder, index_location
from backend.metrics import Metrics
from backend.parts import Part, PartUnavailable
from backend.readers.identity import READER_HEADER, Tokens
from backend.readers.limits import TurnLimits
from backend.readers.secret import load_secret
from backend.settings import BUILT_IN_MODEL, Settings, SettingsError
from backend.sidecar import NO_ANSWER, Sidecar
from ingest.errors import EmbeddingFailed, IndexMismatch, IndexMissing, IngestError

if TYPE_CHECKING:
    from backend.chat import Chat
    from backend.models import ConnectedModel
    from backend.server import BookServer
    from backend.store.threads import SqlStore
    from backend.store.usage import DailyBudget
    from backend.turns.running import Turns
    from ingest.chunks import Chunk
    from ingest.index import Index


TALKATIVE = ("chatkit", "openai.agents")
"""Loggers of libraries that would write what readers asked into the log when an answer fails."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What an answer needs, each opened once the app runs."""

    database: "Part[SqlStore]"
    index: "Part[Index]"
    model: "Part[ConnectedModel]"


def create_app(
    settings: Settings,
    *,
    site: Path | None = None,
    parts: Parts | None = None,
    patience: float = 0,
    watch: Callable[[Sidecar], None] | None = None,
) -> ASGIApp:
    """Return the app; `site` is the folder of a built book to serve beside it, at the book's own baseUrl.

    Citations point at `settings.book_base_url`; whoever serves a site on an address of its own sets it to that.
    `parts` stand in for those that the settings name. They are opened while the app already serves, or, for `patience`
    seconds, before it does. `watch` is given the sidecar as it starts. Raises SettingsError, and PagesUnreadable for a
    `site` that is no built book.
    """
    sidecar = _build_sidecar(settings, parts or choose_parts(settings))
    for library in TALKATIVE:
        logging.getLogger(library).addFilter(WithoutText())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(sidecar.open()), asyncio.create_task(sidecar.keep_house())]
        if watch is not None:
            watch(sidecar)
        if patience:
            await asyncio.wait(tasks[:1], timeout=patience)
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await sidecar.close()

    api = Api(
        title="Booklight",
        version=version("booklight"),
        lifespan=lifespan,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    api.include_router(sidecar_router(sidecar))
    if site is not None:
        api.router.routes.extend(site_routes(site))
    install_refusals(api, sidecar.metrics)
    return _with_cors(Envelope(api), settings)


def choose_parts(settings: Settings) -> Parts:
    """Return the parts that `settings` name, with nothing opened yet."""
    return Parts(
        database=Part("database", lambda: _open_database(settings)),
        index=Part("index", lambda: _open_index(settings)),
        model=Part("model", lambda: _connect_model(settings)),
    )


def check_settings(settings: Settings) -> None:
    """Raise SettingsError for what is wrong with the settings themselves, which no waiting will mend."""
    from backend.store.database import parse_database_url

    parse_database_url(settings.database_url.get_secret_value())
    if settings.model != BUILT_IN_MODEL:
        from backend.models import connect_model

        connect_model(settings)


def _build_sidecar(settings: Settings, parts: Parts) -> Sidecar:
    tokens = Tokens(load_secret(settings))
    metrics = Metrics()
    limits = TurnLimits(per_reader=settings.turns_per_minute, per_address=settings.turns_per_minute_per_address)

    def build_chat() -> "Chat":
        from backend.chat import Chat
        from backend.turns.running import Turns

        store = parts.database.require()
        turns = Turns(store, resume_seconds=settings.resume_seconds, watch=metrics.count_turn)
        server = _build_server(settings, store, turns, parts.model.require(), parts.index)
        return Chat(server, turns, tokens=tokens, limits=limits, metrics=metrics, check_index=parts.index.require)

    return Sidecar(
        database=parts.database,
        index=parts.index,
        model=parts.model,
        tokens=tokens,
        metrics=metrics,
        retention=None if settings.retention_days is None else timedelta(days=settings.retention_days),
        build_chat=build_chat,
    )


async def _open_database(settings: Settings) -> "SqlStore":
    await _import("backend.store.threads")
    from backend.store.database import StoreUnavailable
    from backend.store.threads import open_store

    try:
        return await open_store(settings.database_url.get_secret_value())
    except StoreUnavailable as error:
        raise PartUnavailable(NO_ANSWER, str(error)) from error
    except SettingsError as error:
        raise PartUnavailable("The database is not set up: check BOOKLIGHT_DATABASE_URL.", str(error)) from error


async def _open_index(settings: Settings) -> "Index":
    await _import("ingest.index")
    from ingest.index import open_index

    try:
        return await open_index(index_location(settings), connect_embedder(settings))
    except IngestError as error:
        raise PartUnavailable(_what_mends(error), str(error)) from error


async def _connect_model(settings: Settings) -> "ConnectedModel":
    await _import("backend.chat", "backend.models", "backend.search.passages")
    from backend.models import connect_model

    try:
        _instructions(settings)
        return connect_model(settings)
    except SettingsError as error:
        reason = "The model is not set up: check BOOKLIGHT_MODEL and BOOKLIGHT_INSTRUCTIONS_PATH."
        raise PartUnavailable(reason, str(error)) from error


def _build_server(
    settings: Settings, store: "SqlStore", turns: "Turns", model: "ConnectedModel", index: "Part[Index]"
) -> "BookServer":
    from backend.agent.book import CALLS_BESIDE_SEARCHES, build_agent
    from backend.answering import Answering
    from backend.citations.stage import absolute_url
    from backend.extractive import NAME as EXTRACTIVE
    from backend.extractive import NOT_COVERED
    from backend.follow_ups import suggest
    from backend.models import connect_model
    from backend.search.passages import search
    from backend.server import BookServer

    needs_no_model = settings.model_copy(update={"model": EXTRACTIVE})
    nearby = boosts(settings)

    async def search_book(queries: Sequence[str], *, scope: Scope, page: PageContext, selection: str | None) -> Found:
        return await search(index.require(), queries, scope=scope, page=page, selection=selection, boosts=nearby)

    async def suggest_next(cited: Sequence["Chunk"], asked: Sequence[str]) -> list[str]:
        return await suggest(index.require(), cited, asked)

    searches = settings.searches_per_turn
    answering = Answering(
        store=store,
        agent=build_agent(search_book, _instructions(settings), max_searches=searches),
        run_config=model.run_config,
        stand_in=None if model.name == EXTRACTIVE else connect_model(needs_no_model).run_config,
        budget=_daily_budget(settings),
        model_calls=searches + CALLS_BESIDE_SEARCHES,
        absolute=lambda path: absolute_url(index.require().info, settings.book_base_url, path),
    )
    return BookServer(
        store,
        turns,
        answering=answering,
        suggest=suggest_next,
        declines=lambda text: text.startswith(NOT_COVERED),
    )


def _instructions(settings: Settings) -> str:
    """Return what the agent follows. Raises SettingsError."""
    from backend.agent.book import load_instructions

    return load_instructions(
        settings.instructions_path, mode=settings.instructions_mode, max_searches=settings.searches_per_turn
    )


def _daily_budget(settings: Settings) -> "DailyBudget":
    from backend.store.usage import Allowance, DailyBudget

    return DailyBudget(
        reader=Allowance(settings.turns_per_day_per_reader, settings.tokens_per_day_per_reader),
        everybody=Allowance(settings.turns_per_day, settings.tokens_per_day),
    )


async def _import(*modules: str) -> None:
    """Import what takes seconds in a thread, so that the event loop goes on answering."""
    for module in modules:
        await asyncio.to_thread(import_module, module)


def _what_mends(error: IngestError) -> str:
    match error:
        case IndexMissing():
            return "There is no index yet: run `booklight index`."
        case IndexMismatch():
            return "The index was made by another version or embedding: run `booklight index`."
        case EmbeddingFailed():
            return "The embedding cannot be used: check BOOKLIGHT_EMBEDDING."
        case _:
            return "The index cannot be read: check where it is, or run `booklight index`."


def _with_cors(app: ASGIApp, settings: Settings) -> ASGIApp:
    if not settings.allowed_origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=settings.allowed_origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=[READER_HEADER, REQUEST_ID, "Retry-After"],
        max_age=7200,
    )
