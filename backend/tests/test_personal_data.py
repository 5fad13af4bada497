"""What is kept of a reader, exported and deleted: everything of theirs, and nothing of anybody else's."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from backend.tests.command_line import run_command
from backend.tests.key import KEY
from backend.tests.live import HELD, Live, is_dance, live_sidecar, question_request
from backend.tests.paced_model import PacedModel
from backend.tests.samples import sample_answer, sample_question, sample_thread
from booklight.auth.secret import load_secret
from booklight.auth.tokens import session_reader
from booklight.context import RequestContext
from booklight.contracts import Selection
from booklight.settings import Settings
from booklight.store.quotas import Allowance, DailyBudget
from booklight.store.tables import feedback, items, threads, usage
from booklight.store.threads import SqlStore, open_store

ANN, BOB = "reader:ann", "reader:bob"
BUDGET = DailyBudget(reader=Allowance(turns=9))


async def keep_conversation(store: SqlStore, owner: str, thread: str) -> None:
    """Keep a question about a selection, its answer, an opinion of it, and what it cost."""
    context = RequestContext(owner=owner, selections=(Selection(text="a selection", path="/docs/a"),))
    await store.save_thread(sample_thread(thread, title=f"of {owner}"), context)
    await store.add_thread_item(thread, sample_question(thread_id=thread, text=f"Asked by {owner}"), context)
    await store.add_thread_item(thread, sample_answer(thread_id=thread), context)
    await store.save_feedback(thread, ["msg_2"], "negative", f"said {owner}", context)
    await store.spend_turn(owner, BUDGET)


async def rows_kept(store: SqlStore) -> list[int]:
    """Return how many rows each table has."""
    async with store._database.statement() as connection:
        counts = [select(func.count()).select_from(table) for table in (threads, items, feedback, usage)]
        return [(await connection.execute(count)).scalar_one() for count in counts]


@pytest_asyncio.fixture
async def kept(store: SqlStore) -> SqlStore:
    """Two readers' conversations, on each database."""
    await keep_conversation(store, ANN, "thr_ann")
    await keep_conversation(store, BOB, "thr_bob")
    return store


async def test_an_export_holds_all_of_a_reader_and_nothing_of_others(kept: SqlStore) -> None:
    found = await kept.export_reader(ANN)
    text = found.model_dump_json()
    for said in ("of reader:ann", "Asked by reader:ann", "a selection", "said reader:ann", "So that."):
        assert said in text
    assert "bob" not in text
    assert [(day.turns, day.tokens) for day in found.usage] == [(1, 0)]
    assert [item.rating for item in found.threads[0].items] == [None, "negative"]
    assert (await kept.export_thread("thr_bob")).threads[0].title == "of reader:bob"
    assert (await kept.export_reader("reader:nobody")).threads == []


async def test_what_is_forgotten_leaves_no_row_and_others_stay(kept: SqlStore) -> None:
    assert await kept.forget_reader(ANN) == 1
    assert await rows_kept(kept) == [1, 2, 1, 2]  # Bob's, and everybody's count of the day
    assert await kept.forget_reader(ANN) == 0
    assert await kept.forget_thread("thr_bob") == 1
    assert await rows_kept(kept) == [0, 0, 0, 2]


