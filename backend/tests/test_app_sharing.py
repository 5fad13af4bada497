"""Shared answers over HTTP, on each database: a link shows one answer, for as long as its owner lets it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select, update

from backend.tests.live import (
    Json,
    Live,
    Reader,
    action_request,
    is_dance,
    live_sidecar,
    question_request,
    thread_of,
)
from backend.tests.paced_model import HOLD, PacedModel
from backend.tests.postgres import Postgres
from booklight.ops.logging import configure_logging
from booklight.settings import Settings
from booklight.sharing import answer_sharing
from booklight.store.retention import delete_expired
from booklight.store.tables import current_moment, items, shares, threads

BEFORE, QUESTION, AFTER = "Is this private?", "How do bees tell where food is?", "And is this?"
QUOTED = "The longer the run, the farther the food."
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Shared:
    """An answer of a reader's on a sidecar that lets answers be shared, between two others of its conversation."""

    live: Live
    owner: Reader
    thread_id: str
    item_id: str
    question_id: str

    @property
    def address(self) -> Json:
        """What a request about the answer says."""
        return {"thread_id": self.thread_id, "item_id": self.item_id}

    async def ask(self, verb: str, by: Reader | None = None, **address: Any) -> httpx.Response:
        """Send `share`, `unshare` or `shares`, by the owner or somebody else."""
        headers = (by or self.owner).headers
        return await self.live.http.post(f"/assistant/{verb}", json=self.address | address, headers=headers)

    async def link(self) -> str:
        """Make a link and return its address."""
        response = await self.ask("share")
        assert response.status_code == 200, response.text
        return f"/assistant/shared/{response.json()['id']}"

    async def read(self, link: str) -> tuple[httpx.Response, httpx.Response]:
        """Return the page of a link and its document, as somebody without a token gets them."""
        return await self.live.http.get(link), await self.live.http.get(f"{link}.json")

    async def statuses(self, *links: str) -> list[int]:
        """Return what the pages and documents of links are answered with."""
        return [response.status_code for link in links for response in await self.read(link)]

    async def expire(self) -> None:
        """Let all links into the conversation have expired a moment ago."""
        old = {"expires_at": current_moment() - timedelta(seconds=1)}
        async with self.live.store._database.statement() as connection:
            await connection.execute(update(shares).where(shares.c.thread_id == self.thread_id).values(old))

    async def rows(self) -> list[Any]:
        """Return what is kept of links into the conversation."""
        async with self.live.store._database.statement() as connection:
            return list(await connection.execute(select(shares).where(shares.c.thread_id == self.thread_id)))


def sharing_sidecar(database_url: str, *pieces: str, **settings: Any) -> AbstractAsyncContextManager[Live]:
    """Serve the small book where answers may be shared for a week."""
    model = PacedModel(pieces or ["Bees ", "dance.[^1]"], searches=True)
    return live_sidecar(model, database_url, **{"share_days": 7} | settings)


async def asked_between(live: Live) -> Shared:
    """Ask three questions as a new reader, and return the second answer."""
    owner = await live.reader()
    thread_id = thread_of(await owner.ask(BEFORE))
    context = {"path": "/book/docs/dances"}
    await owner.ask(QUESTION, thread_id, page_context=context, selections=[{"text": "a selection that is not shown"}])
    await owner.ask(AFTER, thread_id)
    said = [item for item in await owner.items(thread_id) if item["type"] != "task"]
    at = next(place for place, item in enumerate(said) if "bees tell" in str(item["content"]))
    return Shared(live, owner, thread_id, said[at + 1]["id"], said[at]["id"])


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgres"])
async def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    """A sidecar that lets answers be shared, on each database."""
    folder = tmp_path_factory.mktemp("sharing")
    database_url = f"sqlite:///{folder}/b.db"
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        database_url = server.url(server.create_database())
    async with sharing_sidecar(database_url) as sidecar:
        yield sidecar


@pytest_asyncio.fixture(loop_scope="module")
async def shared(live: Live) -> Shared:
    """An answer of a new reader's that can be shared."""
    return await asked_between(live)


