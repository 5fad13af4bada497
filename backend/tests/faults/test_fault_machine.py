"""What if the disk is full, or a clock jumps? A limit on what a process may write, and a clock that is stepped."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import jwt.api_jwt
import pytest
from sqlalchemy import select

from backend.tests.faults.witness import Witness
from backend.tests.live import (
    HELD,
    UNLIMITED,
    Live,
    answers,
    index_small_book,
    is_dance,
    live_sidecar,
    native_events,
    question_request,
    thread_of,
)
from backend.tests.paced_model import PacedModel
from backend.tests.postgres import Postgres
from backend.tests.processes import Sidecar, is_half, sidecar, until
from backend.tests.scripted_model import serve_held_model
from booklight import timing
from booklight.auth import tokens
from booklight.context import RequestContext
from booklight.errors import DISK_FULL
from booklight.store.tables import threads
from booklight_ingest.embed.embedder import open_embedder

QUESTION = question_request("What is a waggle dance?")
IMPATIENT = """
from booklight import timing
timing.RETRY_SECONDS, timing.LEASE_SECONDS, timing.STORE_SECONDS, timing.RENEW_SECONDS = 0.5, 1.0, 0.5, 0.2
"""
CLOCK = """
CREATE TABLE clock (seconds float8 NOT NULL);
INSERT INTO clock VALUES (0);
CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
$$ SELECT pg_catalog.clock_timestamp() + make_interval(secs => (SELECT seconds FROM public.clock)) $$;
"""
DAY = timedelta(days=1)


@pytest.mark.fault("The disk is full")
async def test_a_full_disk_takes_nothing_back_and_is_mended_by_room(witness: Witness, tmp_path: Path) -> None:
    await index_small_book(tmp_path / "index", open_embedder())
    settings = {"database_url": f"sqlite:///{tmp_path}/booklight.db", "model": "openai:held"} | UNLIMITED
    with (
        serve_held_model() as model,
        sidecar(tmp_path, settings | {"model_base_url": model.base_url}, setup=IMPATIENT) as running,
    ):
        reader = running.session()
        with running.stream("What is a waggle dance?", reader) as events:
            seen = until(events, is_half)
            with full_disk(running):
                model.go_on.set()
                seen += list(events)
                refused = running.http.post("/assistant/chatkit", json=QUESTION, headers=reader)
                ready = running.http.get("/assistant/ready")
                during = running.items(thread_of(seen), reader)
        body = question_request("And now?", thread_of(seen))
        while (freed := running.send(body, reader)).status_code == 409:
            running.let_work()
        after = native_events(freed.text)
    assert [item["type"] for item in during] == ["user_message", "task"]
    assert refused.status_code == 503
    assert (ready.status_code, ready.json()["error"]["message"]) == (503, DISK_FULL)
    assert after[-1]["type"] != "error"
    witness.sees(seen)
    witness.sees(refused, then="New questions meanwhile")
    witness.sees(after, then="Once there is room, without a restart")
    witness.keeps(during)


@contextmanager
def full_disk(running: Sidecar) -> Iterator[None]:
    """Let the process write to no file."""
    pid, kind = running.process.pid, resource.RLIMIT_FSIZE
    soft, hard = resource.prlimit(pid, kind)
    resource.prlimit(pid, kind, (0, hard))
    yield
    resource.prlimit(pid, kind, (soft, hard))


@pytest.mark.fault("The worker's clock jumps, by a day or by more than a token lasts")
@pytest.mark.parametrize("jump", [DAY, -DAY])
async def test_readers_stay_who_they_are_when_the_clock_jumps(
    witness: Witness, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url) as live:
        reader = await live.reader()
        thread_id = thread_of(await reader.ask("Do they?"))
        step_clock(monkeypatch, jump)
        await reader.ask("Do they now?", thread_id)
        step_clock(monkeypatch, tokens.LIFETIME + DAY)
        refused = await reader.send(question_request("And now?", thread_id))
        renewed = (await live.http.post("/assistant/session", headers=reader.headers)).json()
        reader.headers = {"Authorization": f"Bearer {renewed['token']}"}
        again = await reader.ask("And now?", thread_id)
        kept = await reader.items(thread_id)
    assert refused.status_code == 401
    witness.notes("Nothing within a day")
    witness.sees(refused, then="Once the token has run out, to the panel alone, which renews it and asks again")
    witness.sees(again, then="To the reader")
    witness.keeps(kept)


def step_clock(monkeypatch: pytest.MonkeyPatch, jump: timedelta) -> None:
    """Let tokens be signed and read at another time."""

    class Stepped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + jump

    monkeypatch.setattr(tokens, "datetime", Stepped)
    monkeypatch.setattr(jwt.api_jwt, "datetime", Stepped)


@pytest.fixture
def stepped(postgres: Postgres, migrated_postgres: str) -> "SteppedDatabase":
    return SteppedDatabase(postgres, migrated_postgres)


class SteppedDatabase:
    """A database whose clock can be stepped: a function of the same name hides the system's."""

    def __init__(self, server: Postgres, template: str) -> None:
        self._server, self._name = server, server.create_database(template)
        self.url = server.url(self._name)
        server.run_sql(CLOCK, self._name)
        server.run_sql(f"ALTER DATABASE {self._name} SET search_path = public, pg_catalog")

    def step(self, jump: timedelta) -> None:
        """Set the clock forward, or back."""
        self._server.run_sql(f"UPDATE clock SET seconds = seconds + {jump.total_seconds()}", self._name)


@pytest.mark.fault("The database's clock jumps while an answer is written")
@pytest.mark.parametrize("jump", [DAY, -DAY])
async def test_an_answer_outlives_a_jump_of_the_databases_clock(
    witness: Witness, stepped: SteppedDatabase, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    monkeypatch.setattr(timing, "RENEW_SECONDS", 0.05)
    model = PacedModel(HELD)
    async with live_sidecar(model, stepped.url) as live:
        reader = await live.reader()
        async with reader.stream(QUESTION) as events:
            await events.until(is_dance)
            thread_id = thread_of(events.seen)
            stepped.step(jump)
            await until_renewed(live, thread_id)
            second = await reader.send(question_request("And why?", thread_id))
            model.go_on.set()
            seen = await events.rest()
        kept = await reader.items(thread_id)
    assert second.status_code == 409
    assert answers(kept) == ["Bees dance in eights."]
    witness.sees(seen)
    witness.keeps(kept)


async def until_renewed(live: Live, thread_id: str) -> None:
    """Return when the lease on the thread has been renewed twice since now."""
    ends = set[float]()
    async with live.store._database.statement() as connection:
        while len(ends) < 3:
            found = await connection.execute(select(threads.c.turn_expires).where(threads.c.id == thread_id))
            ends.add(float(found.scalar_one()))


@pytest.mark.fault("The database's clock is set back after a worker was killed")
async def test_a_dead_workers_lease_ends_however_late_it_says(witness: Witness, stepped: SteppedDatabase) -> None:
    async with live_sidecar(PacedModel(["Yes."]), stepped.url) as live:
        reader = await live.reader()
        thread_id = thread_of(await reader.ask("Do they?"))
        owner = RequestContext(owner=await live.owner_of(thread_id))
        assert await live.store.begin_turn(thread_id, "killed", owner, timing.LEASE_SECONDS)
        busy = await reader.send(question_request("And now?", thread_id))
        stepped.step(-DAY)
        answered = await reader.ask("And now?", thread_id)
        kept = await reader.items(thread_id)
    assert busy.status_code == 409
    witness.sees(answered)
    witness.keeps(kept)
