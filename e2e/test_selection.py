"""A selected passage is captured from the article, and never from the assistant itself."""

import json

from playwright.sync_api import Browser, Page, expect

from e2e.ask_panel import HIGHLIGHTED, AskPanel
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


def test_a_selection_can_be_removed(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(LESSON))
    page.locator("article p").first.click(click_count=3)
    assistant.bubble().click()
    assistant.selection_chip().click()
    expect(assistant.selection_chip()).to_be_hidden()


def test_the_bubble_never_covers_the_selection(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(LESSON))
    page.locator("article p").first.click(click_count=3)
    bubble = assistant.bubble().bounding_box()
    selected = page.evaluate(
        "(({top, bottom}) => ({top, bottom}))(getSelection().getRangeAt(0).getBoundingClientRect())"
    )
    assert bubble is not None
    assert bubble["y"] + bubble["height"] <= selected["top"] + 1 or bubble["y"] >= selected["bottom"] - 1


def test_the_keyboard_asks_about_a_selection(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(LESSON))
    assistant.select_in_article("A reader opens the panel")
    expect(assistant.bubble()).to_have_attribute("aria-keyshortcuts", "Alt+A")
    page.keyboard.press("Alt+a")
    expect(assistant.composer).to_be_focused()
    expect(assistant.selection_chip()).to_have_count(1)
    assistant.composer.fill("typed")
    page.keyboard.press("Alt+a")
    expect(assistant.selection_chip()).to_have_count(1)


def test_several_passages_lead_back_to_where_they_stand(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(laptop_product.page(LESSON))
    for count, words in enumerate(("A reader opens the panel", "The book itself stays a static site"), start=1):
        assistant.select_in_article(words)
        assistant.bubble().click()
        expect(assistant.selection_chip()).to_have_count(count)
    page.get_by_role("link", name="Next").click()
    expect(page.locator("article h1")).to_have_text("Run the demo")
    back = assistant.panel.get_by_role("link", name="The book itself stays a static site")
    back.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{LESSON}#*")
    page.wait_for_function(f"{HIGHLIGHTED} !== ''")
    assert assistant.highlighted() == "The book itself stays a static site. Only the panel talks to the sidecar."
    expect(assistant.selection_chip()).to_have_count(2)


def test_the_quotation_above_a_question_leads_back_to_its_passage(
    service_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(service_product.page(LESSON))
    words = "The book itself stays a static site"
    assistant.select_in_article(words)
    assistant.bubble().click()
    assistant.ask("What does this mean?")
    page.get_by_role("link", name="Next").click()
    page.reload()
    quotation = assistant.open().log.get_by_role("blockquote").get_by_role("link", name=words)
    quotation.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{LESSON}#*")
    page.wait_for_function(f"{HIGHLIGHTED} !== ''")
    assert assistant.highlighted().startswith(words)


def test_on_a_phone_the_bubble_is_below_the_selection_and_answers_to_a_tap(
    laptop_product: Product, browser: Browser
) -> None:
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 780})
    page = context.new_page()
    page.goto(laptop_product.page(LESSON))
    assistant = AskPanel(page)
    page.locator("article p").nth(1).evaluate("(paragraph) => getSelection().selectAllChildren(paragraph)")
    expect(assistant.bubble()).to_be_visible()
    bottom = page.evaluate("getSelection().getRangeAt(0).getBoundingClientRect().bottom")
    bubble = assistant.bubble().bounding_box()
    assert bubble is not None
    assert bubble["y"] >= bottom + 24, "the handles of a selection need their room"
    assistant.bubble().tap()
    expect(assistant.selection_chip()).to_be_visible()
    context.close()


def test_a_selection_inside_the_panel_is_never_captured(
    service_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(service_product.page(LESSON))
    assistant.open().ask("What is Booklight?")
    assistant.log.locator("p:visible").last.click(click_count=3)
    assert page.evaluate("String(getSelection())").strip(), "something in the panel must be selected"
    assistant.composer.click()
    with page.expect_request("**/assistant/chatkit") as sent:
        assistant.send("And what else?")
    body = json.loads(sent.value.post_data or "{}")
    assert not body["params"]["input"].get("quoted_text")
    assert not body["metadata"].get("selections")
