"""What every answer forbids a browser, and what the sidecar never does: follow an address that somebody wrote."""

import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from backend.tests.cold import cold_sidecar, until_parts_are
from backend.tests.live import Live, index_small_book, live_sidecar, native_events, question_request, thread_of
from backend.tests.paced_model import PacedModel
from backend.tests.small_book import make_chunk
from booklight_ingest.chunks import split_page
from booklight_ingest.embed.embedder import open_embedder
from booklight_ingest.pages import Book, Page, Site

ELSEWHERE = "elsewhere.example"
ADDRESS = f"http://{ELSEWHERE}:8080/x"
WRITTEN = f'Bees dance. See {ADDRESS}, [here]({ADDRESS}) or ![a bee]({ADDRESS}.png) and <img src="{ADDRESS}">.'
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
API_ONLY = EVERYWHERE | {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class Reached:
    """The hosts that this process looked up or connected to while it was watched."""

    def __init__(self) -> None:
        self.hosts: set[str] = set()
        self.watching = True

    def note(self, event: str, given: tuple[object, ...]) -> None:
        """Take note of what the interpreter is about to do."""
        if not self.watching or event not in {"socket.connect", "socket.getaddrinfo"}:
            return
        address = given[1] if event == "socket.connect" else given[0]
        self.hosts.add(str(address[0]) if isinstance(address, tuple) else str(address))


@contextmanager
def watch_connections() -> Iterator[Reached]:
    """Watch every connection of this process until the block ends."""
    reached = Reached()
    sys.addaudithook(reached.note)
    try:
        yield reached
    finally:
        reached.watching = False


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    """A sidecar for all answers."""
    folder = tmp_path_factory.mktemp("headers")
    async with live_sidecar(PacedModel(["Yes."]), f"sqlite:///{folder}/b.db") as sidecar:
        yield sidecar


ANSWERS = [
    ("GET", "/assistant/health", 200),
    ("GET", "/assistant/ready", 200),
    ("GET", "/assistant/index", 200),
    ("GET", "/assistant/openapi.json", 200),
    ("POST", "/assistant/session", 200),
    ("POST", "/assistant/chatkit", 400),
    ("GET", "/assistant/chatkit", 405),
    ("GET", "/assistant/nothing", 404),
    ("GET", "/metrics", 200),
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
async def test_every_answer_of_the_sidecar_forbids_what_it_does_not_need(
    live: Live, method: str, path: str, status: int
) -> None:
    answer = await live.http.request(method, path)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in API_ONLY} == API_ONLY
    assert len(answer.headers["X-Request-Id"]) == 32


@pytest.mark.asyncio(loop_scope="module")
async def test_a_stream_forbids_the_same_and_is_not_kept(live: Live) -> None:
    answer = await (await live.reader()).send({"query": "How?"})
    assert {name: answer.headers.get(name) for name in API_ONLY} == API_ONLY | {
        "Cache-Control": "no-cache, no-transform"
    }


@pytest.mark.asyncio(loop_scope="module")
async def test_other_pages_may_show_themselves_but_not_in_a_strangers_frame(live: Live) -> None:
    answer = await live.http.get("/nothing-here")
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert "Content-Security-Policy" not in answer.headers


def test_a_connection_is_seen() -> None:
    with watch_connections() as reached, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    assert "127.0.0.1" in reached.hosts


async def test_no_address_in_a_book_a_question_or_a_request_is_followed(tmp_path: Path) -> None:
    book = [make_chunk(WRITTEN, heading="Dances"), make_chunk(f"Hives: {ADDRESS}", path="/book/docs/hive")]
    with watch_connections() as reached:
        await index_small_book(tmp_path / "index", open_embedder(), book)
        async with cold_sidecar(tmp_path) as http:
            await until_parts_are(http, {"database": True, "index": True, "model": True})
            where = {"path": ADDRESS, "current_lesson": ADDRESS}
            selection = {"text": WRITTEN, "path": ADDRESS, "anchor": ADDRESS}
            marked: dict[str, Any] = {"selected_text": WRITTEN, "selections": [selection]}
            asked = question_request(WRITTEN, page_context=where, **marked)
            headers = {"Referer": ADDRESS, "Origin": ADDRESS, "X-Forwarded-Host": ELSEWHERE, "Host": ELSEWHERE}
            answer = await http.post("/assistant/chatkit", json=asked, headers=headers)
            token = {"Authorization": f"Bearer {answer.headers['X-Booklight-Token']}"}
            thread = {"thread_id": thread_of(native_events(answer.text))}
            for kind, params in [("threads.update", thread | {"title": ADDRESS}), ("items.list", thread)]:
                await http.post("/assistant/chatkit", json={"type": kind, "params": params}, headers=token)
            own = urlsplit(str(http.base_url)).hostname
    assert ADDRESS in answer.text
    assert reached.hosts == {own}


async def test_no_address_in_an_answer_is_followed(tmp_path: Path) -> None:
    with watch_connections() as reached:
        model = PacedModel([WRITTEN], searches=True, query=ADDRESS)
        async with live_sidecar(model, f"sqlite:///{tmp_path}/b.db") as live:
            events = await (await live.reader()).ask("Do bees dance?")
            own = urlsplit(live.url).hostname
    assert ADDRESS in str(events)
    assert reached.hosts == {own}


def test_no_address_in_a_page_is_followed_while_it_is_read(tmp_path: Path) -> None:
    text = f'import Bee from "{ADDRESS}";\n\n# Bees\n\n{WRITTEN}\n\n<iframe src="{ADDRESS}" />\n\n[bee]: {ADDRESS}\n'
    page = Page(path="/b", source="b.mdx", title="B", chapter=None, chapter_path=None, lesson="b")
    site = Site(title="B", url=ADDRESS, base_url="/", locale="en", site_dir=".", commit=None)
    with watch_connections() as reached:
        chunks = split_page(Book(version=1, site=site, pages=(page,)), page, text, tmp_path)
    assert "Bees dance" in chunks[0].text
    assert reached.hosts == set()
