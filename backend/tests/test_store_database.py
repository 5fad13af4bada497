"""Reaching the database: what a URL may say, and what happens when it cannot be reached."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.tests.postgres import Postgres
from backend.tests.samples import sample_question, sample_thread
from booklight.context import RequestContext
from booklight.settings import SettingsError
from booklight.store.database import Database, StoreUnavailable, create_engine, parse_database_url
from booklight.store.threads import SqlStore, open_store

PASSWORD = "s3cret-horse"
ANN = "reader-ann"


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("sqlite:///a/b.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:////a/b.db", "sqlite+aiosqlite"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg"),
        ("postgres://u:p@h:5433/d", "postgresql+asyncpg"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql+asyncpg"),
    ],
)
def test_the_usual_urls_get_their_async_driver(given: str, driver: str) -> None:
    url = parse_database_url(given)
    assert url.drivername == driver
    assert url.render_as_string(hide_password=False).partition("://")[2] == given.partition("://")[2]


def test_sslmode_is_passed_on_under_the_name_the_driver_knows() -> None:
    assert dict(parse_database_url("postgresql://h/d?sslmode=require").query) == {"ssl": "require"}


@pytest.mark.parametrize(
    "given",
    [
        "booklight.db",
        "",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///a.db?mode=ro",
        f"mysql://u:{PASSWORD}@h/d",
        f"postgresql+psycopg://u:{PASSWORD}@h/d",
        f"postgresql://u:{PASSWORD}@h/d?channel_binding=require",
        f"postgresql://u:{PASSWORD}@h:port/d",
    ],
)
def test_a_url_that_is_not_accepted_is_answered_with_what_is(given: str) -> None:
    with pytest.raises(SettingsError, match="BOOKLIGHT_DATABASE_URL") as caught:
        parse_database_url(given)
    assert PASSWORD not in str(caught.value)


async def test_a_database_that_cannot_be_reached_is_named_without_its_password() -> None:
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1/book") as caught:
        await open_store(f"postgresql://reader:{PASSWORD}@127.0.0.1:1/book")
    assert PASSWORD not in str(caught.value)


async def test_a_database_that_does_not_exist_is_named(postgres: Postgres) -> None:
    with pytest.raises(StoreUnavailable, match='"nowhere" does not exist'):
        await open_store(postgres.url("nowhere"))


async def test_a_file_that_is_not_a_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Not a database, but a good deal longer than a hundred bytes. " * 4)
    with pytest.raises(StoreUnavailable, match=r"notes\.txt.*not a database"):
        await open_store(f"sqlite:///{tmp_path}/notes.txt")


async def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/new/folder/b.db")
    await store.close()
    assert (tmp_path / "new/folder/b.db").exists()


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="file/folder"):
        await open_store(f"sqlite:///{tmp_path}/file/folder/b.db")


async def test_the_store_works_again_when_its_connections_were_cut(postgres: Postgres) -> None:
    name = postgres.create_database()
    store = await open_store(postgres.url(name))
    await store.ping()
    cut = f"SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = '{name}'"
    assert await asyncio.to_thread(postgres.run_sql, cut) != "0"
    await store.ping()
    await store.close()
    postgres.drop_database(name)


async def test_the_connection_that_was_used_last_is_used_next(postgres: Postgres) -> None:
    name = postgres.create_database()
    database = Database(parse_database_url(postgres.url(name)))

    async def backend() -> int:
        async with database.statement() as connection:
            return int((await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one())

    async with database.statement() as one, database.statement() as another:
        await asyncio.gather(one.execute(text("SELECT 1")), another.execute(text("SELECT 1")))
    assert len({await backend() for _ in range(4)}) == 1
    await database.close()
    postgres.drop_database(name)


async def test_those_who_wait_for_a_connection_get_one_in_turn(database_url: str) -> None:
    database = Database(parse_database_url(database_url), pool_size=1)
    # Whoever opens a connection waits for the database, too, and not in any turn.
    async with database.statement() as one, database.statement() as another:
        await asyncio.gather(one.execute(text("SELECT 1")), another.execute(text("SELECT 1")))
    served = list[int]()

    async def ask_again_and_again(reader: int) -> None:
        for _ in range(10):
            async with database.statement() as connection:
                served.append(reader)
                await connection.execute(text("SELECT 1"))

    await asyncio.gather(*map(ask_again_and_again, range(6)))
    # Two are served at once, and the one that came second may be the first to be told so.
    assert max(served.index(reader) for reader in range(6)) <= 6
    assert max(served[:30].count(reader) for reader in range(6)) <= 6
    await database.close()


async def test_a_connection_cut_in_a_statement_is_a_database_that_failed(postgres: Postgres) -> None:
    name = postgres.create_database()
    database = Database(parse_database_url(postgres.url(name)))
    with pytest.raises(StoreUnavailable):
        async with database.transaction() as connection:
            await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    await database.close()
    postgres.drop_database(name)


async def test_a_database_that_goes_away_fails_pings_and_reads_alike(postgres: Postgres) -> None:
    name = postgres.create_database()
    store = await open_store(postgres.url(name))
    postgres.drop_database(name)
    with pytest.raises(StoreUnavailable):
        await store.ping()
    with pytest.raises(StoreUnavailable):
        await store.load_thread("thr_1", RequestContext(owner=ANN))
    await store.close()


async def test_failures_do_not_repeat_what_readers_wrote(database_url: str) -> None:
    store = await open_store(database_url)
    await store.save_thread(sample_thread(), RequestContext(owner=ANN))
    database = Database(parse_database_url(database_url))
    async with database.statement() as connection:
        await connection.execute(text("DROP TABLE feedback"))
        await connection.execute(text("DROP TABLE shares"))
        await connection.execute(text("DROP TABLE thread_items"))
    with pytest.raises(Exception, match="thread_items") as caught:
        await store.add_thread_item("thr_1", sample_question(text="my secret"), RequestContext(owner=ANN))
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert all("my secret" not in str(error) for error in chain)
    await database.close()
    await store.close()


async def test_a_transaction_takes_effect_whole_or_not_at_all(database_url: str) -> None:
    database = Database(parse_database_url(database_url))

    async def fail_midway() -> None:
        async with database.transaction() as connection:
            await connection.execute(text("DELETE FROM alembic_version"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_midway()
    async with database.statement() as connection:
        assert len((await connection.execute(text("SELECT * FROM alembic_version"))).all()) == 1
    await database.close()


async def test_closing_leaves_no_connection_and_no_thread_behind(database_url: str) -> None:
    before = set(threading.enumerate())
    store = await open_store(database_url)
    await store.save_thread(sample_thread(), RequestContext(owner=ANN))
    reads = (store.load_thread("thr_1", RequestContext(owner=ANN)) for _ in range(20))
    await asyncio.gather(*reads)
    await store.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=5)
    assert set(threading.enumerate()) <= before


async def test_a_connection_that_is_given_up_keeps_no_lock(tmp_path: Path) -> None:
    engine = create_engine(parse_database_url(f"sqlite:///{tmp_path}/b.db"))
    connection = await engine.connect()
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    await driver.execute("BEGIN IMMEDIATE")
    # A statement with rows that nobody has fetched, which the traceback of a cancelled write keeps.
    kept = await driver.execute("SELECT 1")
    await connection.invalidate()
    with closing(sqlite3.connect(tmp_path / "b.db", timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
    del kept
    await connection.close()
    await engine.dispose()


async def test_cancelled_writes_hold_up_nobody(store: SqlStore) -> None:
    await store.save_thread(sample_thread(), RequestContext(owner=ANN))
    for n in range(30):
        write = asyncio.create_task(
            store.add_thread_item("thr_1", sample_question(f"msg_{n}"), RequestContext(owner=ANN))
        )
        for _ in range(n):
            await asyncio.sleep(0)
        write.cancel()
        await asyncio.gather(write, return_exceptions=True)
    await store.add_thread_item("thr_1", sample_question("msg_last"), RequestContext(owner=ANN))
    page = await store.load_thread_items("thr_1", None, 1, "desc", RequestContext(owner=ANN))
    assert page.data == [sample_question("msg_last")]
