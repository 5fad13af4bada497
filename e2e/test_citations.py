"""A citation shows what it rests on before one goes there, and the passage itself once one does."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from e2e.ask_panel import HIGHLIGHTED, AskPanel
from e2e.product import Product
from e2e.scripted_answer import Cited, script_answer

START, POSTGRES = "docs/start/what-is-booklight", "docs/operating/postgres-and-qdrant"
QUESTION = "How do I keep threads in Postgres?"
TO_START = Cited("here.", START, "What is Booklight?", 'what the book says. "This book does not seem to cover that"')
TO_POSTGRES = Cited(
    "here.", f"{POSTGRES}#postgres", "How do I use Postgres?", "To keep conversations in Postgres, set `BOOKLIGHT_…"
)
QUOTED = "Booklight makes its tables when it starts and migrates them after an update"
GONE = Cited(
    "here.", f"{POSTGRES}#qdrant", "How do I use Qdrant?", "This sentence was on the page, and is there no more."
)
PASSAGE_BOX = (
    "(() => { const [range] = CSS.highlights.get('booklight-passage'); return range.getBoundingClientRect(); })()"
)
BOX = "(element) => element.getBoundingClientRect().toJSON()"
FORMULA = (
    'It is $\\frac{a}{b}$ and \\(\\href{javascript:window.pwned=1}{c}\\).\n\n```json title="a.json"\n{"a": 1}\n```'
)


def test_a_real_citation_highlights_what_its_preview_quotes(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(START))
    assistant.open().ask(QUESTION)
    mark = assistant.citations.first
    page.mouse.move(200, 300)
    mark.hover()
    expect(assistant.preview).to_be_visible()
    quoted = assistant.preview.locator(".passage").inner_text()
    mark.click()
    page.wait_for_function(f"{HIGHLIGHTED} !== ''")
    assert _letters(assistant.highlighted()).startswith(_letters(quoted)[:40])
    page.wait_for_function(f"{PASSAGE_BOX}.top >= document.querySelector('.navbar').getBoundingClientRect().bottom")
    expect(assistant.panel).to_be_visible()


def test_a_passage_of_the_page_one_is_on_is_highlighted_too(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(laptop_product.page(START))
    _ask(page, assistant, TO_START)
    assistant.citations.first.click()
    page.wait_for_function(f"{HIGHLIGHTED} !== ''")
    assert "This book does not seem to cover that" in assistant.highlighted()


def test_what_the_answer_quotes_is_highlighted_rather_than_how_its_section_begins(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(laptop_product.page(START))
    script_answer(page, f"In short:\n\n- {QUOTED}.\n\nIt stands here.", TO_POSTGRES)
    assistant.open().send(QUESTION)
    assistant.citations.first.click()
    page.wait_for_function(f"{HIGHLIGHTED} !== ''")
    assert assistant.highlighted().rstrip(".;") == QUOTED


def test_a_highlight_survives_a_new_rendering(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    _follow(laptop_product, page, assistant)
    before = assistant.highlighted()
    page.evaluate(
        "(() => { for (const p of document.querySelectorAll('article p')) p.replaceWith(p.cloneNode(true)); })()"
    )
    page.wait_for_function(f"({HIGHLIGHTED}).split(/\\s+/).join(' ') === {before!r}")


@pytest.mark.parametrize("leave", ["Escape", "click", "navigation"])
def test_a_highlight_ends(leave: str, laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    _follow(laptop_product, page, assistant)
    if leave == "Escape":
        page.locator("article h1").click(trial=True)
        assistant.close()
        assert assistant.highlighted(), "closing the panel leaves the passage to be read"
        page.keyboard.press("Escape")
    elif leave == "click":
        page.locator("article h1").click()
    else:
        page.get_by_role("link", name="Next").click()
    page.wait_for_function(f"{HIGHLIGHTED} === ''")


def test_a_passage_that_is_gone_leads_to_its_heading(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(START))
    _ask(page, assistant, GONE)
    assistant.citations.first.click()
    heading = page.locator("article [id='qdrant']")
    expect(heading).to_be_in_viewport()
    page.wait_for_function("document.getElementById('qdrant')?.getAnimations().length > 0")
    assert assistant.highlighted() == ""


def test_the_keyboard_leads_to_a_preview_and_on_to_the_passage(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(laptop_product.page(START))
    _ask(page, assistant, TO_POSTGRES)
    mark = assistant.citations.first
    page.keyboard.press("Shift+Tab")
    while not mark.evaluate("mark => mark.matches(':focus')"):
        page.keyboard.press("Shift+Tab")
    expect(assistant.preview).to_contain_text(TO_POSTGRES.title)
    expect(mark).to_have_accessible_description(re.compile("To keep conversations in Postgres"))
    page.keyboard.press("Escape")
    expect(assistant.preview).to_be_hidden()
    expect(assistant.panel).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{TO_POSTGRES.path}")
    page.wait_for_function(f"{HIGHLIGHTED} !== ''")
    expect(mark).to_be_focused()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_preview_stays_in_the_panel_and_off_its_mark(
    width: int, laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(laptop_product.page(START))
    _ask(page, assistant, TO_POSTGRES)
    mark = assistant.citations.first
    mark.hover()
    expect(assistant.preview).to_be_visible()
    tip, panel, line = (place.evaluate(BOX) for place in (assistant.preview, assistant.panel, mark))
    assert panel["left"] <= tip["left"] < tip["right"] <= panel["right"]
    assert panel["top"] <= tip["top"] < tip["bottom"] <= panel["bottom"]
    assert tip["top"] >= line["bottom"] or tip["bottom"] <= line["top"]


def test_a_mark_never_leaves_its_word(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(START))
    words = "Set both values, then restart it here."
    script_answer(page, words, TO_POSTGRES, GONE)
    assistant.open().send(QUESTION)
    expect(assistant.citations).to_have_count(2)
    for width in range(320, 460, 5):
        page.set_viewport_size({"width": width, "height": 700})
        lines = assistant.citations.evaluate_all("marks => marks.map((mark) => mark.getClientRects()[0].bottom)")
        last_word = assistant.log.get_by_text(words).evaluate(
            """(paragraph) => {
              const text = paragraph.firstChild, range = document.createRange();
              range.setStart(text, text.data.length - 1);
              range.setEnd(text, text.data.length);
              return range.getBoundingClientRect().bottom;
            }"""
        )
        assert all(abs(bottom - last_word) < 10 for bottom in lines), f"a mark went astray at {width} px"


def test_on_a_phone_the_sheet_gives_way_to_the_passage(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.set_viewport_size({"width": 390, "height": 780})
    _follow(laptop_product, page, assistant)
    expect(assistant.panel).to_be_hidden()
    expect(page.locator("article [id='postgres']")).to_be_focused()


def test_formulas_and_colours_come_when_an_answer_needs_them(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    scripts: list[str] = []
    page.on("request", lambda request: scripts.append(request.url) if request.resource_type == "script" else None)
    page.goto(laptop_product.page(START))
    _ask(page, assistant, TO_START)
    page.wait_for_load_state("networkidle")
    before = len(scripts)
    page.unroute("**/assistant/chatkit")
    script_answer(page, FORMULA)
    assistant.panel.get_by_role("button", name="New conversation").click()
    assistant.send("And as a formula?")
    expect(assistant.log.get_by_role("math").first).to_be_visible()
    expect(assistant.log.locator("pre [class^='t-']").first).to_be_visible()
    expect(assistant.log).to_contain_text("a.json")
    assert len(scripts) > before
    assert assistant.log.locator("[href^='javascript:']").count() == 0


def test_all_of_it_works_under_a_strict_content_security_policy(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None)
    page.route(re.compile(r"/booklight/docs/[^.]*$"), _with_policy)
    page.goto(laptop_product.page(POSTGRES))
    refused.clear()
    _ask(page, assistant, TO_POSTGRES)
    assistant.citations.first.hover()
    expect(assistant.preview).to_be_visible()
    assistant.citations.first.click()
    page.wait_for_function(f"{HIGHLIGHTED} !== ''")
    assert refused == []


def _ask(page: Page, assistant: AskPanel, *citations: Cited) -> None:
    script_answer(page, "It stands here.", *citations)
    assistant.open().send(QUESTION)
    expect(assistant.citations).to_have_count(len(citations))


def _follow(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(START))
    _ask(page, assistant, TO_POSTGRES)
    assistant.citations.first.click()
    page.wait_for_url(f"**/{TO_POSTGRES.path}")
    page.wait_for_function(f"{HIGHLIGHTED} !== ''")


def _with_policy(route: Route) -> None:
    response = route.fetch()
    route.fulfill(response=response, headers={**response.headers, "content-security-policy": "style-src 'self'"})


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
