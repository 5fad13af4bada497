"""Feedback and retention."""

from datetime import UTC, datetime, timedelta

import pytest
from chatkit.store import NotFoundError
from sqlalchemy import Row, select, update

from backend.tests.samples import sample_answer, sample_question, sample_thread
from booklight.context import RequestContext
from booklight.store.database import Database, parse_database_url
from booklight.store.tables import feedback, threads
from booklight.store.threads import SqlStore

ANN = "reader-ann"
BEN = "reader-ben"
MONTH = timedelta(days=30)


def reader(owner: str = ANN) -> RequestContext:
    return RequestContext(owner=owner)


@pytest.fixture
async def thread_store(store: SqlStore) -> SqlStore:
    """A store in which ann has thr_1 with two answers, and ben has thr_ben."""
    for thread_id, owner in [("thr_1", ANN), ("thr_ben", BEN)]:
        await store.save_thread(sample_thread(thread_id), reader(owner))
    for item in (sample_answer("msg_1"), sample_answer("msg_2")):
        await store.add_thread_item("thr_1", item, reader())
    return store


async def saved_feedback(database_url: str) -> list[tuple[str, str, str | None]]:
    database = Database(parse_database_url(database_url))
    async with database.statement() as connection:
        result = await connection.execute(select(feedback).order_by(feedback.c.item_id))
    await database.close()
    return [(row.item_id, row.kind, row.reason) for row in result]


async def age(database_url: str, thread_id: str, days: int) -> None:
    """Set back the last activity in a thread."""
    database = Database(parse_database_url(database_url))
    moment = datetime.now(UTC) - timedelta(days=days)
    async with database.statement() as connection:
        await connection.execute(update(threads).where(threads.c.id == thread_id).values(updated_at=moment))
    await database.close()


async def thread_row(database_url: str, thread_id: str) -> Row[tuple[object, ...]]:
    database = Database(parse_database_url(database_url))
    async with database.statement() as connection:
        row = (await connection.execute(select(threads).where(threads.c.id == thread_id))).one()
    await database.close()
    return row


async def test_the_last_word_on_an_item_counts(thread_store: SqlStore, database_url: str) -> None:
    await thread_store.save_feedback("thr_1", ["msg_1", "msg_2", "msg_1"], "positive", None, reader())
    await thread_store.save_feedback("thr_1", ["msg_2"], "negative", "wrong\x00page", reader())
    assert await saved_feedback(database_url) == [
        ("msg_1", "positive", None),
        ("msg_2", "negative", "wrong\ufffdpage"),
    ]


@pytest.mark.parametrize("item_ids", [["msg_1", "msg_unknown"], ["\x00"], []])
async def test_feedback_on_an_unknown_item_keeps_nothing(
    thread_store: SqlStore, database_url: str, item_ids: list[str]
) -> None:
    with pytest.raises(NotFoundError):
        await thread_store.save_feedback("thr_1", item_ids, "positive", None, reader())
    assert await saved_feedback(database_url) == []


@pytest.mark.parametrize(("thread_id", "owner"), [("thr_1", BEN), ("thr_unknown", ANN)])
async def test_feedback_in_a_thread_that_is_not_theirs(
    thread_store: SqlStore, database_url: str, thread_id: str, owner: str
) -> None:
    with pytest.raises(NotFoundError):
        await thread_store.save_feedback(thread_id, ["msg_1"], "negative", None, reader(owner))
    assert await saved_feedback(database_url) == []


async def test_feedback_goes_with_its_item(thread_store: SqlStore, database_url: str) -> None:
    await thread_store.save_feedback("thr_1", ["msg_1", "msg_2"], "positive", None, reader())
    await thread_store.delete_thread_item("thr_1", "msg_1", reader())
    assert [item_id for item_id, _, _ in await saved_feedback(database_url)] == ["msg_2"]
    await thread_store.delete_thread("thr_1", reader())
    assert await saved_feedback(database_url) == []


async def test_pruning_deletes_what_has_been_idle_for_longer(thread_store: SqlStore, database_url: str) -> None:
    await age(database_url, "thr_1", days=31)
    await age(database_url, "thr_ben", days=29)
    assert await thread_store.prune(MONTH) == 1
    assert await thread_store.prune(MONTH) == 0
    assert [thread.id for thread in (await thread_store.load_threads(10, None, "asc", reader())).data] == []
    assert await thread_store.load_thread("thr_ben", reader(BEN)) == sample_thread("thr_ben")


async def test_pruning_leaves_a_thread_with_a_running_turn(thread_store: SqlStore, database_url: str) -> None:
    assert await thread_store.begin_turn("thr_1", "running", reader(), 60)
    assert await thread_store.begin_turn("thr_ben", "died", reader(BEN), -1)
    for thread_id in ("thr_1", "thr_ben"):
        await age(database_url, thread_id, days=31)
    assert await thread_store.prune(MONTH) == 1
    assert await thread_store.load_thread("thr_1", reader()) == sample_thread()


async def test_pruning_takes_any_number_of_threads(thread_store: SqlStore, database_url: str) -> None:
    for n in range(501):
        await thread_store.save_thread(sample_thread(f"thr_many_{n}"), reader())
    assert await thread_store.prune(timedelta(seconds=-1)) == 503


@pytest.mark.parametrize("activity", ["item", "title", "feedback"])
async def test_activity_in_a_thread_is_noted(thread_store: SqlStore, database_url: str, activity: str) -> None:
    await age(database_url, "thr_1", days=31)
    match activity:
        case "item":
            await thread_store.add_thread_item("thr_1", sample_question("msg_3"), reader())
        case "title":
            await thread_store.save_thread(sample_thread(title="Renamed"), reader())
        case "feedback":
            await thread_store.save_feedback("thr_1", ["msg_1"], "positive", None, reader())
    assert datetime.now(UTC) - (await thread_row(database_url, "thr_1")).updated_at < timedelta(days=1)
