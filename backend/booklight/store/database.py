"""The database behind the store: which one a URL names, how it is reached, and how statements run on it."""

import asyncio
import json
import os
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Table, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, InvalidatePoolError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from booklight.ops.folders import write_failure
from booklight.settings import SettingsError

_ALLOWED = "use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
_POSTGRES_OPTIONS = {"host", "port", "ssl", "sslmode", "prepared_statement_cache_size", "target_session_attrs"}
_CONNECT_SECONDS = 10
_STATEMENT_SECONDS = 30
_LOCK_SECONDS = 15
_POOL_SECONDS = 30
_PING_SECONDS = 5
_IDLE_SECONDS = 1.0
_OUR_MISTAKES = (DataError, IntegrityError, ProgrammingError)

Insert = postgresql.Insert | sqlite.Insert


class StoreUnavailable(Exception):
    """The database cannot be reached or cannot be used; the text says which and why, without its password."""


class DiskFull(StoreUnavailable):
    """The database's file can be read and takes no more."""


class Database:
    """A pool of at most twice `pool_size` connections to one database; made once per process, after any fork."""

    def __init__(self, url: URL, *, pool_size: int = 5) -> None:
        self._url = url
        # No overflow: a connection that is closed when it is given back costs as much as ten turns to open again. That
        # which was used last is used next, so that it is seldom idle for long.
        pool = {"pool_size": 2 * pool_size, "max_overflow": 0, "pool_timeout": _POOL_SECONDS, "pool_use_lifo": True}
        self._engine = create_engine(url, statement_seconds=_STATEMENT_SECONDS, **pool)
        self._autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        # Whoever has waited longest gets a connection next. Of those who wait for the pool itself, newcomers overtake.
        self._free = asyncio.Semaphore(2 * pool_size)

    @property
    def writes_in_with(self) -> bool:
        """Whether the WITH clause of a statement can write."""
        return self._engine.dialect.name == "postgresql"

    def insert(self, table: Table) -> Insert:
        """Return an INSERT into `table` that can also say what to do on a conflict."""
        return sqlite.insert(table) if self._engine.dialect.name == "sqlite" else postgresql.insert(table)

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection on which each statement stands alone. Raises StoreUnavailable."""
        async with describe_failures(self._url), self._slot(), self._autocommit.connect() as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection whose statements take effect together, or not at all. Raises StoreUnavailable."""
        async with describe_failures(self._url), self._slot(), self._engine.begin() as connection:
            yield connection

    async def ping(self) -> None:
        """Ask the database for an answer within seconds, and a file for room to grow. Raises StoreUnavailable."""
        in_time = asyncio.timeout(_PING_SECONDS)
        async with describe_failures(self._url), in_time, self._slot(), self._autocommit.connect() as connection:
            await connection.execute(text("SELECT 1"))
        if self._engine.dialect.name == "sqlite":
            folder = Path(str(self._url.database)).parent
            if (reason := await asyncio.to_thread(write_failure, folder)) is not None:
                raise DiskFull(f"{folder} takes no more: {reason}")

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """Hold one of the connections that there may be. Raises TimeoutError."""
        async with asyncio.timeout(_POOL_SECONDS) if self._free.locked() else nullcontext():
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()


