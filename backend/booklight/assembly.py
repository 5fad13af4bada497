"""Dependency wiring: what an answer needs is opened and connected here, as the settings say, and nowhere else.

Importing this module imports every library that answering needs, which takes seconds. `lifecycle` imports it once, in
a thread, when the process already serves.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from mcp.server import Server
from opentelemetry.trace import Tracer

from booklight.api.preconditions import Quotas
from booklight.auth.authenticator import Authenticator
from booklight.auth.rate_limits import TurnLimits
from booklight.chat.answering import Answerer, Answering
from booklight.chat.endpoint import Chat
from booklight.chat.follow_ups import Suggestion, suggest
from booklight.chat.server import BookServer
from booklight.chat.turns import Turns
from booklight.citations.stage import absolute_url
from booklight.contracts import Found, PageContext, SearchRequest
from booklight.errors import DATABASE_SILENT, ComponentUnavailable
from booklight.extractive import NAME as EXTRACTIVE
from booklight.extractive import BlockJudge, ExtractiveModel, ScoreBlocks, no_judge, tier_of
from booklight.insights.live import LiveInsights
from booklight.llm.agent import CALLS_BESIDE_SEARCHES, build_agent, build_reading_agent, load_instructions
from booklight.llm.first_search import FirstSearch
from booklight.llm.models import ConnectedModel, connect_model, connect_title_model, hold_model
from booklight.llm.search_tool import SearchFunction
from booklight.llm.titles import Titles
from booklight.llm.traced_model import Traced
from booklight.mcp_server.open_book import OpenBook
from booklight.mcp_server.server import build_server
from booklight.ops.metrics import Metrics
from booklight.ops.tracing import add_attributes, current_span
from booklight.search.connection import boosts, connect_embedder, connect_reranker, index_location, local_embedder
from booklight.search.passages import search
from booklight.search.places import find_place
from booklight.search.reranking import Reranker
from booklight.settings import Settings, SettingsError
from booklight.sharing.answer_sharing import AnswerSharing, BookPlace
from booklight.store.database import StoreUnavailable
from booklight.store.quotas import Allowance, DailyBudget
from booklight.store.threads import SqlStore, open_store
from booklight_ingest.chunks import Chunk
from booklight_ingest.errors import EmbeddingFailed, IndexMismatch, IndexMissing, IngestError
from booklight_ingest.index.live import Index, open_index


class Assembly:
    """Opens the components that `settings` name and builds the chat. Every `open_` raises ComponentUnavailable."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reranker: Reranker | None = None
        self._index: Index | None = None
        self._judge = BlockJudge(lambda: self._reranker, lambda: self._index)

    async def open_database(self) -> SqlStore:
        """Open the store, its schema brought up to date."""
        try:
            return await open_store(self._settings.database_url.get_secret_value())
        except StoreUnavailable as error:
            raise ComponentUnavailable(DATABASE_SILENT, str(error)) from error
        except SettingsError as error:
            raise ComponentUnavailable(
                "The database is not set up: check BOOKLIGHT_DATABASE_URL.", str(error)
            ) from error

    async def open_index(self) -> Index:
        """Open the index, with the embedder that it was made with, and load the cross-encoder."""
        try:
            reranker = connect_reranker(self._settings)
            if reranker is not None:
                await reranker.prepare()
            self._index = await open_index(index_location(self._settings), connect_embedder(self._settings))
            return self._index
        except IngestError as error:
            raise ComponentUnavailable(_remedy(error), str(error)) from error

    async def open_model(self) -> ConnectedModel:
        """Connect the answering model; nothing is asked of it yet."""
        try:
            _load_instructions(self._settings)
            return connect_answering_model(self._settings, self._judge)
        except SettingsError as error:
            reason = "The model is not set up: check BOOKLIGHT_MODEL and BOOKLIGHT_INSTRUCTIONS_PATH."
            raise ComponentUnavailable(reason, str(error)) from error

    def build_chat(
        self,
        store: SqlStore,
        model: ConnectedModel,
        require_index: Callable[[], Index],
        *,
        authenticator: Authenticator,
        limits: TurnLimits,
        metrics: Metrics,
        tracer: Tracer,
    ) -> Chat:
        """Return what answers chat requests. `require_index` raises NotReady while there is no index."""
        settings = self._settings
        self._reranker = connect_reranker(settings, settings.rerank_milliseconds / 1000)
        turns = Turns(store, resume_seconds=settings.resume_seconds, on_end=metrics.count_turn, tracer=tracer)
        return Chat(
            _build_server(
                settings,
                store,
                model,
                _measured_search(settings, self._reranker, require_index, metrics, tracer),
                require_index,
                tracer,
                self._judge,
            ),
            turns,
            authenticator=authenticator,
            limits=limits,
            quotas=Quotas(settings.threads_per_reader, settings.messages_per_thread),
            metrics=metrics,
            check_index=require_index,
        )

    def build_mcp_server(self, require_index: Callable[[], Index]) -> Server[Any]:
        """Return the MCP server of the book. `require_index` raises NotReady while there is no index."""
        settings = self._settings
        book = OpenBook(
            require_index,
            boosts=boosts(settings),
            reranker=connect_reranker(settings, settings.rerank_milliseconds / 1000),
            book_base_url=settings.book_base_url,
        )
        return build_server(book, require_index().info.site_title)

    def build_insights(self, store: SqlStore, require_index: Callable[[], Index]) -> LiveInsights:
        """Return what reports on the conversations in `store`. `require_index` raises NotReady without an index."""
        settings = self._settings

        def absolute(address: str) -> str:
            return absolute_url(require_index().info, settings.book_base_url, address)

        return LiveInsights(
            store.database, require_index, local_embedder(settings), absolute, floor=settings.insights_floor
        )

    def build_sharing(self, store: SqlStore, opened_index: Callable[[], Index | None]) -> AnswerSharing:
        """Return what shares the answers in `store`; `opened_index` is None while there is no index."""
        settings = self._settings

        def find_page(page: PageContext) -> BookPlace | None:
            index = opened_index()
            if index is None:
                return None
            known = find_place(page, index.manifest).path or index.info.base_url
            return BookPlace(index.info.site_title, absolute_url(index.info, settings.book_base_url, known))

        return AnswerSharing(store, lifetime=timedelta(days=settings.share_days), find_place=find_page)