async def test_a_link_shows_the_question_its_answer_and_its_sources_and_nothing_else(shared: Shared) -> None:
    made = (await shared.ask("share")).json()
    page, document = await shared.read(f"/assistant/shared/{made['id']}")
    until = datetime.fromisoformat(made["expires_at"])
    assert timedelta(days=6, hours=23) < until - datetime.now(UTC) <= timedelta(days=7)
    assert document.json() == {
        "question": QUESTION,
        "content": [
            {
                "type": "output_text",
                "text": "Bees dance.",
                "annotations": [
                    {
                        "type": "annotation",
                        "index": 11,
                        "source": {
                            "type": "url",
                            "title": "The waggle dance",
                            "url": "https://bees.example/book/docs/dances#the-waggle-dance",
                            "group": "Keeping bees",
                            "description": document.json()["content"][0]["annotations"][0]["source"]["description"],
                        },
                    }
                ],
            }
        ],
        "notices": [],
        "cut": False,
        "book_title": "Bees",
        "page_url": "https://bees.example/book/docs/dances",
        "language": "en",
        "expires_at": document.json()["expires_at"],
    }
    assert datetime.fromisoformat(document.json()["expires_at"]) == until
    for response in (page, document):
        assert response.status_code == 200
        assert {name: response.headers[name] for name in HEADERS} == HEADERS
        assert QUESTION in response.text
        others = [BEFORE, AFTER, "a selection", shared.thread_id, shared.item_id, shared.question_id, "reader:"]
        assert not [text for text in others if text in response.text]
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert not [loose for loose in ("script", "unsafe", "http") if loose in policy]
    assert 'href="https://bees.example/book/docs/dances#the-waggle-dance:~:text=A%20waggle%20dance' in page.text
    assert f'href="https://bees.example/book/docs/dances?ask=#booklight-shared={made["id"]}"' in page.text
    assert "A shared answer · Bees" in page.text
    assert f"until {until.date()}" in page.text


async def test_the_quotation_above_a_question_is_a_part_of_it(shared: Shared) -> None:
    body: Json = {"query": "Why?", "thread_id": shared.thread_id, "context": {"selected_text": QUOTED}}
    assert (await shared.owner.send(body)).status_code == 200
    shared.item_id = (await shared.owner.items(shared.thread_id))[-1]["id"]
    page, document = await shared.read(await shared.link())
    assert document.json()["quoted_text"] == QUOTED
    assert f"{QUOTED}</blockquote>" in page.text


async def test_what_was_said_of_an_answer_goes_with_it(shared: Shared) -> None:
    link, this = await shared.link(), (items.c.thread_id == shared.thread_id) & (items.c.id == shared.item_id)
    async with shared.live.store._database.statement() as connection:
        await connection.execute(update(items).where(this).values(metadata={"answer": "uncited"}))
    page, document = await shared.read(link)
    assert document.json()["notices"] == ["No passage of the book says this. Check it before you rely on it."]
    assert document.json()["notices"][0] in page.text


async def test_an_answer_that_is_not_all_there_is_shown_as_that(tmp_path: Path) -> None:
    async with sharing_sidecar(f"sqlite:///{tmp_path}/b.db", "Bees ", "dance", HOLD) as live:
        owner = await live.reader()
        async with owner.stream(question_request(QUESTION)) as events:
            await events.until(is_dance)
            thread_id = thread_of(events.seen)
            await owner.send(action_request("booklight.stop", thread_id))
            await events.rest()
        answer = next(item for item in await owner.items(thread_id) if item["type"] == "assistant_message")
        shared = Shared(live, owner, thread_id, answer["id"], "")
        page, document = await shared.read(await shared.link())
    assert document.json()["cut"] is True
    assert "The answer broke off before its end." in page.text


async def test_nothing_is_shared_unless_the_operator_lets_it(database_url: str) -> None:
    async with sharing_sidecar(database_url) as live:
        link = await (await asked_between(live)).link()
    async with sharing_sidecar(database_url, share_days=0) as live:
        shared = await asked_between(live)
        assert (await live.http.get("/assistant/index")).json()["share_days"] == 0
        assert [(await shared.ask(verb)).status_code for verb in ("share", "unshare", "shares")] == [404, 404, 404]
        assert await shared.statuses(link) == [404, 404]
        assert "share" not in (await live.http.get("/assistant/openapi.json")).json()["paths"]


