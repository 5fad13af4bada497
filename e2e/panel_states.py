"""Every state of the panel, and how a reader gets there: for pictures of all of them, and for checks on all of them.

What a real sidecar cannot be made to do on time, such as to pause in mid-answer, is played by a stand-in for it.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Locator, Page, expect

from e2e.ask_panel import AskPanel
from e2e.product import Product

WIDE, PHONE, TABLET, ZOOMED = (1360, 900), (390, 844), (900, 1100), (680, 450)
"""Sizes in CSS pixels; ZOOMED is the first at 200 %."""

LESSON = "docs/retrieval/from-page-to-chunk"
QUESTION = "How is a long section split into chunks?"
CHAT = "**/assistant/chatkit"

Json = dict[str, object]


@dataclass(frozen=True)
class State:
    """What to do before the panel is looked at. `language` is the page's; `held` is all that a stand-in ever sends."""

    name: str
    prepare: Callable[[AskPanel], None]
    size: tuple[int, int] = WIDE
    dark: bool = False
    language: str = "en"
    held: Sequence[Json] = ()


@contextmanager
def entered(state: State, page: Page, product: Product) -> Iterator[AskPanel]:
    """Bring the panel on `page` into `state`, and keep it there until the block ends."""
    width, height = state.size
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if state.dark else "light", reduced_motion="reduce")
    with stand_in(state.held) as address:
        if state.held:
            page.route(CHAT, lambda route: route.continue_(url=f"{address}/chatkit"))
        page.goto(product.page(LESSON))
        page.wait_for_load_state("networkidle")
        speak(page, state.language)
        panel = AskPanel(page)
        state.prepare(panel)
        page.mouse.move(0, 0)
        yield panel


def speak(page: Page, language: str) -> None:
    """Make the page one in `language`, as its build for that locale would be."""
    direction = "rtl" if language == "ar" else "ltr"
    page.evaluate("([lang, dir]) => Object.assign(document.documentElement, {lang, dir})", [language, direction])


@contextmanager
def stand_in(events: Sequence[Json]) -> Iterator[str]:
    """Serve a sidecar's answer that sends `events` and then says nothing more; give its address."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for event in events:
                self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()
            ended.wait()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            ended.set()
            server.shutdown()


def opened(panel: AskPanel) -> None:
    """The empty panel."""
    launcher(panel).click()
    expect(panel.page.locator("booklight-assistant .questions button").first).to_be_visible()


def asked(panel: AskPanel) -> None:
    """A question with its whole answer, from the beginning."""
    opened(panel)
    field = panel.page.locator("booklight-assistant textarea")
    field.fill(QUESTION)
    field.press("Enter")
    expect(panel.page.locator("booklight-assistant .tools")).to_be_visible(timeout=20_000)


def waiting(panel: AskPanel) -> None:
    """A question without its whole answer."""
    opened(panel)
    panel.page.locator("booklight-assistant textarea").fill(QUESTION)
    panel.page.locator("booklight-assistant .send").click()
    expect(panel.panel.get_by_role("button", name="Stop")).to_be_visible()
    expect(panel.log).to_contain_text(re.compile("Searching the book|never inside"))


def stopped(panel: AskPanel) -> None:
    """An answer that the reader has ended."""
    waiting(panel)
    panel.panel.get_by_role("button", name="Stop").click()
    expect(panel.log).to_contain_text("Stopped")


def not_found(panel: AskPanel) -> None:
    """A question that the book does not answer."""
    panel.open().ask("Which wine goes with roast pheasant and chestnuts?")


def failed(panel: AskPanel) -> None:
    """A sidecar that cannot be reached."""
    opened(panel)
    panel.page.route(CHAT, lambda route: route.abort())
    panel.send(QUESTION)
    expect(panel.retry).to_be_visible()


def reason(panel: AskPanel) -> None:
    """What was wrong with an answer."""
    asked(panel)
    panel.panel.get_by_role("button", name="Bad answer").click()


def selected(panel: AskPanel) -> None:
    """A passage of the page as what the question is about."""
    panel.page.locator("article p").nth(1).click(click_count=3)
    panel.bubble().click()
    expect(panel.selection_chip()).to_be_visible()


def history(panel: AskPanel) -> None:
    """Three earlier conversations."""
    for question in (QUESTION, "What is a passage?", "How do I keep threads in Postgres?"):
        panel.open().ask(question)
        panel.panel.get_by_role("button", name="New conversation").click()
    panel.panel.get_by_role("button", name="Earlier conversations").click()
    expect(panel.panel.get_by_role("listitem")).to_have_count(3)


def before(panel: AskPanel) -> None:
    """The empty panel of a reader who has asked on this page before."""
    panel.open().ask(QUESTION)
    panel.panel.get_by_role("button", name="New conversation").click()
    expect(panel.panel.get_by_text("Asked on this page before")).to_be_visible()


def closed(panel: AskPanel) -> None:
    """The page as readers find it."""
    expect(launcher(panel)).to_be_visible()


def launcher(panel: AskPanel) -> Locator:
    """The button, whatever the language."""
    return panel.page.locator("booklight-assistant .launcher")


BEGINNING: Sequence[Json] = (
    {"type": "thread.created", "thread": {"id": "thr_1"}},
    {
        "type": "thread.item.done",
        "item": {
            "id": "msg_1",
            "thread_id": "thr_1",
            "created_at": "2026-01-01T00:00:00Z",
            "type": "user_message",
            "content": [{"type": "input_text", "text": QUESTION}],
        },
    },
    {"type": "progress_update", "text": "Searching the book for “split a long section”"},
)
STREAMING: Sequence[Json] = (
    *BEGINNING,
    {"type": "thread.item.added", "item": {"id": "msg_2", "type": "assistant_message", "content": []}},
    {
        "type": "thread.item.updated",
        "item_id": "msg_2",
        "update": {
            "type": "assistant_message.content_part.added",
            "content_index": 0,
            "content": {
                "type": "output_text",
                "annotations": [],
                "text": "A section under one heading is one chunk. Only a long section is split, at the edge of a "
                "paragraph:\n\n- never inside a code block,\n- never inside a row of a **table**, and",
            },
        },
    },
)

STATES = (
    State("closed", closed),
    State("empty", opened),
    State("asked-before", before),
    State("selection", selected),
    State("asking", waiting, held=BEGINNING),
    State("streaming", waiting, held=STREAMING),
    State("stopped", stopped, held=STREAMING),
    State("cited", asked),
    State("reason", reason),
    State("not-found", not_found),
    State("error", failed),
    State("history", history),
    State("empty-dark", opened, dark=True),
    State("cited-dark", asked, dark=True),
    State("history-dark", history, dark=True),
    State("phone", asked, size=PHONE),
    State("phone-empty", opened, size=PHONE),
    State("phone-history", history, size=PHONE, dark=True),
    State("zoomed", asked, size=ZOOMED),
    State("tablet", asked, size=(900, 1100)),
    State("rtl-empty", opened, language="ar"),
    State("rtl-cited", asked, language="ar"),
    State("german", opened, language="de"),
    State("chinese", asked, language="zh"),
)
