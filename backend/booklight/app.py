"""The sidecar as an ASGI app: the one place where its parts are wired together.

What is slow to import is imported when the first chat request is answered, by when the parts have imported it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from booklight.api.error_handlers import install_refusals
from booklight.api.middleware import API, REQUEST_ID, Envelope
from booklight.api.openapi import Api
from booklight.api.routes import sidecar_router
from booklight.api.static_site import site_routes
from booklight.auth.authenticator import Readers
from booklight.auth.oidc import open_login
from booklight.auth.rate_limits import open_limits
from booklight.auth.secret import load_secret
from booklight.auth.tokens import READER_HEADER, Tokens
from booklight.contracts import Found, PageContext, Scope
from booklight.lifecycle import Part
from booklight.opening import Parts, agent_instructions, choose_parts
from booklight.ops.metrics import Metrics
from booklight.ops.redaction import WithoutText
from booklight.ops.spans import Spans, open_spans
from booklight.search.connection import boosts
from booklight.settings import Settings
from booklight.sidecar import Sidecar

if TYPE_CHECKING:
    from agents import RunConfig

    from booklight.chat.endpoint import Chat
    from booklight.chat.server import BookServer
    from booklight.chat.turns import Turns
    from booklight.llm.models import ConnectedModel
    from booklight.llm.search_tool import SearchFunction
    from booklight.llm.titles import Titles
    from booklight.store.threads import SqlStore
    from booklight.store.usage import DailyBudget
    from booklight_ingest.chunks import Chunk
    from booklight_ingest.index.live import Index


TALKATIVE = ("chatkit", "openai.agents")
"""Loggers of libraries that would write what readers asked into the log when an answer fails."""


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
    sidecar = _build_sidecar(settings, parts or choose_parts(settings), open_spans(settings))
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
    return _with_cors(Envelope(api, sidecar.spans), settings)


def _build_sidecar(settings: Settings, parts: Parts, spans: Spans) -> Sidecar:
    metrics = Metrics()
    login = open_login(settings, metrics.count_key_fetch)
    readers = Readers(Tokens(load_secret(settings)), login=login, anonymous=settings.anonymous_readers)
    limits = open_limits(settings, metrics)

    def build_chat() -> "Chat":
        from booklight.api.quotas import Bounds
        from booklight.chat.endpoint import Chat
        from booklight.chat.turns import Turns

        store = parts.database.require()
        turns = Turns(store, resume_seconds=settings.resume_seconds, watch=metrics.count_turn, spans=spans)
        server = _build_server(settings, store, turns, parts.model.require(), parts.index, metrics, spans)
        bounds = Bounds(settings.threads_per_reader, settings.messages_per_thread)
        check_index = parts.index.require
        return Chat(
            server, turns, readers=readers, limits=limits, bounds=bounds, metrics=metrics, check_index=check_index
        )

    return Sidecar(
        database=parts.database,
        index=parts.index,
        model=parts.model,
        readers=readers,
        limits=limits,
        spans=spans,
        metrics=metrics,
        retention=None if settings.retention_days is None else timedelta(days=settings.retention_days),
        build_chat=build_chat,
    )


def _build_server(
    settings: Settings,
    store: "SqlStore",
    turns: "Turns",
    model: "ConnectedModel",
    index: "Part[Index]",
    metrics: Metrics,
    spans: Spans,
) -> "BookServer":
    from booklight.chat.answering import Answering
    from booklight.chat.follow_ups import suggest
    from booklight.chat.server import BookServer
    from booklight.citations.stage import absolute_url
    from booklight.extractive import NAME as EXTRACTIVE
    from booklight.extractive import NOT_COVERED
    from booklight.llm.agent import CALLS_BESIDE_SEARCHES, build_agent
    from booklight.llm.models import connect_model

    needs_no_model = settings.model_copy(update={"model": EXTRACTIVE})

    async def suggest_next(cited: Sequence["Chunk"], asked: Sequence[str]) -> list[str]:
        return await suggest(index.require(), cited, asked)

    searches, search_book = settings.searches_per_turn, _measured_search(settings, index, metrics, spans)
    answering = Answering(
        store=store,
        agent=build_agent(search_book, agent_instructions(settings), max_searches=searches),
        run_config=model.run_config if settings.otlp_endpoint is None else _measured(model, spans),
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
        log_text=settings.log_reader_text,
        titles=_build_titles(settings, store),
    )


def _measured_search(settings: Settings, index: "Part[Index]", metrics: Metrics, spans: Spans) -> "SearchFunction":
    from booklight.search.passages import search

    nearby = boosts(settings)

    async def search_book(queries: Sequence[str], *, scope: Scope, page: PageContext, selection: str | None) -> Found:
        with metrics.time_search(), spans.measure("search") as span:
            found = await search(index.require(), queries, scope=scope, page=page, selection=selection, boosts=nearby)
            span.note(scope=scope, queries=len(queries), passages=len(found.passages), found=found.found)
        return found

    return search_book


def _measured(model: "ConnectedModel", spans: Spans) -> "RunConfig":
    from booklight.ops.measured_model import MeasuredModel

    return replace(model.run_config, model=MeasuredModel(model.model, model.name, spans))


def _build_titles(settings: Settings, store: "SqlStore") -> "Titles | None":
    from booklight.llm.models import connect_title_model
    from booklight.llm.titles import Titles

    model = connect_title_model(settings)
    if model is None:
        return None
    return Titles(store, model.run_config, _daily_budget(settings), close_model=model.close)


def _daily_budget(settings: Settings) -> "DailyBudget":
    from booklight.store.usage import Allowance, DailyBudget

    return DailyBudget(
        reader=Allowance(settings.turns_per_day_per_reader, settings.tokens_per_day_per_reader),
        everybody=Allowance(settings.turns_per_day, settings.tokens_per_day),
    )


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
