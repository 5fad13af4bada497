"""A conversation outlives navigation and reloads, and says kindly when the sidecar is gone."""

import re

from playwright.sync_api import Page, expect

from e2e.ask_panel import AskPanel
from e2e.product import Product

FIRST, SECOND = "docs/start/what-is-booklight", "docs/retrieval/how-search-ranks"
QUESTION = "What is a chunk?"


def test_the_page_chip_follows_the_reader(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(FIRST))
    assistant.open()
    expect(assistant.panel).to_contain_text(re.compile("What is Booklight"))
    page.evaluate("window.sameDocument = true")
    page.get_by_role("link", name="Next").click()
    title = page.locator("article h1")
    expect(title).not_to_have_text("What is Booklight?")
    assert page.evaluate("window.sameDocument")
    expect(assistant.panel).to_contain_text(title.inner_text())
    page.go_back()
    expect(assistant.panel).to_contain_text(re.compile("What is Booklight"))


def test_a_reload_keeps_the_conversation(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(FIRST))
    assistant.open().ask(QUESTION)
    cited = assistant.citations.count()
    page.reload()
    assistant.open()
    expect(assistant.log.get_by_text(QUESTION, exact=True)).to_be_visible()
    expect(assistant.citations).to_have_count(cited)


def test_another_page_keeps_the_conversation(service_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(service_product.page(FIRST))
    assistant.open().ask(QUESTION)
    page.goto(service_product.page(SECOND))
    assistant.open()
    expect(assistant.log.get_by_text(QUESTION, exact=True)).to_be_visible()


def test_a_new_conversation_begins_empty(service_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(service_product.page(FIRST))
    assistant.open().ask(QUESTION)
    assistant.panel.get_by_role("button", name="New conversation").click()
    expect(assistant.log.get_by_role("paragraph").filter(has_text=QUESTION)).to_be_hidden()
    expect(assistant.citations).to_have_count(0)


def test_nothing_is_asked_of_the_sidecar_before_the_panel_opens(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/assistant/" in request.url else None)
    page.goto(laptop_product.page(FIRST))
    page.wait_for_load_state("networkidle")
    assert asked == []
    assistant.open().ask(QUESTION)
    assert asked


def test_a_sidecar_that_is_down_is_told_kindly(doomed: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(doomed.page(FIRST))
    assistant.open()
    doomed.stop()
    assistant.send(QUESTION)
    expect(assistant.panel).to_contain_text("cannot be reached")
    expect(assistant.retry).to_be_visible()
    expect(assistant.panel).to_contain_text(QUESTION)


def test_the_keyboard_leads_in_and_out(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(FIRST))
    launcher = page.get_by_role("button", name="Ask this book")
    launcher.focus()
    page.keyboard.press("Enter")
    expect(assistant.composer).to_be_focused()
    assistant.close()
    expect(launcher).to_be_focused()
