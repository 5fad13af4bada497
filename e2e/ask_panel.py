"""What a reader does with the assistant, as verbs. Everything is found by role and name, as a reader finds it."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, Response, expect

NAME = "Ask this book"
ANSWER_TIMEOUT = 20_000
HIGHLIGHTED = "Array.from(CSS.highlights.get('booklight-passage') ?? [], String).join(' ')"


@dataclass(frozen=True)
class AskPanel:
    """The assistant on `page`."""

    page: Page

    @property
    def panel(self) -> Locator:
        """The open panel."""
        return self.page.get_by_role("complementary", name=NAME)

    @property
    def composer(self) -> Locator:
        """Where a reader types."""
        return self.panel.get_by_role("textbox", name="Your question")

    @property
    def log(self) -> Locator:
        """The conversation."""
        return self.panel.get_by_role("log")

    @property
    def citations(self) -> Locator:
        """The numbered marks and the sources: every link of the conversation that leads into the book."""
        return self.log.get_by_role("link", name=re.compile(r"^Source \d+"))

    @property
    def retry(self) -> Locator:
        """The button under a failure."""
        return self.panel.get_by_role("button", name="Try again")

    def open(self) -> "AskPanel":
        """Open the panel by its button, or do nothing if it is open."""
        if not self.panel.is_visible():
            self.page.get_by_role("button", name=NAME).click()
        expect(self.composer).to_be_focused()
        return self

    def close(self) -> None:
        """Close the panel with the keyboard."""
        self.page.keyboard.press("Escape")
        expect(self.panel).to_be_hidden()

    def send(self, question: str) -> None:
        """Type a question and send it with Enter; the answer is not waited for."""
        self.composer.fill(question)
        self.composer.press("Enter")

    def ask(self, question: str) -> Response:
        """Ask and wait for the whole answer; return the response that carried it."""
        with self.page.expect_response("**/assistant/chatkit") as answer:
            self.send(question)
        self.wait_for_answer(question)
        return answer.value

    def wait_for_answer(self, question: str) -> None:
        """Wait until the question stands in the conversation and nothing is being written any more."""
        expect(self.log.get_by_text(question, exact=True).first).to_be_visible(timeout=ANSWER_TIMEOUT)
        expect(self.panel.get_by_role("button", name="Stop")).to_be_hidden(timeout=ANSWER_TIMEOUT)

    def choose_scope(self, words: str) -> None:
        """Choose where to look, in the words the panel offers."""
        self.panel.get_by_label("Where to look").select_option(label=words)

    def select_in_article(self, text: str) -> None:
        """Select the paragraph that holds `text`, as a triple click does."""
        self.page.locator("article").get_by_text(text).first.click(click_count=3)

    def bubble(self) -> Locator:
        """The label beside a selection."""
        return self.page.get_by_role("button", name="Ask about this")

    @property
    def preview(self) -> Locator:
        """What a citation shows of its passage before one goes there."""
        return self.panel.get_by_role("tooltip")

    def highlighted(self) -> str:
        """Return what is highlighted on the page, its white space made even."""
        text: str = self.page.evaluate(HIGHLIGHTED)
        return " ".join(text.split())

    def selection_chip(self) -> Locator:
        """The removable chip of a selected passage."""
        return self.panel.get_by_role("button", name="Remove the selection")
