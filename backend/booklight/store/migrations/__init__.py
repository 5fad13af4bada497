"""Migrations: bring a database, empty or of an earlier version, to the schema of `booklight.store.tables`.

Which revision a database has is read without Alembic, which takes long to import: only a migration imports it.
"""

import asyncio
from pathlib import Path
from typing import Literal

from sqlalchemy import URL, Connection, column, inspect, select, table, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import NullPool

from booklight.store.database import StoreUnavailable, create_engine, describe_failures

Comparison = Literal["empty", "current", "older", "newer", "unreleased"]
"""How a database's schema compares with today's; `unreleased` is that of a version before the first release."""

_VERSIONS = Path(__file__).parent / "versions"
_AT = table("alembic_version", column("version_num"))
_ANY_NUMBER = 0x626F6F6B
_LOCK_SECONDS = 30
_RETRY_SECONDS = 0.05


async def bring_up_to_date(url: URL) -> Comparison:
    """Bring the database at `url` to today's schema and say how it was before.

    Raises StoreUnavailable, for a database of a newer version and of one before the first release too.
    """
    before = await compare_revision(url)
    match before:
        case "newer":
            raise StoreUnavailable(f"The database {url} was made by a newer Booklight: install that version")
        case "unreleased":
            raise StoreUnavailable(
                f"The database {url} was made by a development version before the first release, and cannot be"
                " migrated: move it away or drop its tables, or name another one in BOOKLIGHT_DATABASE_URL"
            )
        case "empty" | "older":
            await upgrade(url)
    return before


async def compare_revision(url: URL) -> Comparison:
    """Say how the schema of the database at `url` compares with today's; changes nothing. Raises StoreUnavailable."""
    engine = create_engine(url, poolclass=NullPool)
    only_reading = engine.execution_options(isolation_level="AUTOCOMMIT")
    try:
        async with describe_failures(url), only_reading.connect() as connection:
            return _compare(await connection.run_sync(_read_revision))
    finally:
        await engine.dispose()


def known_revisions() -> list[str]:
    """Return all revisions in their order: the names of their files up to the first underscore."""
    return sorted(file.stem.partition("_")[0] for file in _VERSIONS.glob("r*.py"))


async def upgrade(url: URL) -> None:
    """Bring the database at `url` to today's schema, in one transaction. Raises StoreUnavailable.

    Processes that start at once take turns: the first migrates, the others find it done.
    """
    engine = create_engine(url, poolclass=NullPool)
    try:
        if engine.dialect.name == "sqlite":
            await _use_write_ahead_log(engine, url)
        async with describe_failures(url), engine.begin() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _compare(revision: str | None) -> Comparison:
    known = known_revisions()
    if revision is None:
        return "empty"
    if not revision.startswith("r"):
        return "unreleased"
    if revision not in known:
        return "newer"
    return "current" if revision == known[-1] else "older"


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_AT.name):
        return None
    return connection.scalar(select(_AT.c.version_num))


async def _use_write_ahead_log(engine: AsyncEngine, url: URL) -> None:
    """Let readers go on while one writes; kept in the file. SQLite does not wait for the locks it needs for this."""
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with describe_failures(url), asyncio.timeout(_LOCK_SECONDS):
        while True:
            try:
                async with alone.connect() as connection:
                    await connection.execute(text("PRAGMA journal_mode = WAL"))
                return
            except OperationalError as error:
                if "locked" not in str(error.orig):
                    raise
                await asyncio.sleep(_RETRY_SECONDS)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ANY_NUMBER})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
