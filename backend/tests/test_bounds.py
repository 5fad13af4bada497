"""Nobody holds the event loop: the longest of all that may be sent, and of what may not, beside another reader."""

import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from backend.tests.key import KEY
from backend.tests.live import (
    UNLIMITED,
    Json,
    action_request,
    index_small_book,
    native_events,
    question_request,
    serve,
    thread_of,
    until_ready,
)
from backend.tests.loop_watch import LoopWatch, watch_loop
from backend.tests.scripted_model import serve_scripted_model
from booklight.api.bodies import MAX_LIST
from booklight.app import create_app
from booklight.contracts import MAX_ADDRESS, MAX_QUESTION, MAX_SELECTION
from booklight.settings import Settings
from booklight_ingest.embed.embedder import open_embedder
from booklight_ingest.embed.onnx_model import OnnxModel
from ingest.tests.remembered_runs import RUN

CHAT, ASKED = "/assistant/chatkit", "/assistant/asked"
HELD_SECONDS = 0.05
"""How long any request may hold the loop."""
REFUSED_SECONDS = 0.02
"""How long one may that is refused before anything is done for it."""
TRIES = 2
"""How often a request that holds it for longer is sent; the least counts, since the rest came by chance."""
QUESTION = "What is a waggle dance?"
MANY = 1_000_000

TEXTS = {
    "a sign that stands for eighteen": "ﷺ",
    "capitals within a word": "aB",
    "tags that nothing closes": "<page>\n",
    "words that nobody knows": "qwzx Vfgh ",
}


@dataclass(frozen=True)
class Watched:
    """A sidecar on a thread of its own, whose loop is watched, and a reader."""

    http: httpx.Client
    watch: LoopWatch
    headers: dict[str, str]

    def held(self, body: bytes, status: int, path: str = CHAT, *, bound: float = HELD_SECONDS) -> float:
        """Return how long a request holds the loop, in seconds; one that is within `bound` is not sent again."""
        longest = list[float]()
        while len(longest) < TRIES and min(longest, default=bound) >= bound:
            self.watch.begin()
            response = self.http.post(path, content=body, headers=self.headers)
            assert response.status_code == status, response.text[:500]
            longest.append(self.watch.longest)
        return min(longest)

    def ask(self, question: str, thread_id: str | None = None) -> str:
        """Ask and return the id of the thread."""
        response = self.http.post(CHAT, json=question_request(question, thread_id), headers=self.headers)
        assert response.status_code == 200, response.text
        return thread_id or thread_of(native_events(response.text))


@pytest.fixture(scope="module", autouse=True)
def _models_run_each_time() -> Iterator[None]:
    """What they do is part of what must hold nobody up, the second time too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OnnxModel, "run", RUN)
        yield


@pytest.fixture(scope="module", params=["quotations", "a model"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A sidecar with the search that it has by default."""
    folder = tmp_path_factory.mktemp("bounds")
    with serve_scripted_model() as model, start_blocking_portal() as portal:
        asked = {} if request.param == "quotations" else {"model": "openai:scripted", "model_base_url": model.base_url}
        with (
            portal.wrap_async_context_manager(sidecar(folder, asked)) as url,
            watch_loop(portal.call(threading.get_ident)) as watch,
            httpx.Client(base_url=url, timeout=60) as http,
        ):
            token = http.post("/assistant/session").json()["token"]
            watched = Watched(http, watch, {"Authorization": f"Bearer {token}"})
            watched.ask(QUESTION)
            yield watched


@asynccontextmanager
async def sidecar(folder: Path, asked: dict[str, Any]) -> AsyncIterator[str]:
    """Serve the small book with the embedding and the order that are the default."""
    await index_small_book(folder / "index", open_embedder())
    limits = UNLIMITED | {"threads_per_reader": MANY, "refusals_per_minute_per_address": MANY}
    settings = Settings(
        _env_file=None,
        database_url=f"sqlite:///{folder}/b.db",
        index_path=folder / "index",
        secret_key=KEY,
        **limits,
        **asked,
    )
    async with serve(create_app(settings)) as url, httpx.AsyncClient(base_url=url) as http:
        await until_ready(http)
        yield url


