"""Answers that are left, cut off, or followed in two tabs: nothing looks whole that is not, nothing is there twice."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from backend.tests.scripted_model import ScriptedModel
from e2e.ask_panel import ANSWER_TIMEOUT, AskPanel
from e2e.product import Product, laptop

LESSON = "docs/operating/postgres-and-qdrant"
QUESTION = "How do I keep threads in Postgres?"
BROKE_OFF = "The answer broke off before its end."


@pytest.fixture(scope="module")
def impatient(scripted_model: ScriptedModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A sidecar that ends an answer as soon as nobody listens."""
    with laptop(
        tmp_path_factory.mktemp("impatient"),
        BOOKLIGHT_MODEL="openai:scripted",
        BOOKLIGHT_MODEL_BASE_URL=scripted_model.base_url,
        BOOKLIGHT_MODEL_API_KEY="not-a-key",
        BOOKLIGHT_RESUME_SECONDS="0",
    ) as product:
        yield product


def test_an_answer_that_was_left_is_marked_and_asked_again_without_a_copy(
    impatient: Product, scripted_model: ScriptedModel, page: Page, assistant: AskPanel
) -> None:
    begin_answer(scripted_model, impatient, assistant)
    page.reload()
    assistant.open()
    expect(assistant.log).to_contain_text(BROKE_OFF)
    expect(assistant.log).to_contain_text("In short:")
    assistant.retry.focus()
    page.keyboard.press("Enter")
    expect(assistant.citations.first).to_be_visible(timeout=ANSWER_TIMEOUT)
    page.reload()
    assistant.open()
    expect(assistant.citations.first).to_be_visible()
    expect(assistant.log.get_by_text(QUESTION, exact=True)).to_have_count(1)
    expect(assistant.log.get_by_text("In short:")).to_have_count(1)
    expect(assistant.log).not_to_contain_text(BROKE_OFF)


def test_a_question_behind_a_cut_answer_leaves_the_mark(
    impatient: Product, scripted_model: ScriptedModel, page: Page, assistant: AskPanel
) -> None:
    begin_answer(scripted_model, impatient, assistant)
    page.reload()
    expect(assistant.open().retry).to_be_visible()
    assistant.ask("What is a chunk?")
    expect(assistant.log).to_contain_text(BROKE_OFF)
    expect(assistant.retry).to_be_hidden()


def test_two_tabs_follow_one_answer_and_either_ends_it(
    service_product: Product, scripted_model: ScriptedModel, page: Page, assistant: AskPanel
) -> None:
    begin_answer(scripted_model, service_product, assistant)
    other = AskPanel(page.context.new_page())
    other.page.goto(service_product.page(LESSON))
    other.open().panel.get_by_role("button", name="Earlier conversations").click()
    other.panel.get_by_role("listitem").get_by_role("button").first.click()
    expect(other.log).to_contain_text("In short:")
    other.panel.get_by_role("button", name="Stop").click()
    expect(other.log).to_contain_text("Stopped.")
    expect(assistant.log).to_contain_text(BROKE_OFF)
    assistant.ask("What is a chunk?")
    other.page.reload()
    other.open()
    for tab in (assistant, other):
        expect(tab.log.get_by_text("What is a chunk?", exact=True)).to_have_count(1)
        expect(tab.log.get_by_text(QUESTION, exact=True)).to_have_count(1)


def begin_answer(model: ScriptedModel, product: Product, assistant: AskPanel) -> None:
    """Ask, and see how the answer begins; it never goes on."""
    model.script("stall")
    assistant.page.goto(product.page(LESSON))
    assistant.open().send(QUESTION)
    expect(assistant.log).to_contain_text("In short:", timeout=ANSWER_TIMEOUT)
