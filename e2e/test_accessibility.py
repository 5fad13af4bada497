"""The panel without a mouse, without sight of it, and enlarged: axe in every state, and the keyboard all the way."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.ask_panel import AskPanel
from e2e.axe import assert_accessible
from e2e.panel_states import LESSON, PHONE, STATES, TRANSLATED_STATES, State, entered
from e2e.product import Product
from e2e.stand_in import QUESTION

# Each is looked at in light and in dark: those that are dark themselves are left to the pictures, but on a phone.
LOOKED_AT = [state for state in (*STATES, *TRANSLATED_STATES) if not state.dark or state.size == PHONE]


@pytest.mark.parametrize("state", LOOKED_AT, ids=lambda state: state.name)
def test_axe_finds_nothing(request: pytest.FixtureRequest, page: Page, state: State) -> None:
    product = request.getfixturevalue("themed_product" if state in TRANSLATED_STATES else "laptop_product")
    with entered(state, page, product):
        assert_accessible(page, closed=state.name == "closed")


def test_the_keyboard_leads_from_the_page_to_a_citation_and_back(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(laptop_product.page("docs/start/what-is-booklight"))
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Control+i")
    expect(assistant.composer).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    assistant.wait_for_answer(QUESTION)
    expect(assistant.composer).to_be_focused()
    press_until_focused(page, assistant, "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("article h1")).not_to_have_text("What is Booklight?")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Ask this book")).to_be_focused()


def press_until_focused(page: Page, assistant: AskPanel, key: str) -> None:
    """Press `key` until a citation has the focus."""
    for _ in range(30):
        page.keyboard.press(key)
        if assistant.citations.first.evaluate("link => link.getRootNode().activeElement === link"):
            return
    raise AssertionError("no citation was reached by keyboard")


def test_what_is_announced_is_sentences(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(LESSON))
    assistant.open()
    status = assistant.panel.get_by_role("status").last
    expect(status).to_have_attribute("aria-live", "polite")
    page.evaluate(
        """() => {
          const region = document.querySelector("booklight-assistant").shadowRoot.querySelector("[aria-live=polite]");
          window.said = [];
          new MutationObserver(() => window.said.push(region.textContent)).observe(region, {
            childList: true, characterData: true, subtree: true});
        }"""
    )
    assistant.ask(QUESTION)
    expect(status).to_contain_text(re.compile("complete"))
    said = page.evaluate("window.said")
    ends = re.compile(r"[.!?…”:](?=\s|$)")
    assert len(said) <= 4 + len(ends.findall(assistant.log.inner_text()))
    assert all(re.search(r"[.!?…”:]$", words.strip()) for words in said if words.strip())


def test_at_200_percent_nothing_is_cut_off(laptop_product: Product, page: Page) -> None:
    zoomed = next(state for state in STATES if state.name == "zoomed")
    with entered(zoomed, page, laptop_product) as assistant:
        for part in (assistant.composer, assistant.log, assistant.panel.get_by_role("button", name="Close")):
            expect(part).to_be_in_viewport(ratio=1)
        assert assistant.log.evaluate("log => log.scrollWidth <= log.clientWidth")


def test_reduced_motion_moves_nothing(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(laptop_product.page(LESSON))
    assistant.open()
    assert assistant.panel.evaluate("panel => panel.getAnimations({subtree: true}).length") == 0
    assert page.evaluate("document.getAnimations().length") == 0


def test_the_sheet_on_a_phone_leaves_a_strip_of_the_page(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto(laptop_product.page(LESSON))
    assistant.open()
    box = assistant.panel.bounding_box()
    assert box is not None
    assert box["width"] == PHONE[0]
    assert box["y"] >= 60
    page.mouse.click(PHONE[0] / 2, 20)
    expect(assistant.panel).to_be_hidden()
