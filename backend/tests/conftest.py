"""Fixtures that need a database. Postgres starts with the first test that asks for it."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backend.tests.live import index_small_book
from backend.tests.postgres import Postgres, copied_database, start_postgres
from backend.tests.scripted_model import ScriptedModel, serve_held_model
from booklight.ops.logging import OURS
from booklight.store.database import parse_database_url
from booklight.store.migrations import upgrade
from booklight.store.threads import SqlStore, open_store
from booklight_ingest.embed.embedder import open_embedder
from ingest.tests.remembered_runs import runs_are_remembered

__all__ = ["runs_are_remembered"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A Postgres server, for all tests of the run."""
    with start_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> str:
    """The name of a database with the schema and nothing in it, to copy."""
    name = postgres.create_database()
    _migrate(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema and nothing in it, to copy."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the index of the small book, for all processes of a module's tests."""
    made = tmp_path_factory.mktemp("shared")
    asyncio.run(index_small_book(made / "index", open_embedder()))
    return made


@pytest.fixture
def held_model() -> Iterator[ScriptedModel]:
    """A model that waits in mid-answer."""
    with serve_held_model() as model:
        yield model


@pytest.fixture(params=["sqlite", "postgres"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Run the test on each database."""
    return str(request.param)


@pytest.fixture
def empty_database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own, with nothing in it."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with copied_database(server, "template1") as url:
        yield url


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own, with the schema."""
    if database_kind == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "booklight.db")
        yield f"sqlite:///{tmp_path}/booklight.db"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with copied_database(server, request.getfixturevalue("migrated_postgres")) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database for what is the same on all of them."""
    return f"sqlite:///{tmp_path}/booklight.db"


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlStore]:
    """A store on a database of the test's own."""
    opened = await open_store(database_url)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """Put the log of the process back as it was: what a test sets up writes to a stream that ends with the test."""
    root, ours = logging.getLogger(), logging.getLogger(OURS)
    handlers, levels = root.handlers, (root.level, ours.level)
    yield
    root.handlers = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def _migrate(url: str) -> None:
    # In a thread of its own, since a loop may run in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(upgrade(parse_database_url(url)))).result()
