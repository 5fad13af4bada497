"""Migrations: bring a database, empty or of an earlier version, to the schema of `booklight.store.tables`."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import NullPool

from booklight.store.database import create_engine, describe_failures

_ANY_NUMBER = 0x626F6F6B
_LOCK_SECONDS = 30
_RETRY_SECONDS = 0.05


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
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ANY_NUMBER})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
