"""Check every part of a set-up, and return what is wrong with what to do about it. Nothing is changed."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL

from booklight.doctor.access import check_access, check_traces
from booklight.doctor.diagnostics import Diagnostic
from booklight.doctor.qdrant import check_qdrant
from booklight.lifecycle import check_settings
from booklight.ops.folders import LET_WRITE, write_failure, written_folders
from booklight.search.connection import connect_embedder, opened_index
from booklight.settings import BUILT_IN_MODEL, Settings, SettingsError, load_settings
from booklight.store.database import StoreUnavailable, parse_database_url
from booklight.store.migrations import compare_revision
from booklight_ingest.errors import IngestError
from booklight_ingest.pages import load_book

LEAST_FREE_BYTES = 500_000_000


async def diagnose(pages_json: Path, *, ask_model: bool = False) -> list[Diagnostic]:
    """Check the set-up that the environment describes, against the book in `pages_json` if it is there.

    Without `ask_model`, nothing is asked of a model or an embedding on another machine.
    """
    try:
        settings = load_settings()
        check_settings(settings)
    except SettingsError as error:
        return [Diagnostic("settings", str(error), "correct the setting and run this again; the rest depends on it")]
    return await diagnose_settings(settings, pages_json, ask_model=ask_model)


async def diagnose_settings(settings: Settings, pages_json: Path, *, ask_model: bool = False) -> list[Diagnostic]:
    """Check the set-up that `settings` describe; see `diagnose`."""
    return [
        Diagnostic("settings", "every setting has a value it may have"),
        await _check_database(settings),
        *await check_qdrant(settings),
        *await _check_index(settings, pages_json),
        await _check_embedding(settings, ask=ask_model),
        *await _check_model(settings, ask=ask_model),
        *await check_access(settings),
        *await check_traces(settings),
        *_check_disk(settings),
    ]


async def _check_database(settings: Settings) -> Diagnostic:
    url = parse_database_url(settings.database_url.get_secret_value())
    file = _sqlite_file(url)
    if file is not None and not file.exists():
        return Diagnostic("database", f"{file} is not there yet: `booklight serve` makes it")
    try:
        revision = await compare_revision(url)
    except StoreUnavailable as error:
        return Diagnostic("database", str(error), "start the database, or correct BOOKLIGHT_DATABASE_URL")
    match revision:
        case "current":
            return Diagnostic("database", f"{url} answers, and its tables are today's")
        case "empty":
            return Diagnostic("database", f"{url} answers, and is empty: `booklight serve` makes the tables")
        case "older":
            return Diagnostic(
                "database", f"{url} has the tables of an older Booklight", "restart the sidecar to migrate"
            )
        case "newer":
            return Diagnostic("database", f"{url} has the tables of a newer Booklight", "update Booklight here")
        case "unreleased":
            made = f"{url} has the tables of a development version before the first release"
            return Diagnostic("database", made, "move it away or drop its tables: it cannot be migrated")


async def _check_index(settings: Settings, pages_json: Path) -> list[Diagnostic]:
    try:
        async with opened_index(settings) as index:
            info = index.info
    except IngestError as error:
        return [Diagnostic("index", str(error), _remedy_for_index(settings))]
    age = datetime.now(UTC) - info.built_at
    made = f"{info.chunks} chunks of {info.pages} pages, indexed {age.days} days ago"
    return [Diagnostic("index", made), _compare_commits(info.commit, pages_json)]


def _remedy_for_index(settings: Settings) -> str:
    where = "Qdrant can be reached from here" if settings.qdrant_url else "the folder is the right one"
    return f"run `booklight index` with these settings, and check that {where}"


def _compare_commits(indexed: str | None, pages_json: Path) -> Diagnostic:
    if not pages_json.exists():
        return Diagnostic("book", f"there is no {pages_json} here, so the index was not compared with the book")
    try:
        built = load_book(pages_json).site.commit
    except IngestError as error:
        return Diagnostic("book", str(error), "build the book again")
    if indexed == built:
        return Diagnostic("book", f"the index and {pages_json} are of the same commit, {built or 'which is not known'}")
    stale = f"the index is of commit {indexed}, {pages_json} of {built}"
    return Diagnostic("book", stale, f"run `booklight index {pages_json}`")


async def _check_embedding(settings: Settings, *, ask: bool) -> Diagnostic:
    try:
        embedder = connect_embedder(settings)
        if ":" in settings.embedding and not ask:
            return Diagnostic("embedding", f"{embedder.name} is set up; --model asks it")
        await embedder.embed_query(["bees"])
    except IngestError as error:
        return Diagnostic("embedding", str(error), "correct BOOKLIGHT_EMBEDDING or its key")
    return Diagnostic("embedding", f"{embedder.name} answers")


async def _check_model(settings: Settings, *, ask: bool) -> list[Diagnostic]:
    if settings.model == BUILT_IN_MODEL:
        return [Diagnostic("model", "none: answers are quotations")]
    if not ask:
        return [Diagnostic("model", f"{settings.model} is set up; --model asks it")]
    # The agent's libraries take seconds to import, and nothing else here needs them.
    from booklight.doctor.model import ask_model

    return await ask_model(settings)


def _check_disk(settings: Settings) -> list[Diagnostic]:
    return [_check_folder(folder) for folder in written_folders(settings)]


def _check_folder(folder: Path) -> Diagnostic:
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB free at {folder}"
    failure = write_failure(folder)
    if failure is not None:
        return Diagnostic("disk", f"{folder} cannot be written ({failure})", LET_WRITE)
    if free >= LEAST_FREE_BYTES:
        return Diagnostic("disk", found)
    return Diagnostic("disk", found, f"make room: indexing and storing want {LEAST_FREE_BYTES / 1e9:.1f} GB")


def _sqlite_file(url: URL) -> Path | None:
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