async def test_clients_are_told_for_how_long(shared: Shared) -> None:
    assert (await shared.live.http.get("/assistant/index")).json()["share_days"] == 7


async def test_only_its_owner_shares_an_answer_or_ends_that(shared: Shared) -> None:
    link, stranger = await shared.link(), await shared.live.reader()
    for verb in ("share", "unshare", "shares"):
        foreign = await shared.ask(verb, by=stranger)
        unknown = await shared.ask(verb, by=stranger, thread_id="thr_none")
        nobody = await shared.live.http.post(f"/assistant/{verb}", json=shared.address)
        assert (foreign.status_code, nobody.status_code) == (404, 401)
        assert foreign.json() == unknown.json()
    assert await shared.statuses(link) == [200, 200]


@pytest.mark.parametrize("verb", ["share", "shares"])
async def test_only_an_answer_can_be_shared(shared: Shared, verb: str) -> None:
    for item_id in (shared.question_id, "msg_none"):
        assert (await shared.ask(verb, item_id=item_id)).status_code == 404


async def test_a_page_of_another_origin_shares_nothing(tmp_path: Path) -> None:
    async with sharing_sidecar(f"sqlite:///{tmp_path}/b.db", allowed_origins=("https://bees.example",)) as live:
        shared = await asked_between(live)
        shared.owner.headers["Origin"] = "https://wasps.example"
        assert [(await shared.ask(verb)).status_code for verb in ("share", "unshare", "shares")] == [403, 403, 403]


async def test_what_ended_expired_or_never_was_is_the_same_nothing(shared: Shared) -> None:
    unknown = await shared.read("/assistant/shared/never-made")
    ended = await shared.link()
    assert (await shared.ask("unshare")).json() == {"ended": 1}
    expired = await shared.link()
    await shared.expire()
    assert await shared.statuses(ended, expired) == [404, 404, 404, 404]
    for link in (ended, expired):
        seen = await shared.read(link)
        assert [one.content for one in seen] == [one.content for one in unknown]
        assert [sorted(one.headers) for one in seen] == [sorted(one.headers) for one in unknown]
    assert {name: unknown[0].headers[name] for name in HEADERS} == HEADERS
    assert "There is nothing here" in unknown[0].text


async def test_a_dead_link_is_told_in_the_browser_s_language(shared: Shared) -> None:
    accepted = {"Accept-Language": "de-CH;q=1, en"}
    page = await shared.live.http.get("/assistant/shared/never-made", headers=accepted)
    assert "Hier ist nichts" in page.text
    assert '<html lang="de"' in page.text


async def test_all_links_to_an_answer_end_together_and_no_other(shared: Shared) -> None:
    first, second = await shared.link(), await shared.link()
    other = Shared(shared.live, shared.owner, shared.thread_id, "", shared.question_id)
    other.item_id = next(
        item["id"] for item in await shared.owner.items(shared.thread_id) if item["type"] == "assistant_message"
    )
    kept = await other.link()
    assert first != second
    state = (await shared.ask("shares")).json()
    assert state["links"] == 2
    assert datetime.fromisoformat(state["expires_at"]) > datetime.now(UTC)
    assert (await shared.ask("unshare")).json() == {"ended": 2}
    assert await shared.statuses(first, second, kept) == [404, 404, 404, 404, 200, 200]
    assert (await shared.ask("shares")).json() == {"links": 0, "expires_at": None}


@pytest.mark.parametrize("way", ["thread", "forget", "operator", "prune", "again"])
async def test_a_link_ends_with_its_answer_however_that_is_deleted(shared: Shared, database_url: str, way: str) -> None:
    link = await shared.link()
    match way:
        case "thread":
            await shared.owner.send({"type": "threads.delete", "params": {"thread_id": shared.thread_id}})
        case "forget":
            await shared.live.http.post("/assistant/forget", headers=shared.owner.headers)
        case "operator":
            await shared.live.store.forget_thread(shared.thread_id)
        case "prune":
            old = {"updated_at": current_moment() - timedelta(days=31)}
            async with shared.live.store._database.statement() as connection:
                await connection.execute(update(threads).where(threads.c.id == shared.thread_id).values(old))
            assert await shared.live.store.prune(timedelta(days=30)) == 1
        case "again":
            params = {"thread_id": shared.thread_id, "item_id": shared.question_id}
            await shared.owner.send({"type": "threads.retry_after_item", "params": params})
    assert await shared.statuses(link) == [404, 404]
    assert await shared.rows() == []


