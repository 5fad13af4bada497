"""The author's note about where questions go: nothing is sent before the reader has agreed to it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.ask_panel import AskPanel
from e2e.axe import assert_accessible
from e2e.product import Product, laptop
from e2e.small_site import write_site

NOTE = "Questions go to the beekeepers' own server."
QUESTION = "Why do I light a smoker?"
QUEEN = "docs/hives/queen"


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A site whose author has written a note."""
    folder = tmp_path_factory.mktemp("noted")
    site = write_site(folder / "site", consent=NOTE)
    with laptop(folder, site=site.build("en")) as product:
        yield product


@pytest.fixture
def sent(page: Page) -> list[str]:
    """The requests that carry a question or a reader."""
    requests: list[str] = []
    told = ("/assistant/chatkit", "/assistant/session")
    page.on("request", lambda request: requests.append(request.url) if request.url.endswith(told) else None)
    return requests


def test_the_first_question_waits_for_agreement(
    noted: Product, page: Page, assistant: AskPanel, sent: list[str]
) -> None:
    page.goto(f"{noted.address}/{QUEEN}")
    assistant.open().send(QUESTION)
    expect(note(assistant)).to_contain_text(NOTE)
    expect(note(assistant)).to_contain_text(QUESTION)
    expect(assistant.panel.get_by_role("button", name="Agree and ask")).to_be_focused()
    assert_accessible(page)
    assert sent == []
    page.keyboard.press("Enter")
    assistant.wait_for_answer(QUESTION)
    expect(assistant.composer).to_be_focused()
    page.reload()
    assistant.open().ask("What does the queen do?")
    expect(note(assistant)).to_be_hidden()


def test_a_reader_who_declines_keeps_the_question(
    noted: Product, page: Page, assistant: AskPanel, sent: list[str]
) -> None:
    page.goto(f"{noted.address}/{QUEEN}")
    assistant.open().send(QUESTION)
    expect(note(assistant)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(note(assistant)).to_be_hidden()
    expect(assistant.composer).to_have_value(QUESTION)
    expect(assistant.composer).to_be_focused()
    assert sent == []


def note(assistant: AskPanel) -> Locator:
    """The note, as long as it waits for an answer."""
    return assistant.panel.get_by_role("group", name="Before your first question")
