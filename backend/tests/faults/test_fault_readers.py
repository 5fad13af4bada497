"""What if readers leave, ask twice, or all come at once? Real connections, on SQLite and Postgres."""

import asyncio
import socket
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select

from backend.tests.faults.witness import Witness
from backend.tests.live import (
    HELD,
    UNLIMITED,
    Live,
    Reader,
    action_request,
    answers,
    is_dance,
    live_sidecar,
    native_events,
    question_request,
    thread_of,
)
from backend.tests.paced_model import HOLD, PacedModel
from backend.tests.thread_requests import ask_when_free
from booklight.api import sse
from booklight.store.tables import items

QUESTION = question_request("How do bees dance?")
WHOLE = "Bees dance in eights."
MANY = 200
"""Streams held open at once here; `bench/load.py` holds 1,000."""
EACH_ITS_OWN = httpx.Limits(max_keepalive_connections=0)
"""A connection for each request: one that is kept would be closed while a busy machine lets nobody send."""


@pytest.mark.fault("The reader's connection breaks, and they come back in time")
async def test_a_reader_who_comes_back_takes_the_answer_up(witness: Witness, sqlite_url: str) -> None:
    model = PacedModel(HELD)
    async with live_sidecar(model, sqlite_url) as live:
        reader = await live.reader()
        async with reader.stream(QUESTION) as events:
            await events.until(is_dance)
            thread_id, seen = thread_of(events.seen), len(events.seen)
        resume = action_request("booklight.resume", thread_id, {"after": seen})
        async with reader.stream(resume) as taken_up:
            model.go_on.set()
            rest = await taken_up.rest()
        kept = await reader.items(thread_id)
    assert not model.cancelled.is_set()
    assert answers(kept) == [WHOLE]
    witness.sees(rest)
    witness.keeps(kept)


@pytest.mark.fault("The reader leaves in mid-answer for good")
async def test_a_reader_who_leaves_for_good_ends_the_turn_and_loses_nothing(
    witness: Witness, database_url: str
) -> None:
    model = PacedModel(HELD)
    async with live_sidecar(model, database_url, resume_seconds=0, **UNLIMITED) as live:
        reader = await live.reader()
        async with reader.stream(QUESTION) as events:
            await events.until(is_dance)
            thread_id = thread_of(events.seen)
        async with asyncio.timeout(10):
            await model.cancelled.wait()
        model.go_on.set()
        following = await ask_when_free(reader, question_request("And now?", thread_id))
        kept = await reader.items(thread_id)
    assert answers(kept) == ["Bees dance", WHOLE]
    witness.sees(following, then="On the next question")
    witness.keeps(kept[:2])


@pytest.mark.fault("A reader reads nothing of what is sent")
async def test_a_slow_reader_holds_up_nobody(
    witness: Witness, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "SEND_SECONDS", 0.2)
    said = "Bees dance. " * 100_000
    model = PacedModel(["Bees ", HOLD, said, said])
    async with live_sidecar(model, sqlite_url, resume_seconds=600, **UNLIMITED) as live:
        slow, quick = await live.reader(), await live.reader()
        with connected(live, slow):
            await model.holding.wait()
            model.go_on.set()
            await until_streams_are(live, 0)
            (thread,) = (await slow.send({"type": "threads.list", "params": {}})).json()["data"]
            model.pieces = ["Yes."]
            seen = await quick.ask("Do they dance?")
        following = await ask_when_free(slow, question_request("And now?", thread["id"]))
        (whole, _) = answers(await slow.items(thread["id"]))
    assert whole == f"Bees {said * 2}"
    assert answers([seen[-1]["item"]]) == ["Yes."]
    assert following[-1]["type"] == "thread.item.done"
    witness.notes("The stream ends when nothing was taken for a minute; other readers notice nothing")
    witness.keeps("The whole answer, to be loaded later")


