"""A selected passage is captured from the article, and never from the assistant itself."""

import json

from playwright.sync_api import Page, expect

from e2e.ask_panel import AskPanel
from e2e.product import Product

LESSON = "docs/start/what-is-booklight"


def test_a_selected_passage_is_asked_about(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(LESSON))
    paragraph = page.locator("article p").first
    text = " ".join(paragraph.inner_text().split())
    paragraph.click(click_count=3)
    assistant.bubble().click()
    expect(assistant.selection_chip()).to_be_visible()
    with page.expect_request("**/assistant/chatkit") as sent:
        assistant.send("What does this mean?")
    body = json.loads(sent.value.post_data or "{}")
    assert " ".join(body["params"]["input"]["quoted_text"].split()) == text
    assert body["metadata"]["selections"][0]["path"] == f"/booklight/{LESSON}"
    assistant.wait_for_answer("What does this mean?")
    expect(assistant.selection_chip()).to_be_hidden()


def test_a_selection_can_be_removed(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(LESSON))
    page.locator("article p").first.click(click_count=3)
    assistant.bubble().click()
    assistant.selection_chip().click()
    expect(assistant.selection_chip()).to_be_hidden()


def test_the_bubble_never_covers_the_selection(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(LESSON))
    page.locator("article p").first.click(click_count=3)
    bubble = assistant.bubble().bounding_box()
    selected = page.evaluate(
        "(({top, bottom}) => ({top, bottom}))(getSelection().getRangeAt(0).getBoundingClientRect())"
    )
    assert bubble is not None
    assert bubble["y"] + bubble["height"] <= selected["top"] + 1 or bubble["y"] >= selected["bottom"] - 1


def test_a_selection_inside_the_panel_is_never_captured(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(LESSON))
    assistant.open().ask("What is Booklight?")
    assistant.log.locator("p").last.click(click_count=3)
    assert page.evaluate("String(getSelection())").strip(), "something in the panel must be selected"
    assistant.composer.click()
    with page.expect_request("**/assistant/chatkit") as sent:
        assistant.send("And what else?")
    body = json.loads(sent.value.post_data or "{}")
    assert not body["params"]["input"].get("quoted_text")
    assert not body["metadata"].get("selections")
