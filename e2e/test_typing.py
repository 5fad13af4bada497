"""Questions from every kind of hand: composed by an input method, and asked with a finger."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.ask_panel import AskPanel
from e2e.product import Product

LESSON = "docs/start/what-is-booklight"
SELECT_WORD = """([x, y]) => {
  const {offsetNode, offset} = document.caretPositionFromPoint(x, y);
  getSelection().setPosition(offsetNode, offset);
  getSelection().modify("move", "backward", "word");
  getSelection().modify("extend", "forward", "word");
}"""


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page on a phone with a touch screen."""
    with browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 780}) as context:
        yield context.new_page()


def test_enter_ends_a_composition_before_it_asks(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/chatkit") else None)
    page.goto(laptop_product.page(LESSON))
    assistant.open()
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.imeSetComposition", {"text": "かたまり", "selectionStart": 4, "selectionEnd": 4})
    expect(assistant.composer).to_have_value("かたまり")
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    keyboard.send("Input.insertText", {"text": "塊とは"})
    expect(assistant.composer).to_have_value("塊とは")
    assert sent == []
    page.keyboard.press("Enter")
    assistant.wait_for_answer("塊とは")
    assert len(sent) == 1


def test_a_finger_selects_asks_and_follows(laptop_product: Product, phone: Page) -> None:
    assistant = AskPanel(phone)
    phone.goto(laptop_product.page(LESSON))
    word = phone.locator("article p").nth(1).bounding_box()
    assert word is not None
    place = [word["x"] + 40, word["y"] + 10]
    screen = phone.context.new_cdp_session(phone)
    screen.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": place[0], "y": place[1]}]})
    phone.evaluate(SELECT_WORD, place)
    expect(assistant.bubble()).to_be_visible()
    # The browser takes the touch over for its selection: a touch that merely ends is a tap, which takes it away.
    screen.send("Input.dispatchTouchEvent", {"type": "touchCancel", "touchPoints": []})
    expect(assistant.bubble()).to_be_visible()
    chosen = phone.evaluate("String(getSelection()).trim()")
    assistant.bubble().tap()
    expect(assistant.panel.get_by_role("link", name=chosen)).to_be_visible()
    assistant.composer.fill("What is a chunk?")
    assistant.panel.get_by_role("button", name="Ask", exact=True).tap()
    assistant.wait_for_answer("What is a chunk?")
    assistant.citations.first.tap()
    expect(assistant.panel).to_be_hidden()
    phone.wait_for_function("CSS.highlights.has('booklight-passage')")
