"""Sharing an answer in a browser: a link is made, read by somebody else with and without scripts, and ended."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from e2e.ask_panel import AskPanel
from e2e.axe import AXE, assert_accessible
from e2e.product import Product, laptop

PATH = "docs/retrieval/from-page-to-chunk"
QUESTION, OWN_QUESTION = "Why do chunks never overlap?", "How do I keep threads in Postgres?"
GONE = "There is nothing here"
RUN_AXE = """
async () => {
  const {violations, passes} = await axe.run();
  const told = ({target, failureSummary}) => `${target} ${failureSummary}`;
  return {passed: passes.length, found: violations.flatMap(({id, nodes}) => [id, ...nodes.map(told)])};
}
"""
SIZES = ((1360, 900), (390, 844))


@dataclass(frozen=True)
class SharingReader:
    """A reader who has asked QUESTION where answers can be shared, and what shares the answer."""

    assistant: AskPanel
    product: Product

    @property
    def form(self) -> Locator:
        """What the button Share opens."""
        return self.assistant.panel.get_by_role("group", name="Share")

    def open_form(self) -> None:
        """Open it."""
        self.assistant.panel.get_by_role("button", name="Share").click()
        expect(self.form).to_be_visible()

    def copy_link(self) -> str:
        """Make a link and return what was copied."""
        self.form.get_by_role("button", name="Copy link").click()
        expect(self.form.get_by_role("status")).to_contain_text("The link is copied. It can be read until ")
        link: str = self.assistant.page.evaluate("navigator.clipboard.readText()")
        return link


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sidecar keeps its database."""
    return tmp_path_factory.mktemp("sharing")


@pytest.fixture(scope="module")
def sharing_product(folder: Path) -> Iterator[Product]:
    """The handbook with a sidecar that lets answers be shared for a week."""
    with laptop(folder, BOOKLIGHT_SHARE_DAYS="7") as product:
        yield product


@pytest.fixture
def reader(browser: Browser, sharing_product: Product) -> Iterator[SharingReader]:
    """A reader with an answer, whose browser lets links be copied."""
    with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.goto(sharing_product.page(PATH))
        assistant = AskPanel(page)
        assistant.open().ask(QUESTION)
        yield SharingReader(assistant, sharing_product)


@pytest.fixture
def link(reader: SharingReader) -> str:
    """A link to the reader's answer."""
    reader.open_form()
    return reader.copy_link()


@pytest.fixture
def other(browser: Browser) -> Iterator[Page]:
    """Somebody else's browser, where axe may be run although the page itself allows no script."""
    with browser.new_context(bypass_csp=True) as context:
        yield context.new_page()


def test_a_link_is_read_by_others_without_scripts_and_its_citations_lead_into_the_book(
    reader: SharingReader, link: str, browser: Browser
) -> None:
    assert re.fullmatch(rf"{re.escape(reader.product.address)}/assistant/shared/[\w-]{{32}}", link)
    asked: list[str] = []
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(link, wait_until="networkidle")
        assert asked == [link]
        expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
        citation = page.locator("article").get_by_role("link", name=re.compile(r"^1: ")).first
        title = (citation.get_attribute("aria-label") or "").removeprefix("1: ")
        expect(page.get_by_role("list", name="Sources").get_by_role("link", name=title, exact=True)).to_be_visible()
        citation.click()
        expect(page.get_by_role("heading", name=title).first).to_be_visible()
        assert f"{reader.product.address}/booklight/docs/" in page.url


def test_the_panel_shows_it_in_the_book_and_what_is_asked_then_is_ones_own(
    reader: SharingReader, link: str, other: Page
) -> None:
    requests: list[str] = []
    other.on("request", lambda request: requests.append(request.url))
    other.goto(link)
    other.get_by_role("link", name="Read on in the book").click()
    theirs = AskPanel(other)
    expect(theirs.log).to_contain_text("A shared answer")
    expect(theirs.log).to_contain_text(QUESTION)
    expect(other).to_have_url(reader.product.page(PATH))
    assert not [url for url in requests if url.endswith(("/session", "/chatkit"))]
    expect(theirs.panel.get_by_role("button", name="Share")).to_have_count(0)
    theirs.citations.first.click()
    expect(other.locator("article")).to_be_visible()
    other.wait_for_function("CSS.highlights.get('booklight-passage')?.size > 0")
    theirs.ask(OWN_QUESTION)
    expect(theirs.log).to_contain_text("A shared answer")
    theirs.panel.get_by_role("button", name="New conversation").click()
    expect(theirs.log).not_to_contain_text("A shared answer")
    theirs.panel.get_by_role("button", name="Earlier conversations").click()
    expect(theirs.panel.get_by_role("listitem")).to_have_count(1)


def test_what_its_reader_stops_sharing_is_gone(reader: SharingReader, link: str, other: Page) -> None:
    other.goto(link)
    expect(other.get_by_role("heading", level=1)).to_have_text(QUESTION)
    reader.form.get_by_role("button", name="Stop sharing").click()
    expect(reader.form.get_by_role("status")).to_have_text("It is not shared any more.")
    other.reload()
    expect(other.get_by_role("heading", level=1)).to_have_text(GONE)
    other.goto(f"{reader.product.page(PATH)}?ask=#booklight-shared={link.rpartition('/')[2]}")
    expect(AskPanel(other).log).to_have_text("This answer is not shared any more.")


def test_an_expired_link_is_gone(link: str, other: Page, folder: Path) -> None:
    with sqlite3.connect(folder / "booklight.db") as database:
        database.execute("UPDATE shares SET expires_at = '2026-01-01 00:00:00.000000'")
    other.goto(link)
    expect(other.get_by_role("heading", level=1)).to_have_text(GONE)


def test_how_an_answer_is_shared_is_known_after_a_reload(reader: SharingReader, link: str) -> None:
    page = reader.assistant.page
    page.keyboard.press("Escape")
    expect(reader.form).to_be_hidden()
    expect(reader.assistant.panel.get_by_role("button", name="Share")).to_be_focused()
    page.reload()
    reader.assistant.open()
    reader.open_form()
    expect(reader.form.get_by_role("status")).to_contain_text("Shared until ")
    assert reader.copy_link() != link


def test_axe_finds_nothing(reader: SharingReader, link: str, other: Page) -> None:
    assert_accessible(reader.assistant.page)
    for scheme in ("light", "dark"):
        for address in (link, link + "x"):
            other.emulate_media(color_scheme=scheme)
            other.goto(address)
            other.add_script_tag(path=AXE)
            result = other.evaluate(RUN_AXE)
            assert result["found"] == []
            assert result["passed"] > 10
    other.goto(link)
    other.get_by_role("link", name="Read on in the book").click()
    expect(AskPanel(other).log).to_contain_text(QUESTION)
    assert_accessible(other)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_page_holds_on_any_width(link: str, other: Page, width: int, height: int) -> None:
    other.set_viewport_size({"width": width, "height": height})
    other.goto(link)
    assert other.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nothing_is_offered_where_it_is_not_allowed(laptop_product: Product, page: Page) -> None:
    page.goto(laptop_product.page(PATH))
    assistant = AskPanel(page)
    assistant.open().ask(QUESTION)
    expect(assistant.panel.get_by_role("button", name="Copy answer")).to_be_visible()
    expect(assistant.panel.get_by_role("button", name="Share")).to_have_count(0)
