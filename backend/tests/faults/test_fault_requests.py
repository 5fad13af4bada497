"""What if a request is malformed or hostile? Bytes as they come, and ids that try to be more than ids."""

import json
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from backend.tests.faults.witness import Witness
from backend.tests.live import HELD, Json, Live, Reader, is_dance, live_sidecar, question_request, thread_of
from backend.tests.paced_model import PacedModel
from backend.tests.postgres import Postgres
from backend.tests.thread_requests import requests_about
from booklight.contracts import MAX_ADDRESS, MAX_SELECTION

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHAT = "/assistant/chatkit"
NESTED = b'{"query": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
NOTHING = "Nothing was stored; what there was is untouched"
INJECTIONS = (
    "thr_1' OR '1'='1",
    'thr_1"; DROP TABLE threads; --',
    '{"$ne": null}',
    "thr_%",
    "thr_\u0000",
    "x" * MAX_ADDRESS,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgres"])
async def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    """One sidecar for all requests on each kind of database, as they differ in what text they take."""
    folder = tmp_path_factory.mktemp("live")
    url = f"sqlite:///{folder}/booklight.db"
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.url(server.create_database(request.getfixturevalue("migrated_postgres")))
    async with live_sidecar(PacedModel(["Yes."]), url, turns_per_minute_per_address=10_000) as sidecar:
        yield sidecar


@pytest_asyncio.fixture(loop_scope="module")
async def reader(live: Live) -> Reader:
    """A reader who has asked a question before."""
    reader = await live.reader()
    await reader.ask("Do bees dance?")
    return reader


def _weight(database: Path) -> int:
    """Return the bytes of all that a database holds of conversations."""
    weighed = 0
    with closing(sqlite3.connect(database)) as connection:
        for table in ("threads", "thread_items"):
            rows = connection.execute(f"SELECT * FROM {table}")
            weighed += sum(len(str(value).encode()) for row in rows for value in row)
    return weighed


async def conversations(reader: Reader) -> list[Json]:
    """Return all that the reader has, with its items."""
    listed = (await reader.send({"type": "threads.list", "params": {}})).json()["data"]
    return [thread | {"kept": await reader.items(thread["id"])} for thread in listed]


async def refuse(witness: Witness, reader: Reader, body: bytes, status: int) -> None:
    """Send `body`, see that it is refused and nothing has changed, and note both."""
    before = await conversations(reader)
    response = await reader.http.post(CHAT, content=body, headers=reader.headers)
    assert response.status_code == status, response.text
    assert set(response.json()["error"]) == {"code", "message"}
    assert len(before) == 1
    assert await conversations(reader) == before
    witness.sees(response)
    witness.keeps(NOTHING)


def question_with(place: str, value: bytes) -> bytes:
    """Return a question whose input has `value`, in JSON, at `place`."""
    body = question_request("Do bees dance?")
    body["params"]["input"][place] = "@"
    return json.dumps(body).encode().replace(b'"@"', value)


@pytest.mark.fault("A body that is no JSON")
@pytest.mark.parametrize("body", [b"{query: 1}", b'{"query": "a', b'{"query": NaN}', b'{"query": "a\0b"}'])
async def test_what_is_no_json_is_refused(witness: Witness, reader: Reader, body: bytes) -> None:
    await refuse(witness, reader, body, 400)


@pytest.mark.fault("Invalid Unicode: bytes that are no UTF-8, and half a surrogate pair")
@pytest.mark.parametrize("body", [b'{"query": "\xff\xfe"}', b'{"query": "\\ud800"}', b'{"\\udfff": 1}'])
async def test_invalid_unicode_is_refused(witness: Witness, reader: Reader, body: bytes) -> None:
    await refuse(witness, reader, body, 400)


@pytest.mark.fault("JSON that is nested 100,000 levels deep")
async def test_deep_nesting_is_refused(witness: Witness, reader: Reader) -> None:
    await refuse(witness, reader, NESTED, 413)


@pytest.mark.fault("A list of 480,000 numbers where a few texts belong")
@pytest.mark.parametrize("place", ["attachments", "content", "quoted_text"])
async def test_a_list_without_end_is_refused_before_it_is_understood(
    witness: Witness, reader: Reader, place: str
) -> None:
    await refuse(witness, reader, question_with(place, b"[" + b"1," * 480_000 + b"1]"), 413)


@pytest.mark.fault("A text of 900,000 characters, at any place")
@pytest.mark.parametrize("place", ["attachments", "content", "quoted_text"])
async def test_a_text_without_end_is_refused(witness: Witness, reader: Reader, place: str) -> None:
    body = question_with(place, b'"' + b"x" * 900_000 + b'"')
    response = await reader.http.post(CHAT, content=body, headers=reader.headers)
    assert response.status_code == 422
    assert response.json()["error"]["message"].startswith(f"params.input.{place}: at most")
    witness.notes("422, with the name of the field and how long it may be")
    witness.keeps(NOTHING)


@pytest.mark.fault("Twenty questions in a conversation, each with all that may come with one")
async def test_what_a_conversation_weighs_is_bounded(witness: Witness, sqlite_url: str, tmp_path: Path) -> None:
    address, marked = "/a" * (MAX_ADDRESS // 2), "b" * (MAX_SELECTION - 1)
    selections = [{"text": f"{marked}{number}", "path": address, "anchor": address} for number in range(10)]
    page = {"path": address, "current_chapter": 1, "current_lesson": address}
    filler = {f"{number}": [address] * 10 for number in range(30)}
    said = {"selections": selections, "page_context": page, "path": address, "filler": filler}
    database = tmp_path / "booklight.db"
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url, turns_per_minute=100) as live:
        reader = await live.reader()
        thread_id = thread_of(await reader.ask("Do bees dance?"))
        before = _weight(database)
        for number in range(20):
            assert (await reader.send(question_request(f"{number}?", thread_id, **said))).status_code == 200
        grown = _weight(database) - before
    assert grown < 3_000_000
    witness.notes("The answers")
    witness.keeps(
        "The questions and their answers; of selections the beginning, and less than 150 kB for each question"
    )


@pytest.mark.fault("An address sends more requests that are refused than it may in a minute")
async def test_an_address_that_sends_nonsense_is_refused_unread_and_others_are_not(
    witness: Witness, sqlite_url: str
) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url, refusals_per_minute_per_address=20) as live:
        elsewhere = {"X-Forwarded-For": "203.0.113.7"}
        statuses = Counter[int]()
        while not statuses[429]:
            for body in (b"{", b"[]", b'{"type": "x"}'):
                statuses[(await live.http.post(CHAT, content=body, headers=elsewhere)).status_code] += 1
        more = [await live.http.post(CHAT, content=body, headers=elsewhere) for body in (b"{", b'{"query": "How?"}')]
        unread = [await live.http.post(f"/assistant/{name}", headers=elsewhere) for name in ("session", "forget")]
        reader = await live.reader()
        kept = await reader.items(thread_of(await reader.ask("Do bees dance?")))
    assert 20 <= statuses[400] + statuses[422] <= 40
    assert [answer.status_code for answer in (*more, *unread)] == [429] * 4
    assert 0 < int(more[0].headers["Retry-After"]) <= 60
    witness.sees(more[0])
    witness.notes("Readers of other addresses are answered")
    witness.keeps(kept)


