"""Open what an answer needs, as the settings say: the database, the index and the model.

What is slow to import (the agent's libraries, the database's, the index's) is imported as its part is opened, off the
event loop, so that the process can say within a second that it is there.
"""

import asyncio
import gc
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from booklight.lifecycle import Part, PartUnavailable
from booklight.search.connection import connect_embedder, index_location
from booklight.settings import BUILT_IN_MODEL, Settings, SettingsError
from booklight.sidecar import NO_ANSWER
from booklight_ingest.errors import EmbeddingFailed, IndexMismatch, IndexMissing, IngestError

if TYPE_CHECKING:
    from booklight.llm.models import ConnectedModel
    from booklight.store.threads import SqlStore
    from booklight_ingest.index.live import Index


@dataclass(frozen=True, slots=True)
class Parts:
    """What an answer needs, each opened once the app runs."""

    database: "Part[SqlStore]"
    index: "Part[Index]"
    model: "Part[ConnectedModel]"


def choose_parts(settings: Settings) -> Parts:
    """Return the parts that `settings` name, with nothing opened yet."""
    return Parts(
        database=Part("database", lambda: _open_database(settings)),
        index=Part("index", lambda: _open_index(settings)),
        model=Part("model", lambda: _connect_model(settings)),
    )


def check_settings(settings: Settings) -> None:
    """Raise SettingsError for what is wrong with the settings themselves, which no waiting will mend."""
    from booklight.store.database import parse_database_url

    parse_database_url(settings.database_url.get_secret_value())
    if settings.model != BUILT_IN_MODEL:
        from booklight.llm.models import connect_model

        connect_model(settings)
    if settings.title_model is not None:
        from booklight.llm.models import connect_title_model

        connect_title_model(settings)


def agent_instructions(settings: Settings) -> str:
    """Return what the agent follows. Raises SettingsError."""
    from booklight.llm.agent import load_instructions

    return load_instructions(
        settings.instructions_path, mode=settings.instructions_mode, max_searches=settings.searches_per_turn
    )


async def _open_database(settings: Settings) -> "SqlStore":
    await _import("booklight.store.threads")
    from booklight.store.database import StoreUnavailable
    from booklight.store.threads import open_store

    try:
        return await open_store(settings.database_url.get_secret_value())
    except StoreUnavailable as error:
        raise PartUnavailable(NO_ANSWER, str(error)) from error
    except SettingsError as error:
        raise PartUnavailable("The database is not set up: check BOOKLIGHT_DATABASE_URL.", str(error)) from error


async def _open_index(settings: Settings) -> "Index":
    await _import("booklight_ingest.index.live")
    from booklight_ingest.index.live import open_index

    try:
        return await open_index(index_location(settings), connect_embedder(settings))
    except IngestError as error:
        raise PartUnavailable(_what_mends(error), str(error)) from error


async def _connect_model(settings: Settings) -> "ConnectedModel":
    await _import("booklight.chat.endpoint", "booklight.llm.models", "booklight.search.passages")
    from booklight.llm.models import connect_model

    try:
        agent_instructions(settings)
        return connect_model(settings)
    except SettingsError as error:
        reason = "The model is not set up: check BOOKLIGHT_MODEL and BOOKLIGHT_INSTRUCTIONS_PATH."
        raise PartUnavailable(reason, str(error)) from error


async def _import(*modules: str) -> None:
    """Import what takes seconds in a thread, so that the event loop goes on answering."""
    missing = [module for module in modules if module not in sys.modules]
    if not missing:
        return
    gc.disable()  # it would walk through all that is being made, again and again, and find nothing to free
    try:
        for module in missing:
            await asyncio.to_thread(import_module, module)
    finally:
        gc.freeze()
        gc.enable()


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