async def test_an_export_names_links_and_the_database_opens_none(shared: Shared) -> None:
    link = await shared.link()
    owner = await shared.live.owner_of(shared.thread_id)
    exported = await shared.live.store.export_reader(owner)
    assert [one.item_id for one in exported.threads[0].shares] == [shared.item_id]
    kept = f"{await shared.rows()} {exported.model_dump_json()}"
    assert link.rpartition("/")[2] not in kept


async def test_expired_links_are_deleted_in_time(shared: Shared) -> None:
    await shared.link()
    await shared.expire()
    kept = await shared.link()
    await delete_expired(shared.live.store, None)
    assert len(await shared.rows()) == 1
    assert await shared.statuses(kept) == [200, 200]


async def test_a_reader_has_so_many_links_and_expired_ones_do_not_count(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_sharing, "MOST_LINKS", 2)
    await shared.link()
    await shared.expire()
    for _ in range(2):
        await shared.link()
    full = await shared.ask("share")
    assert (full.status_code, full.json()["error"]["code"]) == (422, "invalid")
    assert "You have 2 links" in full.json()["error"]["message"]
    await shared.ask("unshare")
    await shared.link()


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"", 400, "empty"),
        (b"[1]", 422, "JSON object"),
        (b'{"thread_id": "thr_1"}', 422, "item_id"),
        (b'{"thread_id": "thr_1", "item_id": ""}', 422, "item_id"),
        (b'{"thread_id": 1, "item_id": "x"}', 422, "thread_id"),
        (b'{"thread_id": "' + b"x" * 2_001 + b'", "item_id": "x"}', 422, "thread_id"),
        (b" " * 1_000_001, 413, "1 MB"),
    ],
)
async def test_a_request_that_is_wrong_is_told_what(shared: Shared, body: bytes, status: int, told: str) -> None:
    for verb in ("share", "unshare", "shares"):
        refused = await shared.live.http.post(f"/assistant/{verb}", content=body, headers=shared.owner.headers)
        assert (refused.status_code, told in refused.json()["error"]["message"]) == (status, True)


async def test_ids_are_not_tried_without_end(tmp_path: Path) -> None:
    async with sharing_sidecar(f"sqlite:///{tmp_path}/b.db", refusals_per_minute_per_address=4) as live:
        shared = await asked_between(live)
        link = await shared.link()
        assert await shared.statuses("/assistant/shared/a", "/assistant/shared/b") == [404, 404, 404, 404]
        assert await shared.statuses(link) == [429, 429]
        assert (await shared.ask("share")).status_code == 429


async def test_the_log_opens_no_link(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with sharing_sidecar(f"sqlite:///{tmp_path}/b.db") as live:
        configure_logging(Settings(_env_file=None, log_format="json"))
        shared = await asked_between(live)
        link = await shared.link()
        await shared.read(link)
    written = capsys.readouterr().err
    assert link.rpartition("/")[2] not in written
    assert written.count('"kind": "shared"') == 2


async def test_what_an_answer_says_is_shown_and_never_run(tmp_path: Path) -> None:
    hostile = (
        "<script>alert(1)</script> <b>bold</b> [here](javascript:alert(2)) ![x](https://evil.example/pixel.png) "
        "[there](//evil.example) **sure**"
    )
    async with sharing_sidecar(f"sqlite:///{tmp_path}/b.db", hostile) as live:
        shared = await asked_between(live)
        page, _ = await shared.read(await shared.link())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<strong>sure</strong>" in page.text
    assert not [tag for tag in ("<script", "<b>", "<img", 'href="javascript', 'href="//evil') if tag in page.text]
