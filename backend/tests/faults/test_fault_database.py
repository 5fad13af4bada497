"""What if the database fails? A real Postgres is stopped, and started again."""

from pathlib import Path

import pytest

from backend.tests.cold import cold_sidecar, until_parts_are
from backend.tests.faults.witness import Witness
from backend.tests.key import KEY
from backend.tests.live import (
    HELD,
    UNLIMITED,
    Json,
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
from backend.tests.thread_requests import ask_when_free, retry_request
from booklight import timing
from booklight_ingest.embed.embedder import open_embedder

QUESTION = question_request("What is a waggle dance?")


def is_whole(event: Json) -> bool:
    """Say whether `event` brings the last text of HELD, which has yet to be stored."""
    return "eights" in str(event.get("update", {}).get("delta", ""))


@pytest.mark.fault("The database is down when the sidecar starts")
async def test_a_sidecar_starts_without_its_database_and_answers_once_that_is_there(
    witness: Witness, doomed_postgres: Postgres, tmp_path: Path
) -> None:
    url = doomed_postgres.url(doomed_postgres.create_database())
    await index_small_book(tmp_path / "index", open_embedder())
    doomed_postgres.stop()
    async with cold_sidecar(tmp_path, database_url=url, secret_key=KEY) as http:
        await until_parts_are(http, {"database": False, "index": True, "model": True})
        asked = await http.post("/assistant/chatkit", json=QUESTION)
        doomed_postgres.start()
        await until_parts_are(http, {"database": True, "index": True, "model": True})
        answered = native_events((await http.post("/assistant/chatkit", json=QUESTION)).text)
    assert asked.status_code == 503
    assert answered[-1]["type"] != "error"
    witness.sees(asked)
    witness.sees(answered, then="Once it is there, without a restart")
    witness.keeps("The question stays in the panel, with a button to try again")


async def test_a_database_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://reader:hunter2@127.0.0.1:1/nowhere"
    async with cold_sidecar(tmp_path, database_url=url, secret_key=KEY) as http:
        said = await until_parts_are(http, {"database": False, "index": False, "model": True})
        asked = await http.post("/assistant/chatkit", json={"query": "How?"})
    assert asked.status_code == 503
    assert "BOOKLIGHT_DATABASE_URL" in asked.json()["error"]["message"]
    assert "hunter2" not in str(said) + asked.text


@pytest.mark.fault("The database goes down while an answer is written, and is not back in time")
async def test_an_answer_that_cannot_be_stored_is_not_shown_as_stored(
    witness: Witness, doomed_postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "RETRY_SECONDS", 0.5)
    monkeypatch.setattr(timing, "LEASE_SECONDS", 2.0)
    monkeypatch.setattr(timing, "STORE_SECONDS", 1.0)
    url = doomed_postgres.url(doomed_postgres.create_database())
    model = PacedModel(HELD)
    async with live_sidecar(model, url, **UNLIMITED) as live:
        reader = await live.reader()
        async with reader.stream(QUESTION) as stream:
            await stream.until(is_dance)
            doomed_postgres.stop()
            listed = await reader.send({"type": "threads.list", "params": {}})
            model.go_on.set()
            events = await stream.rest()
        doomed_postgres.start()
        items = await reader.items(thread_of(events))
        again = await ask_when_free(reader, retry_request(thread_of(events), items[0]["id"]))
    assert listed.status_code == 503
    assert "thread.item.done" not in [event["type"] for event in events[3:]]
    assert again[-1]["type"] == "thread.item.done"
    witness.sees(events)
    witness.sees(listed, then="New questions meanwhile")
    witness.sees(again, then="Tried again, once it is back")
    witness.keeps(items)


@pytest.mark.fault("The database restarts while an answer is written")
async def test_an_answer_outlives_a_restart_of_the_database(witness: Witness, doomed_postgres: Postgres) -> None:
    url = doomed_postgres.url(doomed_postgres.create_database())
    model = PacedModel(HELD)
    async with live_sidecar(model, url) as live:
        reader = await live.reader()
        async with reader.stream(QUESTION) as stream:
            await stream.until(is_dance)
            doomed_postgres.stop()
            model.go_on.set()
            await stream.until(is_whole)
            doomed_postgres.start()
            events = await stream.rest()
        items = await reader.items(thread_of(events))
    assert answers(items) == ["Bees dance in eights."]
    assert events[-1]["type"] == "thread.item.done"
    witness.sees(events)
    witness.keeps(items)