class OnDatabase:
    """Base of what keeps its rows in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def database(self) -> Database:
        """The database, for what only reads there."""
        return self._database


def parse_database_url(database_url: str) -> URL:
    """Return the URL with its async driver. Raises SettingsError for what is neither SQLite nor Postgres."""
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        raise SettingsError(f"BOOKLIGHT_DATABASE_URL is not a URL: {_ALLOWED}") from None
    match url.drivername:
        case "sqlite" | "sqlite+aiosqlite":
            return _sqlite_url(url)
        case "postgresql" | "postgres" | "postgresql+asyncpg":
            return _postgres_url(url)
    raise SettingsError(f"BOOKLIGHT_DATABASE_URL={url}: {_ALLOWED}")


def create_engine(url: URL, *, statement_seconds: float | None = None, **options: Any) -> AsyncEngine:
    """Return an engine for a URL of parse_database_url; on SQLite it makes the file's folder.

    A statement that takes longer than `statement_seconds` fails, so that a database that hangs holds up nobody.
    """
    dump = partial(json.dumps, ensure_ascii=False, allow_nan=False)
    options |= {"json_serializer": dump, "hide_parameters": True}
    if url.get_backend_name() == "sqlite":
        return _create_sqlite_engine(url, **options)
    timeouts = {"timeout": _CONNECT_SECONDS, "command_timeout": statement_seconds}
    engine = create_async_engine(url, connect_args=timeouts, **options)
    event.listen(engine.sync_engine, "checkin", _note_use)
    event.listen(engine.sync_engine, "checkout", _check_alive)
    return engine


@asynccontextmanager
async def describe_failures(url: URL) -> AsyncIterator[None]:
    """Turn a failure to reach or use the database at `url` into StoreUnavailable."""
    try:
        yield
    except _OUR_MISTAKES:
        raise
    except (DBAPIError, PoolTimeout, OSError) as error:
        raise StoreUnavailable(f"The database {url} cannot be used: {_reason(error)}") from error


def _sqlite_url(url: URL) -> URL:
    if url.database in (None, "", ":memory:") or url.query:
        raise SettingsError(f"BOOKLIGHT_DATABASE_URL={url}: name a file, as in sqlite:///.booklight/booklight.db")
    return url.set(drivername="sqlite+aiosqlite")


def _postgres_url(url: URL) -> URL:
    unknown = sorted(url.query.keys() - _POSTGRES_OPTIONS)
    if unknown:
        known = ", ".join(sorted(_POSTGRES_OPTIONS))
        raise SettingsError(
            f"BOOKLIGHT_DATABASE_URL has options {', '.join(unknown)}; leave them out: known are {known}"
        )
    query = {"ssl" if key == "sslmode" else key: value for key, value in url.query.items()}
    return url.set(drivername="postgresql+asyncpg", query=query)


def _create_sqlite_engine(url: URL, **options: Any) -> AsyncEngine:
    _make_private(Path(str(url.database)))
    arguments = {"timeout": _LOCK_SECONDS, "factory": _SqliteConnection}
    engine = create_async_engine(url, connect_args=arguments, **options)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _lock_sqlite)
    return engine


class _SqliteConnection(sqlite3.Connection):
    """Ends its transaction when it is closed.

    SQLite by itself does so when the last statement is let go. One whose rows were not fetched, since the write was
    cancelled, lives as long as the traceback, and would keep everybody else from writing.
    """

    def close(self) -> None:
        try:
            if self.in_transaction:
                self.rollback()
        finally:
            super().close()


def _make_private(file: Path) -> None:
    """Make the file, and its folder where there is none, so that only this user may read them.

    SQLite gives what it writes beside the file the same mode. A folder that is there may be for others too.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDONLY | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreUnavailable(f"The database {file} cannot be made: {error.strerror}") from error
    with suppress(OSError):  # another user's, who let this one in
        file.chmod(0o600)


def _prepare_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("foreign_keys = ON", "synchronous = NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _note_use(connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info["used"] = time.monotonic()


def _check_alive(
    connection: AsyncAdapt_asyncpg_connection, entry: ConnectionPoolEntry, _: PoolProxiedConnection
) -> None:
    """Have the pool replace a connection that its server has closed.

    The event loop marks one as closed when it next turns. What it does not see, as a network that went away, is found
    by asking one that was idle for long. Asking takes three messages: each time, it would be most of what a turn sends.
    """
    idle = time.monotonic() - entry.info.get("used", time.monotonic())
    suspicious = idle > _IDLE_SECONDS or connection.driver_connection.is_closed()
    if suspicious and not _answers(connection):
        raise InvalidatePoolError()


def _answers(connection: AsyncAdapt_asyncpg_connection) -> bool:
    try:
        connection.ping()  # type: ignore[no-untyped-call]
    except (connection.dbapi.Error, OSError):
        return False
    return True


def _lock_sqlite(connection: Connection) -> None:
    """Take the write lock as a transaction begins: taken later it could fail, and the work would have to be redone."""
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError | PoolTimeout):
        return "no answer in time"
    cause = error.orig if isinstance(error, DBAPIError) else error
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__
