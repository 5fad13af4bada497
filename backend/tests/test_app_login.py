"""Readers who are signed in at the site, over HTTP: their threads are theirs, wherever they ask from."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from backend.tests.jwks_server import Key, LoginServer, serve_login
from backend.tests.live import Json, Live, Reader, answers, live_sidecar, thread_of
from backend.tests.paced_model import PacedModel
from backend.tests.thread_requests import requests_about

KEY = Key("site-1", "ES256")


@pytest.fixture
def login() -> Iterator[LoginServer]:
    """The site's login."""
    with serve_login(KEY) as server:
        yield server


@asynccontextmanager
async def behind(login: LoginServer, folder: Path, **settings: Any) -> AsyncIterator[Live]:
    """Serve a sidecar that trusts `login`."""
    url = f"sqlite:///{folder}/booklight.db"
    async with live_sidecar(PacedModel(["Yes."]), url, **(login.settings() | settings)) as live:
        yield live


def signed_in(live: Live, subject: str) -> Reader:
    """Return a client that sends a fresh token of that subject."""
    return Reader(live.http, {"Authorization": f"Bearer {KEY.sign(subject)}"})


async def titles(reader: Reader) -> list[str]:
    listed: Json = (await reader.send({"type": "threads.list", "params": {}})).json()
    return [thread["title"] for thread in listed["data"]]


async def test_a_signed_in_reader_finds_their_threads_again_with_another_token(
    login: LoginServer, tmp_path: Path
) -> None:
    async with behind(login, tmp_path) as live:
        events = await signed_in(live, "ada@bees.example").ask("Do bees dance?")
        later = signed_in(live, "ada@bees.example")
        assert await titles(later) == ["Do bees dance?"]
        assert answers(await later.items(thread_of(events))) == ["Yes."]
        owner = await live.owner_of(thread_of(events))
    assert owner.startswith("login:")
    assert "ada@" not in owner + str(events)


async def test_readers_see_nothing_of_each_other(login: LoginServer, tmp_path: Path) -> None:
    async with behind(login, tmp_path) as live:
        events = await signed_in(live, "ada").ask("Do bees dance?")
        about = requests_about(thread_of(events), events[-1]["item"]["id"])
        for other in (signed_in(live, "bob"), signed_in(live, "ada "), await live.reader()):
            statuses = {kind: (await other.send(body)).status_code for kind, body in about.items()}
            assert set(statuses.values()) == {404}, statuses
            assert await titles(other) == []
        assert await titles(signed_in(live, "ada")) == ["Do bees dance?"]


async def test_nobody_becomes_a_signed_in_reader_by_naming_their_id(login: LoginServer, tmp_path: Path) -> None:
    async with behind(login, tmp_path) as live:
        events = await signed_in(live, "ada").ask("Do bees dance?")
        owner = await live.owner_of(thread_of(events))
        body = {"query": "And?", "thread_id": thread_of(events), "context": {"session_id": owner}}
        as_session = await live.http.post("/assistant/chatkit", json=body)
        as_subject = await signed_in(live, owner).send(body)
    assert len(owner) >= 32
    assert (as_session.status_code, as_subject.status_code) == (404, 404)


async def test_a_question_in_the_simple_dialect_is_the_signed_in_readers(login: LoginServer, tmp_path: Path) -> None:
    async with behind(login, tmp_path) as live:
        body = {"query": "Do bees dance?", "context": {"session_id": "s" * 32}}
        answered = await signed_in(live, "ada").send(body)
        assert await titles(signed_in(live, "ada")) == ["Do bees dance?"]
    assert answered.status_code == 200
    assert "X-Booklight-Token" not in answered.headers


async def test_anonymous_readers_may_ask_beside_it_unless_the_settings_say_no(
    login: LoginServer, tmp_path: Path
) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "closed").mkdir()
    async with behind(login, tmp_path / "open") as live:
        anonymous = await live.reader()
        assert (await live.http.post("/assistant/chatkit", json={"query": "How?"})).status_code == 200
        assert thread_of(await anonymous.ask("How?"))
    async with behind(login, tmp_path / "closed", anonymous_readers=False) as live:
        nobody = await live.http.post("/assistant/chatkit", json={"query": "How?"})
        kept = await live.http.post("/assistant/chatkit", json={"query": "How?"}, headers=anonymous.headers)
        named = await live.http.post("/assistant/chatkit", json={"query": "?", "context": {"session_id": "s" * 32}})
        session = await live.http.post("/assistant/session")
        someone = await signed_in(live, "ada").ask("How?")
    for refused in (nobody, kept, named, session):
        assert refused.status_code == 401
        assert "sign in" in refused.json()["error"]["message"]
        assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert thread_of(someone)


async def test_what_is_wrong_with_a_token_is_said_and_a_login_that_is_away_is_503(
    login: LoginServer, tmp_path: Path
) -> None:
    async with behind(login, tmp_path) as live:
        login.status = 503
        away = await signed_in(live, "ada").send({"query": "How?"})
        anonymous = await live.http.post("/assistant/chatkit", json={"query": "How?"})
    async with behind(login, tmp_path) as live:
        login.status = 200
        expired = Reader(live.http, {"Authorization": f"Bearer {KEY.sign(exp=1)}"})
        said = [await expired.send({"query": "How?"}), await expired.send({"type": "threads.list", "params": {}})]
    assert (away.status_code, anonymous.status_code) == (503, 200)
    assert away.json()["error"]["code"] == "not_ready"
    assert [response.status_code for response in said] == [401, 401]
    assert said[0].json()["error"] == {"code": "unauthorized", "message": "Your sign-in has expired; sign in again."}


async def test_without_a_login_its_tokens_are_nobodys(login: LoginServer, tmp_path: Path) -> None:
    nothing = dict.fromkeys(login.settings())
    async with behind(login, tmp_path, **nothing) as live:
        refused = await signed_in(live, "ada").send({"query": "How?"})
    assert refused.status_code == 401
    assert login.asked == []


async def test_while_keys_are_rotated_both_count(login: LoginServer, tmp_path: Path) -> None:
    following = Key("site-2", "RS256")
    async with behind(login, tmp_path) as live:
        login.keys = [KEY.public_jwk(), following.public_jwk()]
        rotated = Reader(live.http, {"Authorization": f"Bearer {following.sign('ada')}"})
        assert (await rotated.send({"query": "Do bees dance?"})).status_code == 200
        assert await titles(signed_in(live, "ada")) == ["Do bees dance?"]