@pytest.mark.fault("More is asked in a conversation, again and again, while it is being answered")
async def test_a_busy_conversation_counts_against_nobody(witness: Witness, sqlite_url: str) -> None:
    model = PacedModel(HELD)
    limits: dict[str, Any] = {"refusals_per_minute_per_address": 5, "turns_per_minute": 100}
    async with live_sidecar(model, sqlite_url, **limits) as live:
        reader = await live.reader()
        async with reader.stream(question_request("How do bees dance?")) as events:
            await events.until(is_dance)
            thread_id = thread_of(events.seen)
            again = [await reader.send({"query": "And?", "thread_id": thread_id}) for _ in range(30)]
            model.go_on.set()
            await events.rest()
        kept = await reader.items(thread_id)
    assert {answer.status_code for answer in again} == {409}
    witness.sees(again[0])
    witness.keeps(kept)


@pytest.mark.fault("A body of 10 MB")
async def test_a_huge_body_is_refused(witness: Witness, reader: Reader) -> None:
    await refuse(witness, reader, b'{"query": "' + b"q" * 10_000_000 + b'"}', 413)


@pytest.mark.fault("A field of the wrong type, or too long")
@pytest.mark.parametrize("query", [5, {"$ne": 1}, ["a"], "q" * 8_001])
async def test_a_wrong_field_is_named(live: Live, witness: Witness, reader: Reader, query: object) -> None:
    response = await reader.send({"query": query})
    assert response.status_code == 422
    assert response.json()["error"]["message"].startswith("query: ")
    witness.notes("422, with the name of the field and what is wrong with it")
    witness.keeps(NOTHING)