def connect_answering_model(settings: Settings, score_blocks: ScoreBlocks = no_judge) -> ConnectedModel:
    """Return the model that `settings.model` names; `score_blocks` judges quotations. Raises SettingsError."""
    return _hold_extractive(settings, score_blocks) if settings.model == EXTRACTIVE else connect_model(settings)


class _TracedExtractiveModel(Traced, ExtractiveModel):
    """The model that needs no model, with a span for each call where spans are sent."""


def _hold_extractive(settings: Settings, score_blocks: ScoreBlocks) -> ConnectedModel:
    return hold_model(EXTRACTIVE, _TracedExtractiveModel(score_blocks), settings)


def _build_server(
    settings: Settings,
    store: SqlStore,
    model: ConnectedModel,
    search_book: SearchFunction,
    require_index: Callable[[], Index],
    tracer: Tracer,
    score_blocks: ScoreBlocks,
) -> BookServer:
    async def suggest_next(cited: Sequence[Chunk], asked: Sequence[str]) -> list[Suggestion]:
        return await suggest(require_index(), cited, asked)

    return BookServer(
        store,
        answering=_build_answering(settings, store, model, search_book, require_index, tracer, score_blocks),
        suggest=suggest_next,
        declines=lambda text: tier_of(text) == "not_covered",
        log_text=settings.log_reader_text,
        history_tokens=settings.history_tokens,
        titles=_build_titles(settings, store),
    )


def _build_answering(
    settings: Settings,
    store: SqlStore,
    model: ConnectedModel,
    search_book: SearchFunction,
    require_index: Callable[[], Index],
    tracer: Tracer,
    score_blocks: ScoreBlocks,
) -> Answering:
    searches = settings.searches_per_turn

    def absolute(path: str) -> str:
        return absolute_url(require_index().info, settings.book_base_url, path)

    def locale_of(page: PageContext) -> str:
        return find_place(page, require_index().manifest).locale

    if settings.otlp_endpoint is not None and isinstance(model.model, Traced):
        model.model.trace(tracer, model.name)
    quoting = build_agent(search_book, max_searches=searches)
    answerer = Answerer(quoting, model.run_config, kind_of=tier_of if model.name == EXTRACTIVE else None)
    if model.reads_first:
        reading = build_reading_agent(
            search_book,
            _load_instructions(settings),
            takes_tools=model.takes_tools,
            max_searches=searches,
            passages=settings.passages,
        )
        first_search = FirstSearch(
            search_book,
            model.takes_tools,
            absolute,
            passages=settings.passages,
            context_tokens=settings.context_tokens,
            answer_tokens=settings.max_output_tokens,
        )
        answerer = Answerer(reading, model.run_config, first_search)
    return Answering(
        store=store,
        model=answerer,
        fallback=None
        if model.name == EXTRACTIVE
        else Answerer(quoting, _hold_extractive(settings, score_blocks).run_config, kind_of=tier_of),
        budget=_daily_budget(settings),
        model_calls=searches + CALLS_BESIDE_SEARCHES,
        absolute=absolute,
        locale_of=locale_of,
    )


def _measured_search(
    settings: Settings,
    reranker: Reranker | None,
    require_index: Callable[[], Index],
    metrics: Metrics,
    tracer: Tracer,
) -> SearchFunction:
    nearby = boosts(settings)

    async def search_book(request: SearchRequest) -> Found:
        with metrics.time_search(), current_span(tracer, "search") as span:
            found = await search(require_index(), request, boosts=nearby, reranker=reranker)
            add_attributes(span, scope=request.scope, queries=len(request.queries))
            add_attributes(span, passages=len(found.passages), found=found.found)
        if found.reranked is not None:
            metrics.count_reranked(found.reranked)
        return found

    return search_book


def _build_titles(settings: Settings, store: SqlStore) -> Titles | None:
    model = connect_title_model(settings)
    if model is None:
        return None
    return Titles(store, model.run_config, _daily_budget(settings), close_model=model.close)


def _load_instructions(settings: Settings) -> Callable[[bool], str]:
    """Return what the agent follows, with a tool and without. Raises SettingsError."""
    return load_instructions(
        settings.instructions_path, mode=settings.instructions_mode, max_searches=settings.searches_per_turn
    )


def _daily_budget(settings: Settings) -> DailyBudget:
    return DailyBudget(
        reader=Allowance(settings.turns_per_day_per_reader, settings.tokens_per_day_per_reader),
        everybody=Allowance(settings.turns_per_day, settings.tokens_per_day),
    )


def _remedy(error: IngestError) -> str:
    match error:
        case IndexMissing():
            return "There is no index yet: run `booklight index`."
        case IndexMismatch():
            return "The index was made by another version or embedding: run `booklight index`."
        case EmbeddingFailed():
            return (
                "The embedding or the cross-encoder cannot be used: check BOOKLIGHT_EMBEDDING and BOOKLIGHT_RERANKER."
            )
        case _:
            return "The index cannot be read: check where it is, or run `booklight index`."
