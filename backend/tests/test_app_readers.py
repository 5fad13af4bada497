"""Whose a thread is: every request about another reader's is answered as if there were no such thread."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import jwt
import pytest
import pytest_asyncio

from backend.tests.live import Live, live_sidecar, native_events, question_request, thread_of
from backend.tests.paced_model import PacedModel
from backend.tests.thread_requests import requests_about

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORIGIN = "https://bees.example"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    """One sidecar for all readers."""
    folder = tmp_path_factory.mktemp("live")
    url = f"sqlite:///{folder}/booklight.db"
    model = PacedModel(["Yes."])
    async with live_sidecar(model, url, allowed_origins=ORIGIN, turns_per_minute=5) as sidecar:
        yield sidecar


async def test_wrong_items_are_statuses_too(live: Live) -> None:
    reader = await live.reader()
    events = await reader.ask("Do bees dance?")
    thread_id, question, answer = thread_of(events), events[1]["item"]["id"], events[-1]["item"]["id"]
    statuses = {
        kind: (await reader.send(requests_about(thread_id, item)[kind])).status_code
        for kind, item in [
            ("retry", answer),
            ("add_structured_input", answer),
            ("add_client_tool_output", answer),
            ("custom_action on an item", question),
        ]
    }
    unknown = [
        (await reader.send(requests_about(thread_id, "msg_no")[kind])).status_code for kind in ("retry", "feedback")
    ]
    assert set(statuses.values()) == {422}, statuses
    assert unknown == [404, 404]
    assert len(await reader.items(thread_id)) == 2


async def test_readers_see_rename_and_delete_what_is_theirs(live: Live) -> None:
    reader = await live.reader()
    events = await reader.ask("Do bees dance?", page_context={"path": "/book/docs/dances"})
    elsewhere = await reader.ask("What is a hive?", page_context={"path": "/book/docs/hives"})
    thread_id = thread_of(events)
    about = requests_about(thread_id, events[-1]["item"]["id"])
    renamed = await reader.send(about["update"])
    liked = await reader.send(about["feedback"] | {"metadata": {"reason": "clear"}})
    on_page = await reader.send({"type": "threads.list", "params": {}, "metadata": {"path": "/book/docs/dances"}})
    stopped = await reader.send(about["sync_custom_action"])
    deleted = await reader.send(about["delete"])
    left = (await reader.send({"type": "threads.list", "params": {}})).json()["data"]
    assert renamed.json()["title"] == "Mine now"
    assert [thread["id"] for thread in on_page.json()["data"]] == [thread_id]
    assert (liked.status_code, stopped.status_code, deleted.status_code) == (200, 200, 200)
    assert [thread["id"] for thread in left] == [thread_of(elsewhere)]


async def test_a_stop_says_that_nothing_is_left_to_cancel_and_begins_no_turn(live: Live) -> None:
    reader = await live.reader()
    thread_id = thread_of(await reader.ask("Do bees dance?"))
    about = requests_about(thread_id, "none")
    streamed = await reader.send(about["custom_action stop"])
    at_once = await reader.send(about["sync_custom_action"])
    assert native_events(streamed.text) == [{"type": "stream_options", "stream_options": {"allow_cancel": False}}]
    assert (at_once.status_code, at_once.json()) == (200, {})
    assert len(await reader.items(thread_id)) == 2


async def test_a_session_is_renewed_as_the_same_reader(live: Live) -> None:
    reader = await live.reader()
    thread_id = thread_of(await reader.ask("Do bees dance?"))
    renewed = (await live.http.post("/assistant/session", headers=reader.headers)).json()
    reader.headers = {"Authorization": f"Bearer {renewed['token']}"}
    assert len(await reader.items(thread_id)) == 2
    assert datetime.fromisoformat(renewed["expires_at"]) > datetime.now(UTC) + timedelta(days=1)


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer nonsense", "Basic YTpi", "Bearer a.b.c"])
async def test_a_token_that_is_not_ours_is_refused(live: Live, authorization: str) -> None:
    headers = {"Authorization": authorization}
    chat = await live.http.post("/assistant/chatkit", json={"query": "How?"}, headers=headers)
    session = await live.http.post("/assistant/session", headers=headers)
    assert (chat.status_code, session.status_code) == (401, 401)


async def test_a_token_without_a_signature_is_refused(live: Live) -> None:
    forged = jwt.encode({"iss": "booklight", "sub": "reader:1", "exp": 4_000_000_000}, "", algorithm="none")
    headers = {"Authorization": f"Bearer {forged}"}
    assert (await live.http.post("/assistant/chatkit", json={"query": "How?"}, headers=headers)).status_code == 401


async def test_turns_are_limited_and_other_requests_are_not(live: Live) -> None:
    reader = await live.reader()
    thread_id = thread_of(await reader.ask("One?"))
    for _ in range(4):
        await reader.ask("More?", thread_id)
    refused = await reader.send(question_request("One more?", thread_id))
    listed = await reader.send({"type": "threads.list", "params": {}})
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert listed.status_code == 200
    assert len(await reader.items(thread_id)) == 10


async def test_only_allowed_origins_are_told_that_they_may(live: Live) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    allowed = await live.http.options("/assistant/chatkit", headers={"Origin": ORIGIN} | asked)
    foreign = await live.http.options("/assistant/chatkit", headers={"Origin": "https://evil.example"} | asked)
    answer = await live.http.post("/assistant/chatkit", json={"query": "How?"}, headers={"Origin": ORIGIN})
    refused = await live.http.post("/assistant/chatkit", content=b"", headers={"Origin": ORIGIN})
    assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Origin" not in foreign.headers
    assert "X-Booklight-Token" in answer.headers["Access-Control-Expose-Headers"]
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN
