"""Migrations: from nothing, from versions that cannot be migrated, and by several processes at once."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from backend.tests.samples import sample_question, sample_thread
from booklight.context import RequestContext
from booklight.store import migrations
from booklight.store.database import Database, StoreUnavailable, parse_database_url
from booklight.store.migrations import bring_up_to_date, compare_revision, known_revisions, upgrade
from booklight.store.tables import metadata
from booklight.store.threads import open_store

ROOT = Path(__file__).parents[2]
LATER = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "r9000", "{latest}"


def upgrade() -> None:
    op.add_column("threads", sa.Column("note", sa.Text()))
"""


def reader() -> RequestContext:
    return RequestContext(owner="reader-ann")


async def test_an_empty_database_gets_a_store_that_works(empty_database_url: str) -> None:
    store = await open_store(empty_database_url)
    await store.save_thread(sample_thread(), reader())
    await store.add_thread_item("thr_1", sample_question(), reader())
    page = await store.load_thread_items("thr_1", None, 10, "asc", reader())
    assert page.data == [sample_question()]
    await store.close()


async def test_opening_again_changes_nothing(database_url: str) -> None:
    for _ in range(2):
        store = await open_store(database_url)
        await store.save_thread(sample_thread(), reader())
        assert len((await store.load_threads(10, None, "asc", reader())).data) == 1
        await store.close()


async def test_a_database_is_said_to_be_empty_or_current(empty_database_url: str) -> None:
    url = parse_database_url(empty_database_url)
    assert await compare_revision(url) == "empty"
    await upgrade(url)
    assert await compare_revision(url) == "current"


async def test_a_database_of_an_earlier_release_is_migrated(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = parse_database_url(empty_database_url)
    await upgrade(url)
    versions = tmp_path / "later" / "versions"
    shutil.copytree(Path(migrations.__file__).parent, versions.parent)
    (versions / "r9000_note.py").write_text(LATER.format(latest=known_revisions()[-1]))
    monkeypatch.setattr(migrations, "__file__", str(versions.parent / "__init__.py"))
    monkeypatch.setattr(migrations, "_VERSIONS", versions)
    assert await bring_up_to_date(url) == "older"
    assert await bring_up_to_date(url) == "current"
    database = Database(url)
    async with database.statement() as connection:
        assert (await connection.execute(text("SELECT note FROM threads"))).all() == []
    await database.close()


def test_the_revisions_told_from_the_files_are_those_of_alembic() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert known_revisions() == [script.revision for script in scripts.walk_revisions()][::-1]


def test_a_store_at_todays_schema_is_opened_without_alembic(tmp_path: Path) -> None:
    opened = f"import asyncio; from booklight.store.threads import open_store; asyncio.run(open_store('sqlite:///{tmp_path}/b.db'))"
    for first in (True, False):
        program = f"import sys; {opened}; print('alembic' in sys.modules)"
        answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
        assert answer.stdout.strip() == str(first)


async def test_the_migrations_make_the_tables_that_the_code_describes(database_url: str) -> None:
    database = Database(parse_database_url(database_url))
    async with database.statement() as connection:
        assert await connection.run_sync(_differences) == []
    await database.close()


async def test_items_go_with_their_thread_and_are_found_by_index(database_url: str) -> None:
    database = Database(parse_database_url(database_url))
    async with database.statement() as connection:
        indexed, cascades, json_types = await connection.run_sync(_describe_items)
    await database.close()
    assert {("thread_id", "sequence"), ("thread_id", "id"), ("created_at",)} <= indexed
    assert cascades == ["CASCADE"]
    assert json_types == ({"JSONB"} if database_url.startswith("postgresql") else {"JSON"})


async def test_processes_that_start_at_once_all_find_the_schema(empty_database_url: str) -> None:
    program = (
        "import asyncio, sys; from booklight.store.threads import open_store; asyncio.run(open_store(sys.argv[1]))"
    )
    command = [sys.executable, "-c", program, empty_database_url]
    workers = [await asyncio.create_subprocess_exec(*command, cwd=ROOT) for _ in range(2)]
    assert [await worker.wait() for worker in workers] == [0, 0]


async def test_stores_opened_at_once_all_find_the_schema(empty_database_url: str) -> None:
    stores = await asyncio.gather(*(open_store(empty_database_url) for _ in range(8)))
    for store in stores:
        await store.ping()
        await store.close()


@pytest.mark.parametrize(
    ("revision", "said"), [("r9999", "made by a newer Booklight"), ("0004", "development version.*move it away")]
)
async def test_a_database_that_cannot_be_migrated_is_left_alone(database_url: str, revision: str, said: str) -> None:
    database = Database(parse_database_url(database_url))
    async with database.statement() as connection:
        await connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
    with pytest.raises(StoreUnavailable, match=said):
        await open_store(database_url)
    async with database.statement() as connection:
        assert (await connection.scalar(text("SELECT version_num FROM alembic_version"))) == revision
    await database.close()


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def _describe_items(connection: Connection) -> tuple[set[tuple[str | None, ...]], list[object], set[str]]:
    inspector = inspect(connection)
    indexed = {tuple(index["column_names"]) for index in inspector.get_indexes("thread_items")}
    cascades = [key["options"].get("ondelete") for key in inspector.get_foreign_keys("thread_items")]
    columns = {column["name"]: str(column["type"]) for column in inspector.get_columns("thread_items")}
    json_types = {columns[name] for name in ("content", "sources", "metadata")}
    threads = {column["name"]: str(column["type"]) for column in inspector.get_columns("threads")}
    return indexed, list(cascades), json_types | {threads[name] for name in ("status", "metadata")}