@pytest.fixture
def other_reader(served: Watched) -> Iterator[None]:
    """Another reader, who asks and reads all the time, and gets every answer."""
    begun, ended, read = threading.Event(), threading.Event(), list[int]()

    def ask_on() -> None:
        with httpx.Client(base_url=served.http.base_url, timeout=60) as http:
            headers = {"Authorization": f"Bearer {http.post('/assistant/session').json()['token']}"}
            while len(read) < 2 or not ended.is_set():
                answer = http.post(CHAT, json=question_request(QUESTION), headers=headers)
                read.append(answer.text.count("thread.item.done"))
                begun.set()

    thread = threading.Thread(target=ask_on)
    thread.start()
    assert begun.wait(timeout=60)
    yield
    ended.set()
    thread.join()
    assert len(read) > 1, "what they asked beside the requests was not answered"
    assert all(read), read


def filled(text: str, length: int) -> str:
    """Return `text` over and over, `length` characters."""
    return (text * length)[:length]


def encoded(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def longest_question(text: str) -> Json:
    """Return a question that is as long as one may be, with as much selected, from the longest address."""
    address = filled("/päge", MAX_ADDRESS)
    size = min(MAX_SELECTION, 90_000 // len(text.encode()) * len(text))
    selections = [{"text": filled(text, size - n), "path": address, "anchor": address} for n in range(10)]
    page = {"path": address, "current_chapter": 1, "current_lesson": address}
    body = question_request(filled(text, MAX_QUESTION), selections=selections, page_context=page)
    body["params"]["input"]["quoted_text"] = filled(text, size)
    return body


@pytest.mark.usefixtures("other_reader")
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_longest_question_holds_nobody_up(served: Watched, text: str) -> None:
    first = {"query": filled(text, MAX_QUESTION)}
    marked = {"selected_text": filled(text, MAX_SELECTION), "context_mode": "selected_text"}
    bodies = [longest_question(text), first, {"query": QUESTION, "context": marked}]
    held = [served.held(encoded(body), 200) for body in bodies]
    assert max(held) < HELD_SECONDS


@pytest.mark.parametrize("served", ["quotations"], indirect=True)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_was_asked_before_holds_nobody_up(served: Watched, text: str) -> None:
    thread_id = served.ask(QUESTION)
    for number in range(4):
        served.ask(filled(text, MAX_QUESTION - 20) + str(number), thread_id)
    held = [
        served.held(encoded(question_request(question, thread_id)), 200)
        for question in (QUESTION, "And why does it do that?", filled(text, MAX_QUESTION))
    ]
    assert max(held) < HELD_SECONDS


@pytest.mark.usefixtures("other_reader")
def test_the_longest_of_other_requests_holds_nobody_up(served: Watched) -> None:
    thread_id, name = served.ask(QUESTION), filled("ﷺ", MAX_ADDRESS)
    thread = {"thread_id": thread_id}
    parts = question_request(QUESTION)
    parts["params"]["input"]["content"] = [{"type": "input_text", "text": "ﷺ" * 80}] * MAX_LIST
    answers = {str(number): {"values": ["ﷺ" * 70]} for number in range(MAX_LIST)}
    requests: list[tuple[Json, int]] = [
        (parts, 200),
        (question_request(QUESTION, filler=[[name] * MAX_LIST]), 200),
        ({"type": "items.feedback", "params": thread | {"item_ids": [name] * MAX_LIST, "kind": "positive"}}, 404),
        (
            {
                "type": "threads.add_structured_input",
                "params": thread | {"item_id": name, "input": {"answers": answers}},
            },
            404,
        ),
        ({"type": "threads.add_client_tool_output", "params": thread | {"result": [[name] * MAX_LIST]}}, 422),
        (action_request("booklight.stop", thread_id, {"of": [name] * MAX_LIST}), 200),
        ({"type": "threads.list", "params": {"limit": MAX_LIST}, "metadata": {"path": name}}, 200),
        ({"type": "threads.list", "params": {"after": name}}, 404),
    ]
    held = [served.held(encoded(body), status) for body, status in requests]
    assert max(held) < HELD_SECONDS


@pytest.mark.parametrize("served", ["quotations"], indirect=True)
def test_the_longest_conversation_holds_nobody_up_when_it_is_listed(served: Watched) -> None:
    thread_id = served.ask(QUESTION)
    body = longest_question("ﷺ")
    body["type"], body["params"] = "threads.add_user_message", body["params"] | {"thread_id": thread_id}
    for _ in range(20):
        assert served.http.post(CHAT, content=encoded(body), headers=served.headers).status_code == 200
    params = {"thread_id": thread_id, "limit": MAX_LIST}
    lists: list[Json] = [
        {"type": "items.list", "params": params},
        {"type": "threads.get_by_id", "params": {"thread_id": thread_id}},
        {"type": "threads.list", "params": {"limit": MAX_LIST}},
        question_request(QUESTION, thread_id),
    ]
    assert max(served.held(encoded(body), 200) for body in lists) < HELD_SECONDS


@pytest.mark.parametrize("served", ["quotations"], indirect=True)
def test_looking_for_where_was_asked_before_holds_nobody_up(served: Watched) -> None:
    thread_id, path = served.ask(QUESTION), filled("/ä", 200)
    selections = [{"text": filled("ﷺ", MAX_SELECTION - n), "path": path, "anchor": path} for n in range(10)]
    body = question_request(filled("ﷺ", MAX_QUESTION), thread_id, selections=selections, page_context={"path": path})
    for _ in range(60):
        assert served.http.post(CHAT, content=encoded(body), headers=served.headers).status_code == 200
    longest = filled("/ﷺ", MAX_ADDRESS)
    held = [served.held(encoded({"path": page, "locale": "en"}), 200, ASKED) for page in (path, longest)]
    assert served.http.post(ASKED, json={"path": path}, headers=served.headers).json()["places"]
    assert max(held) < HELD_SECONDS


@pytest.mark.parametrize("served", ["quotations"], indirect=True)
def test_a_turn_in_an_old_conversation_costs_what_one_in_a_new_conversation_does(served: Watched) -> None:
    young, old = served.ask(QUESTION), served.ask(QUESTION)
    body = longest_question("ä")
    body["type"], body["params"] = "threads.add_user_message", body["params"] | {"thread_id": old}
    for _ in range(30):
        assert served.http.post(CHAT, content=encoded(body), headers=served.headers).status_code == 200
    assert least_spent(served, old) < 1.5 * least_spent(served, young)


def least_spent(served: Watched, thread_id: str) -> float:
    """Return the least that a turn costs of the loop's time, in seconds."""
    spent = []
    for _ in range(5):
        served.watch.begin()
        served.ask(QUESTION, thread_id)
        spent.append(served.watch.spent)
    return min(spent)


SIZE = 960_000
ENDLESS = {
    "numbers": b"[" + b"1," * (SIZE // 2) + b"1]",
    "lists": b"[" + b"[]," * (SIZE // 3) + b"1]",
    "objects": b"[" + b"{}," * (SIZE // 3) + b"1]",
    "texts": b"[" + b'"",' * (SIZE // 3) + b"1]",
    "parts": b"[" + b'{"type":"input_text","text":""},' * (SIZE // 32) + b"1]",
    "names": b"{" + b",".join(b'"%x":1' % number for number in range(SIZE // 11)) + b"}",
    "a text of escapes": b'"' + b"\\u00e9" * (SIZE // 6) + b'"',
    "a number": b"9" * SIZE,
    "depth": b"[" * (SIZE // 2) + b"]" * (SIZE // 2),
}
PLACES = ("attachments", "content", "selections", "filler", "query", "answers")


def body_with(place: str, value: bytes) -> bytes:
    """Return a request that has `value` at a place where it has to be less."""
    body = question_request(QUESTION)
    match place:
        case "attachments" | "content":
            body["params"]["input"][place] = "@"
        case "selections" | "filler":
            body["metadata"][place] = "@"
        case "query":
            body = {"query": "@"}
        case _:
            params = {"thread_id": "thr_1", "item_id": "itm_1", "input": {place: "@"}}
            body = {"type": "threads.add_structured_input", "params": params}
    return json.dumps(body).encode().replace(b'"@"', value)


@pytest.mark.parametrize("served", ["quotations"], indirect=True)
@pytest.mark.parametrize("value", ENDLESS.values(), ids=ENDLESS)
def test_what_is_refused_costs_next_to_nothing(served: Watched, value: bytes) -> None:
    for place in PLACES:
        body = body_with(place, value)
        status = served.http.post(CHAT, content=body).status_code
        assert status in {400, 413, 422}
        assert served.held(body, status, bound=REFUSED_SECONDS) < REFUSED_SECONDS, place