@pytest.mark.fault("NUL in a question, a selection, a path, or a title")
async def test_nul_is_stored_as_a_mark_for_what_cannot_be(witness: Witness, reader: Reader) -> None:
    request = question_request(
        "Do bees\0 dance?", page_context={"path": "/book\0"}, selections=[{"text": "eights\0", "path": "\0"}]
    )
    request["params"]["input"]["quoted_text"] = "eights\0"
    answered = await reader.send(request)
    assert answered.status_code == 200
    events = [json.loads(line.removeprefix("data: ")) for line in answered.text.splitlines() if line]
    thread_id = thread_of(events)
    renamed = await reader.send({"type": "threads.update", "params": {"thread_id": thread_id, "title": "Bees\0"}})
    (question, _) = await reader.items(thread_id)
    assert renamed.status_code == 200
    assert question["content"][0]["text"] == "Do bees\ufffd dance?"
    assert question["quoted_text"] == "eights\ufffd"
    witness.sees(events)
    witness.keeps("The question and the answer, with U+FFFD for each NUL")


@pytest.mark.fault("SQL and JSON in the id of a conversation, of an item, or in a cursor")
@pytest.mark.parametrize("text", INJECTIONS, ids=range(len(INJECTIONS)))
async def test_ids_and_cursors_are_only_text(witness: Witness, reader: Reader, text: str) -> None:
    before = await conversations(reader)
    thread_id = before[0]["id"]
    about_items = [requests_about(thread_id, text)[kind] for kind in ("feedback", "retry", "add_structured_input")]
    cursors = [
        {"type": "threads.list", "params": {"after": text}},
        {"type": "items.list", "params": {"thread_id": thread_id, "after": text}},
    ]
    sent = [*requests_about(text, text).values(), *about_items, *cursors]
    responses = [await reader.send(request) for request in sent]
    assert [response.status_code for response in responses] == [404] * len(sent)
    assert await conversations(reader) == before
    witness.sees(responses[0])
    witness.keeps(NOTHING)


@pytest.mark.fault("A conversation's id is stolen")
@pytest.mark.parametrize("kind", requests_about("", ""))
async def test_anothers_thread_and_an_unknown_one_are_the_same(
    live: Live, witness: Witness, reader: Reader, kind: str
) -> None:
    before = await conversations(reader)
    thread_id, item_id = before[0]["id"], before[0]["kept"][1]["id"]
    thief = await live.reader()
    foreign = await thief.send(requests_about(thread_id, item_id)[kind])
    unknown = await thief.send(requests_about("thr_nobody", item_id)[kind])
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()
    assert await conversations(reader) == before
    witness.sees(foreign)
    witness.keeps(NOTHING)
