"""What can be done with an answer and from where one can ask, and that the answer stays put while it grows."""

import json
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from backend.tests.scripted_model import ScriptedModel
from e2e.ask_panel import AskPanel
from e2e.product import Product
from e2e.scripted_answer import Cited, script_answer

LESSON = "docs/operating/postgres-and-qdrant"
QUESTION = "How do I keep threads in Postgres?"
CITED = Cited("so.", f"{LESSON}#postgres", "How do I use Postgres?", "To keep conversations in Postgres, set…")
WIDE_TABLE = """| Name | Kind | From | To | Meaning |
|---|---|---|---|---|
| a | b | c | d | Nothing but a rather long sentence that says what all of the columns before it mean |
"""
CLIPBOARD = "navigator.clipboard.readText()"
WATCH_PLACES = """(log) => {
  window.places = [];
  new MutationObserver(() => {
    const shown = [...log.querySelectorAll(".turn:last-child :is(.asked, .answer > :not(:last-child))")];
    window.places.push(shown.map((block) => block.offsetTop));
  }).observe(log, {childList: true, characterData: true, subtree: true});
}"""


def test_an_answer_grows_below_what_is_being_read(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(LESSON))
    assistant.open()
    assistant.log.evaluate(WATCH_PLACES)
    assistant.ask(QUESTION)
    expect(assistant.citations.first).to_be_visible()
    seen: list[list[int]] = page.evaluate("window.places")
    assert len(seen) > 2
    final = seen[-1]
    assert final
    assert all(places == final[: len(places)] for places in seen), "a block moved after it was shown"


def test_what_the_search_found_is_shown_before_the_models_first_word(
    service_product: Product, scripted_model: ScriptedModel, page: Page, assistant: AskPanel
) -> None:
    page.goto(service_product.page(LESSON))
    scripted_model.script("silent")
    try:
        assistant.open().send(QUESTION)
        found = assistant.log.get_by_role("link")
        expect(found.first).to_be_visible()
        titles = [title.strip() for title in found.all_inner_texts()]
        assert "How do I use Postgres?" in titles
        expect(assistant.log).to_contain_text(" · ".join(titles[:3]))
        expect(assistant.log).not_to_contain_text("In short:")
        expect(assistant.citations).to_have_count(0)
        found.get_by_text("How do I use Postgres?", exact=True).first.click()
        expect(page).to_have_url(service_product.page(f"{LESSON}#postgres"))
    finally:
        scripted_model.speaking.set()
    expect(assistant.log).to_contain_text("In short:")
    expect(assistant.citations.first).to_be_visible()
    expect(assistant.log).not_to_contain_text(" · ".join(titles[:3]))


def test_answer_and_code_are_copied_by_keyboard(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(laptop_product.page(LESSON))
    script_answer(page, "Do it so.\n\n```sh\nnpm run demo\n```", CITED)
    assistant.open().send(QUESTION)
    for name, copied in (
        ("Copy code", "npm run demo"),
        ("Copy answer", f"Do it so.\n\n```sh\nnpm run demo\n```\n\n1. [{CITED.title}]("),
    ):
        button = assistant.panel.get_by_role("button", name=name)
        button.focus()
        page.keyboard.press("Enter")
        expect(assistant.panel.get_by_role("button", name="Copied")).to_be_focused()
        assert page.evaluate(CLIPBOARD).startswith(copied)
        expect(button).to_be_visible()


def test_a_wide_table_is_scrolled_rather_than_squeezed(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(laptop_product.page(LESSON))
    script_answer(page, WIDE_TABLE)
    assistant.open().send(QUESTION)
    row = assistant.log.get_by_role("row").last
    assert row.evaluate("row => row.offsetHeight") < 100
    table = assistant.log.get_by_role("table").locator("..")
    assert table.evaluate("scrolled => scrolled.scrollWidth > scrolled.clientWidth")
    assert assistant.log.evaluate("log => log.scrollWidth <= log.clientWidth")


def test_answering_again_replaces_the_answer(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(LESSON))
    assistant.open().ask(QUESTION)
    again = assistant.panel.get_by_role("button", name="Answer again")
    again.focus()
    with page.expect_request("**/assistant/chatkit") as sent:
        page.keyboard.press("Enter")
    assert json.loads(sent.value.post_data or "{}")["type"] == "threads.retry_after_item"
    assistant.wait_for_answer(QUESTION)
    expect(again).to_be_visible()
    page.reload()
    expect(assistant.open().log.get_by_text(QUESTION, exact=True)).to_have_count(1)
    expect(again).to_have_count(1)


def test_what_can_be_asked_next_is_asked_by_keyboard(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(LESSON))
    first = assistant.open().log.get_by_role("button").first
    question = first.inner_text()
    first.press("Enter")
    assistant.wait_for_answer(question)
    expect(assistant.composer).to_be_focused()
    expect(assistant.log.get_by_role("heading", name="Ask next")).to_be_visible()
    following = assistant.log.locator(".questions").get_by_role("button").first
    question = following.inner_text()
    following.press("Enter")
    assistant.wait_for_answer(question)
    expect(assistant.composer).to_be_focused()


def test_nothing_goes_to_anyone_but_the_author(product: Product, page: Page, assistant: AskPanel) -> None:
    hosts: set[str] = set()
    page.context.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.goto(product.page(LESSON))
    page.locator("article p").first.click(click_count=3)
    assistant.bubble().click()
    assistant.ask(QUESTION)
    assistant.citations.first.hover()
    assistant.citations.first.click()
    assistant.panel.get_by_role("button", name="Good answer").click()
    assistant.panel.get_by_role("button", name="Earlier conversations").click()
    expect(assistant.panel.get_by_role("listitem")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    assert hosts == {urlsplit(product.address).netloc}
