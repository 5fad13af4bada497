"""Earlier conversations: found, opened, renamed, deleted, and offered on the page they were asked on."""

from playwright.sync_api import Locator, Page, expect

from e2e.ask_panel import AskPanel
from e2e.product import Product

FIRST, SECOND = "docs/start/what-is-booklight", "docs/retrieval/how-search-ranks"
CHUNK, PASSAGE = "What is a chunk?", "What is a passage?"


def test_a_conversation_is_found_by_title_and_opened(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(FIRST))
    ask_each(assistant, CHUNK, PASSAGE)
    rows = open_history(assistant)
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(PASSAGE)
    page.keyboard.type("CHUNK what")
    expect(rows).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(assistant.log.get_by_text(CHUNK, exact=True)).to_be_visible()
    expect(assistant.composer).to_be_focused()
    page.reload()
    assistant.open()
    expect(assistant.log.get_by_text(CHUNK, exact=True)).to_be_visible()


def test_a_conversation_is_renamed_by_keyboard(service_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(service_product.page(FIRST))
    ask_each(assistant, CHUNK)
    open_history(assistant)
    rename = assistant.panel.get_by_role("button", name=f"Rename “{CHUNK}”")
    rename.press("Enter")
    page.keyboard.press("Escape")
    expect(rename).to_be_focused()
    rename.press("Enter")
    page.keyboard.type("About chunks")
    page.keyboard.press("Enter")
    expect(assistant.panel.get_by_role("button", name="Rename “About chunks”")).to_be_focused()
    page.reload()
    assistant.open()
    expect(open_history(assistant)).to_contain_text("About chunks")


def test_a_conversation_is_deleted_only_when_that_is_confirmed(
    service_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(service_product.page(FIRST))
    assistant.open().ask(CHUNK)
    rows = open_history(assistant)
    delete = assistant.panel.get_by_role("button", name=f"Delete “{CHUNK}”")
    delete.press("Enter")
    expect(assistant.panel.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Enter")
    expect(delete).to_be_focused()
    delete.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(0)
    expect(assistant.panel.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(assistant.panel.get_by_role("button", name="Earlier conversations")).to_be_focused()
    expect(assistant.log.get_by_text(CHUNK, exact=True)).to_be_hidden()


def test_what_was_asked_on_this_page_is_offered_there(
    service_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(service_product.page(FIRST))
    ask_each(assistant, CHUNK)
    page.goto(service_product.page(SECOND))
    ask_each(assistant, PASSAGE)
    expect(assistant.log.get_by_role("button", name=PASSAGE)).to_be_visible()
    expect(assistant.log.get_by_role("button", name=CHUNK)).to_be_hidden()
    rows = open_history(assistant)
    expect(rows).to_have_count(2)
    assistant.panel.get_by_role("checkbox", name="Only those with a question on this page").check()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(PASSAGE)


def test_a_reason_reaches_the_sidecar_with_the_rating(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(FIRST))
    assistant.open().ask(CHUNK)
    assistant.panel.get_by_role("button", name="Bad answer").click()
    field = assistant.panel.get_by_role("textbox", name="What was wrong with it?")
    expect(field).to_be_focused()
    page.keyboard.type("Too short.")
    with page.expect_response(lambda response: "Too short." in (response.request.post_data or "")) as rated:
        page.keyboard.press("Enter")
    assert rated.value.ok
    bad = assistant.panel.get_by_role("button", name="Bad answer")
    expect(bad).to_be_focused()
    expect(bad).to_have_attribute("aria-pressed", "true")
    expect(assistant.panel).to_contain_text("Thank you for telling us.")


def ask_each(assistant: AskPanel, *questions: str) -> None:
    """Ask each question in a conversation of its own, and leave an empty one."""
    assistant.open()
    for question in questions:
        assistant.ask(question)
        assistant.panel.get_by_role("button", name="New conversation").click()


def test_all_conversations_are_deleted_for_good_once_that_is_confirmed(
    service_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(service_product.page(FIRST))
    ask_each(assistant, CHUNK, PASSAGE)
    rows = open_history(assistant)
    expect(rows).to_have_count(2)
    delete = assistant.panel.get_by_role("button", name="Delete all my conversations")
    delete.press("Enter")
    page.keyboard.press("Enter")
    expect(delete).to_be_visible()
    expect(rows).to_have_count(2)
    delete.press("Enter")
    with page.expect_response("**/assistant/forget") as forgotten:
        assistant.panel.get_by_role("button", name="Delete", exact=True).click()
    assert forgotten.value.json() == {"deleted": 2}
    expect(assistant.panel.get_by_text("Deleted.")).to_be_visible()
    expect(rows).to_have_count(0)
    page.reload()
    assistant.open()
    expect(open_history(assistant)).to_have_count(0)
    expect(assistant.panel.get_by_text("No earlier conversations.")).to_be_visible()


def open_history(assistant: AskPanel) -> Locator:
    """Show the earlier conversations; return their rows."""
    assistant.panel.get_by_role("button", name="Earlier conversations").click()
    expect(assistant.panel.get_by_role("searchbox", name="Search titles")).to_be_focused()
    return assistant.panel.get_by_role("listitem")