@pytest.fixture
async def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of an operator, with conversations of Ann, Bob and of a client with a session id."""
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/booklight.db", secret_key=KEY)
    store = await open_store(f"sqlite:///{tmp_path}/booklight.db")
    for owner, thread in ((ANN, "thr_ann"), (BOB, "thr_bob"), (session_reader("s" * 32), "thr_session")):
        await keep_conversation(store, owner, thread)
    await store.close()
    monkeypatch.setenv("BOOKLIGHT_DATABASE_URL", f"sqlite:///{tmp_path}/booklight.db")
    monkeypatch.setenv("BOOKLIGHT_SECRET_KEY", KEY)
    return settings


def token_of(settings: Settings, owner: str, *, expired_days: int = 0, secret: bytes | None = None) -> str:
    """Return a token that was made for a reader."""
    until = datetime.now(UTC) + timedelta(days=1 - expired_days)
    claims = {"iss": "booklight", "sub": owner, "exp": until}
    return jwt.encode(claims, secret or load_secret(settings), algorithm="HS256")


def threads_of(*arguments: str) -> list[str]:
    """Return the ids of the threads that `booklight export` prints."""
    ended = run_in_thread("export", *arguments)
    assert ended.exit_code == 0, ended.output
    return [thread["id"] for thread in json.loads(ended.stdout)["threads"]]


def run_in_thread(*arguments: str) -> Any:
    """Run a command beside the loop of the test."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run_command, *arguments).result()


@pytest.mark.parametrize("expired_days", [0, 900])
async def test_a_token_names_its_reader_however_old_it_is(database: Settings, expired_days: int) -> None:
    token = token_of(database, ANN, expired_days=expired_days)
    assert threads_of("--reader", token) == ["thr_ann"]
    ended = run_in_thread("forget", "--reader", token, "--json")
    assert json.loads(ended.stdout) == {"deleted": 1}
    assert threads_of("--reader", token) == []
    assert threads_of("--reader", BOB) == ["thr_bob"]


async def test_a_session_id_and_a_thread_name_what_they_name(database: Settings) -> None:
    assert threads_of("--reader", "s" * 32) == ["thr_session"]
    assert threads_of("--thread", "thr_bob") == ["thr_bob"]
    assert "1 conversations deleted" in run_in_thread("forget", "--thread", "thr_bob").stdout
    assert threads_of("--thread", "thr_bob") == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "one of them"),
        (("--reader", ANN, "--thread", "thr_ann"), "one of them"),
        (("--reader", "ann"), "--reader: give a reader's token"),
    ],
)
async def test_wrong_use_deletes_nothing(database: Settings, arguments: tuple[str, ...], told: str) -> None:
    ended = run_in_thread("forget", *arguments)
    assert ended.exit_code == 2
    assert told in ended.stderr
    assert threads_of("--reader", ANN) == ["thr_ann"]


async def test_another_server_s_token_deletes_nothing(database: Settings) -> None:
    ended = run_in_thread("forget", "--reader", token_of(database, ANN, secret=b"another secret of 32 bytes or so"))
    assert ended.exit_code == 2
    assert "not one of this server's" in ended.stderr
    assert threads_of("--reader", ANN) == ["thr_ann"]


@pytest_asyncio.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    """A sidecar whose model waits in mid-answer."""
    async with live_sidecar(PacedModel(HELD), f"sqlite:///{tmp_path}/booklight.db") as sidecar:
        yield sidecar


async def test_a_reader_deletes_all_their_conversations_even_one_being_answered(live: Live) -> None:
    ann, bob = await live.reader(), await live.reader()
    await keep_conversation(live.store, BOB, "thr_bob")
    async with ann.stream(question_request("How do bees tell where food is?")) as events:
        await events.until(is_dance)
        forgotten = await live.http.post("/assistant/forget", headers=ann.headers)
        await events.rest()
    listing = {"type": "threads.list", "params": {"limit": 10, "order": "desc"}}
    assert forgotten.json() == {"deleted": 1}
    assert (await ann.send(listing)).json()["data"] == []
    assert (await live.http.post("/assistant/forget", headers=bob.headers)).json() == {"deleted": 0}
    assert (await rows_kept(live.store))[0] == 1


async def test_nobody_deletes_without_a_token(live: Live) -> None:
    none = await live.http.post("/assistant/forget")
    wrong = await live.http.post("/assistant/forget", headers={"Authorization": "Bearer no.such.token"})
    assert (none.status_code, wrong.status_code) == (401, 401)
    assert none.json()["error"]["code"] == "unauthorized"