def connected(live: Live, reader: Reader) -> socket.socket:
    """Ask over a connection that takes little and is never read."""
    address = urlsplit(live.url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((address.hostname, address.port))
    request = httpx.Request("POST", f"{live.url}/assistant/chatkit", json=QUESTION, headers=reader.headers)
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    connection.sendall(f"POST /assistant/chatkit HTTP/1.1\r\n{head}\r\n".encode() + request.content)
    return connection


async def until_streams_are(live: Live, count: int) -> None:
    """Return when so many streams are open."""
    async with asyncio.timeout(120), httpx.AsyncClient(base_url=live.url, timeout=120, limits=EACH_ITS_OWN) as http:
        while f"booklight_open_streams {count:.1f}" not in (await http.get("/metrics")).text:
            continue


@pytest.mark.fault("A question is sent twice at once")
async def test_of_two_questions_at_once_one_is_answered(witness: Witness, database_url: str) -> None:
    async with live_sidecar(PacedModel([WHOLE]), database_url) as live:
        reader = await live.reader()
        thread_id = thread_of(await reader.ask("What are bees?"))
        body = question_request("How do bees dance?", thread_id)
        both = await asyncio.gather(reader.send(body), reader.send(body))
        kept = await reader.items(thread_id)
    answered, refused = sorted(both, key=lambda response: response.status_code)
    assert (answered.status_code, refused.status_code) == (200, 409)
    assert [item["type"] for item in kept] == ["user_message", "assistant_message"] * 2
    witness.sees(native_events(answered.text), then="Once")
    witness.sees(refused, then="The other time")
    witness.keeps(kept[2:])


@pytest.mark.fault("Two tabs ask in one conversation")
async def test_a_second_tab_waits_for_the_first_and_sees_its_answer(witness: Witness, database_url: str) -> None:
    model = PacedModel(HELD)
    async with live_sidecar(model, database_url) as live:
        first = await live.reader()
        second = Reader(live.http, first.headers)
        async with first.stream(QUESTION) as events:
            await events.until(is_dance)
            thread_id = thread_of(events.seen)
            refused = await second.send(question_request("And why?", thread_id))
            async with second.stream(action_request("booklight.resume", thread_id)) as watching:
                model.go_on.set()
                in_both = [await events.rest(), await watching.rest()]
        following = await second.send(question_request("And why?", thread_id))
        kept = await first.items(thread_id)
    assert refused.status_code == 409
    assert in_both[0] == in_both[1]
    assert [item["type"] for item in kept] == ["user_message", "assistant_message"] * 2
    witness.sees(refused, then="In the second tab, while the first is answered")
    witness.sees(native_events(following.text), then="After that")
    witness.keeps(kept)


@pytest.mark.fault("Two tabs ask in two conversations")
async def test_two_tabs_are_answered_at_the_same_time(witness: Witness, database_url: str) -> None:
    model = PacedModel(HELD)
    async with live_sidecar(model, database_url) as live:
        first = await live.reader()
        second = Reader(live.http, first.headers)
        async with first.stream(QUESTION) as one, second.stream(QUESTION) as other:
            await one.until(is_dance)
            await other.until(is_dance)
            model.go_on.set()
            both = [await one.rest(), await other.rest()]
        listed = (await first.send({"type": "threads.list", "params": {}})).json()["data"]
        kept = [answers(await second.items(thread["id"])) for thread in listed]
    assert {thread["id"] for thread in listed} == {thread_of(events) for events in both}
    assert kept == [[WHOLE], [WHOLE]]
    witness.notes("Both answers, each in its tab")
    witness.keeps("Both conversations, in the list of either tab")


@pytest.mark.fault(f"{MANY} readers wait for their answers at once, on one worker")
@pytest.mark.parametrize("database_kind", ["postgres"])
async def test_many_open_streams_are_all_answered(witness: Witness, database_url: str) -> None:
    model = PacedModel(HELD)
    async with (
        live_sidecar(model, database_url, **UNLIMITED) as live,
        httpx.AsyncClient(base_url=live.url, timeout=120, limits=httpx.Limits(max_connections=None)) as http,
    ):
        reader = Reader(http, (await live.reader()).headers)
        asking = [asyncio.create_task(reader.ask("How?")) for _ in range(MANY)]
        await until_streams_are(live, MANY)
        assert (await reader.send({"type": "threads.list", "params": {}})).status_code == 200
        model.go_on.set()
        answered = await asyncio.gather(*asking)
        async with live.store._database.statement() as connection:
            said = select(items.c.content).where(items.c.type == "assistant_message")
            kept = (await connection.execute(said)).scalars().all()
    assert all(events[-1]["type"] == "thread.item.done" for events in answered)
    assert [content["content"][0]["text"] for content in kept] == [WHOLE] * MANY
    witness.sees(answered[0])
    witness.keeps(f"All {MANY} questions and answers")


@pytest.mark.fault("A reader asks more often than they may")
async def test_a_reader_who_asks_too_often_is_told_when_to_go_on(witness: Witness, sqlite_url: str) -> None:
    async with live_sidecar(PacedModel([WHOLE]), sqlite_url, turns_per_minute=1) as live:
        reader = await live.reader()
        thread_id = thread_of(await reader.ask("How do bees dance?"))
        refused = await reader.send(question_request("And why?", thread_id))
        kept = await reader.items(thread_id)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    witness.sees(refused)
    witness.keeps(kept)
