"""Examine every part of a set-up: what was found, and what to do where something is wrong. Changes nothing."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL

from booklight.doctor.access import examine_access, examine_traces
from booklight.doctor.diagnostics import Finding
from booklight.lifecycle import check_settings
from booklight.search.connection import connect_embedder, opened_index
from booklight.settings import BUILT_IN_MODEL, Settings, SettingsError, load_settings
from booklight.store.database import StoreUnavailable, parse_database_url
from booklight.store.migrations import compare_revision
from booklight_ingest.errors import IngestError
from booklight_ingest.pages import load_book

LEAST_FREE_BYTES = 500_000_000


async def diagnose(pages_json: Path, *, ask_model: bool = False) -> list[Finding]:
    """Examine the set-up that the environment describes, against the book in `pages_json` if it is there.

    Without `ask_model`, nothing is asked of a model or an embedding on another machine.
    """
    try:
        settings = load_settings()
        check_settings(settings)
    except SettingsError as error:
        return [Finding("settings", str(error), "correct the setting and run this again; the rest depends on it")]
    return await examine(settings, pages_json, ask_model=ask_model)


async def examine(settings: Settings, pages_json: Path, *, ask_model: bool = False) -> list[Finding]:
    """Examine the set-up that `settings` describe; see `diagnose`."""
    return [
        Finding("settings", "every setting has a value it may have"),
        await _examine_database(settings),
        *await _examine_index(settings, pages_json),
        await _examine_embedding(settings, ask=ask_model),
        await _examine_model(settings, ask=ask_model),
        *await examine_access(settings),
        *await examine_traces(settings),
        *_examine_disk(settings),
    ]


async def _examine_database(settings: Settings) -> Finding:
    url = parse_database_url(settings.database_url.get_secret_value())
    file = _sqlite_file(url)
    if file is not None and not file.exists():
        return Finding("database", f"{file} is not there yet: `booklight serve` makes it")
    try:
        revision = await compare_revision(url)
    except StoreUnavailable as error:
        return Finding("database", str(error), "start the database, or correct BOOKLIGHT_DATABASE_URL")
    match revision:
        case "current":
            return Finding("database", f"{url} answers, and its tables are today's")
        case "empty":
            return Finding("database", f"{url} answers, and is empty: `booklight serve` makes the tables")
        case "older":
            return Finding("database", f"{url} has the tables of an older Booklight", "restart the sidecar to migrate")
        case "newer":
            return Finding("database", f"{url} has the tables of a newer Booklight", "update Booklight here")
        case "unreleased":
            made = f"{url} has the tables of a development version before the first release"
            return Finding("database", made, "move it away or drop its tables: it cannot be migrated")


async def _examine_index(settings: Settings, pages_json: Path) -> list[Finding]:
    try:
        async with opened_index(settings) as index:
            info = index.info
    except IngestError as error:
        return [Finding("index", str(error), _remedy_for_index(settings))]
    age = datetime.now(UTC) - info.built_at
    made = f"{info.chunks} chunks of {info.pages} pages, indexed {age.days} days ago"
    return [Finding("index", made), _compare_commits(info.commit, pages_json)]


def _remedy_for_index(settings: Settings) -> str:
    where = f"{settings.qdrant_url} can be reached from here" if settings.qdrant_url else "the folder is the right one"
    return f"run `booklight index` with these settings, and check that {where}"


def _compare_commits(indexed: str | None, pages_json: Path) -> Finding:
    if not pages_json.exists():
        return Finding("book", f"there is no {pages_json} here, so the index was not compared with the book")
    try:
        built = load_book(pages_json).site.commit
    except IngestError as error:
        return Finding("book", str(error), "build the book again")
    if indexed == built:
        return Finding("book", f"the index and {pages_json} are of the same commit, {built or 'which is not known'}")
    stale = f"the index is of commit {indexed}, {pages_json} of {built}"
    return Finding("book", stale, f"run `booklight index {pages_json}`")


async def _examine_embedding(settings: Settings, *, ask: bool) -> Finding:
    try:
        embedder = connect_embedder(settings)
        if ":" in settings.embedding and not ask:
            return Finding("embedding", f"{embedder.name} is set up; --model asks it")
        await embedder.embed_query(["bees"])
    except IngestError as error:
        return Finding("embedding", str(error), "correct BOOKLIGHT_EMBEDDING or its key")
    return Finding("embedding", f"{embedder.name} answers")


async def _examine_model(settings: Settings, *, ask: bool) -> Finding:
    if settings.model == BUILT_IN_MODEL:
        return Finding("model", "none: answers are quotations")
    if not ask:
        return Finding("model", f"{settings.model} is set up; --model asks it")
    # The agent's libraries take seconds to import, and nothing else here needs them.
    from booklight.doctor.model import ask_model

    failure = await ask_model(settings)
    if failure is None:
        return Finding("model", f"{settings.model} answers")
    remedy = "check BOOKLIGHT_MODEL, BOOKLIGHT_MODEL_BASE_URL and the key, and that the server can be reached"
    return Finding("model", f"{settings.model} does not answer: {failure}", remedy)


def _examine_disk(settings: Settings) -> list[Finding]:
    database = _sqlite_file(parse_database_url(settings.database_url.get_secret_value()))
    used = [None if settings.qdrant_url else settings.index_path, database]
    folders = sorted({_nearest_folder(path.absolute()) for path in used if path is not None})
    return [_examine_folder(folder) for folder in folders]


def _examine_folder(folder: Path, usage: Callable[[Path], "shutil._ntuple_diskusage"] = shutil.disk_usage) -> Finding:
    free = usage(folder).free
    found = f"{free / 1e9:.1f} GB free at {folder}"
    if free >= LEAST_FREE_BYTES:
        return Finding("disk", found)
    return Finding("disk", found, f"make room: indexing and storing want {LEAST_FREE_BYTES / 1e9:.1f} GB")


def _nearest_folder(path: Path) -> Path:
    """Return the folder that `path` is or would be made in."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


def _sqlite_file(url: URL) -> Path | None:
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
