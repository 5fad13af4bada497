"""Every state of the panel, and how a reader gets there: for pictures of all of them, and for checks on all of them.

What a real sidecar cannot be made to do on time, such as to pause in mid-answer, is played by a stand-in for it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from e2e.ask_panel import AskPanel
from e2e.product import Product
from e2e.stand_in import BEGINNING, CUT_OFF, QUESTION, STREAMING, Json, as_stream, stand_in

WIDE, PHONE, TABLET, ZOOMED = (1360, 900), (390, 844), (900, 1100), (680, 450)
"""Sizes in CSS pixels; ZOOMED is the first at 200 %."""

LESSON = "docs/retrieval/from-page-to-chunk"
ARABIC_QUESTION = "لماذا أشعل المدخن؟"
JAPANESE_QUESTION = "なぜ燻煙器に火をつけますか？"
CHAT = "**/assistant/chatkit"


@dataclass(frozen=True)
class State:
    """What to do before the panel is looked at.

    `path` is the page's; `held` is all that a stand-in ever sends.
    """

    name: str
    prepare: Callable[[AskPanel], None]
    size: tuple[int, int] = WIDE
    dark: bool = False
    held: Sequence[Json] = ()
    path: str = f"/booklight/{LESSON}"


@contextmanager
def entered(state: State, page: Page, product: Product) -> Iterator[AskPanel]:
    """Bring the panel on `page` into `state`, and keep it there until the block ends."""
    width, height = state.size
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if state.dark else "light", reduced_motion="reduce")
    with stand_in(state.held) as address:
        if state.held:
            page.route(CHAT, lambda route: route.continue_(url=f"{address}/chatkit"))
        page.goto(product.address + state.path)
        panel = AskPanel(page)
        expect(launcher(panel)).to_be_visible()
        state.prepare(panel)
        page.mouse.move(0, 0)
        yield panel


def opened(panel: AskPanel) -> None:
    """The empty panel, once it knows the book."""
    launcher(panel).click()
    expect(panel.page.locator("booklight-assistant .questions button").first).to_be_visible()
    expect(panel.page.locator("booklight-assistant .scope select")).to_be_visible()
    expect(panel.page.locator("booklight-assistant .foot")).not_to_have_text(re.compile(r"^\s*$"))


def asked(panel: AskPanel) -> None:
    """A question with its whole answer, from the beginning."""
    _ask(panel, QUESTION)


def asked_in_arabic(panel: AskPanel) -> None:
    """The same, of the site in Arabic."""
    _ask(panel, ARABIC_QUESTION)


def asked_in_japanese(panel: AskPanel) -> None:
    """The same, of the site in Japanese."""
    _ask(panel, JAPANESE_QUESTION)


def _ask(panel: AskPanel, question: str) -> None:
    opened(panel)
    field = panel.page.locator("booklight-assistant textarea")
    field.fill(question)
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


def quoted(panel: AskPanel) -> None:
    """A question below the passage that it is about."""
    selected(panel)
    panel.ask(QUESTION)


def cut_off(panel: AskPanel) -> None:
    """An answer that is not all there."""
    opened(panel)
    panel.page.route(CHAT, lambda route: route.fulfill(body=as_stream(CUT_OFF)), times=1)
    panel.send(QUESTION)
    expect(panel.retry).to_be_visible()


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
    """The page as readers find it, which needs nothing done."""


def launcher(panel: AskPanel) -> Locator:
    """The button, whatever the language."""
    return panel.page.locator("booklight-assistant .launcher")


STATES = (
    State("closed", closed),
    State("empty", opened),
    State("asked-before", before),
    State("selection", selected),
    State("asking", waiting, held=BEGINNING),
    State("streaming", waiting, held=STREAMING),
    State("stopped", stopped, held=STREAMING),
    State("cut-off", cut_off),
    State("quoted", quoted),
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
)

HIVES = "/bees/ar/docs/hives/smoker"
JAPANESE_HIVES = "/bees/ja/docs/hives/smoker"
TRANSLATED_STATES = (
    State("rtl-empty", opened, path=HIVES),
    State("rtl-cited", asked_in_arabic, path=HIVES),
    State("rtl-dark", asked_in_arabic, path=HIVES, dark=True),
    State("rtl-phone", asked_in_arabic, path=HIVES, size=PHONE),
    State("japanese-empty", opened, path=JAPANESE_HIVES),
    State("japanese-asked", asked_in_japanese, path=JAPANESE_HIVES),
)
"""The states that are looked at on the site in Arabic and Japanese, which is not the handbook."""
