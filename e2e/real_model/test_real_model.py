"""A small real model answers the handbook's questions: what readers get of it is searched, cited, clean and right."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from selectolax.lexbor import LexborHTMLParser

from booklight.evaluation.answers import holds_words
from booklight.llm.echo import INSTRUCTIONS, load_text
from booklight.llm.grounding import without_caveat
from e2e.ask_panel import AskPanel
from e2e.product import SITE, Product
from e2e.real_model.asking import PATIENCE, Asked, ask_simply
from e2e.real_model.verdicts import SAID_BY_US, declines, is_caveated, is_right

LEAST_RIGHT, LEAST_CITED = 11, 12
LESSON = "docs/start/run-the-demo"
QUESTION = "How do I start the demo on a different port?"
JUNK = re.compile(
    r"<\|[a-z_]+\|>|</?(?:think|thinking|passage|page|selection|quote|tool_call|s)\b|\[\^|search_book_content"
    r'|"(?:arguments|queries)":|【|\bpassage label='
)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
NO_STATEMENT = re.compile(r"```.*?```|^\s*\d+[.)]\s", re.DOTALL | re.MULTILINE)
"""Code, and the numbers of a list's points."""


def test_the_book_is_searched_before_every_answer(answered: list[Asked]) -> None:
    assert [asked.question.id for asked in answered if not asked.searched_first] == []


def test_answers_are_cited(answered: list[Asked]) -> None:
    cited = [asked for asked in answered if asked.urls and not is_caveated(asked)]
    assert len(cited) >= LEAST_CITED


def test_nothing_but_the_answer_reaches_the_reader(answered: list[Asked]) -> None:
    for asked in answered:
        streamed = "".join(event["update"].get("delta", "") for event in asked.events if "update" in event)
        for text in (asked.text, streamed):
            assert not JUNK.search(text), asked.question.id
            assert [line for line in _instructed() if line in " ".join(text.split())] == []


def test_what_is_uncited_is_shown_as_not_from_the_book(answered: list[Asked]) -> None:
    uncited = [asked for asked in answered if not asked.urls]
    assert [(asked.question.id, asked.text) for asked in uncited if not declines(asked)] == []


def test_numbers_stand_on_the_pages_that_are_cited(answered: list[Asked]) -> None:
    for asked in answered:
        if not is_caveated(asked):
            said = set(NUMBER.findall(NO_STATEMENT.sub("", asked.text)))
            known = set(NUMBER.findall(" ".join([asked.question.question, *map(_page_text, set(asked.urls))])))
            assert said <= known, (asked.question.id, asked.text)


def test_no_answer_was_replaced_or_cut(answered: list[Asked]) -> None:
    assert [(asked.question.id, asked.notices) for asked in answered if asked.notices and not is_caveated(asked)] == []
    assert [asked.question.id for asked in answered if "error" in [event["type"] for event in asked.events]] == []


def test_enough_answers_are_right(answered: list[Asked]) -> None:
    right = [asked.question.id for asked in answered if asked.question.answerable and is_right(asked)]
    assert len(right) >= LEAST_RIGHT, right


def test_the_simple_dialect_brings_as_good_an_answer(answered: list[Asked], real_product: Product) -> None:
    # Not word for word the same: what the model's server has in its cache changes what it says.
    question = next(asked.question for asked in answered if asked.question.question == QUESTION)
    events = ask_simply(real_product.address, QUESTION)
    (text,) = [part["text"] for name, data in events if name == "item.done" for part in data["content"]]
    assert holds_words(without_caveat(text), question.answer)
    assert not JUNK.search(text)
    caveated = text.startswith(SAID_BY_US.caveat)
    assert [data["message"] for name, data in events if name == "notice"] == [SAID_BY_US.unsupported] * caveated
    assert events[-1][0] == "done"
    assert (events[-1][1]["answer"] == "uncited") is caveated


@pytest.mark.usefixtures("answered")
def test_a_reader_sees_sources_and_then_an_answer_that_leads_to_them(
    real_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(real_product.page(LESSON))
    assistant.open().send(QUESTION)
    expect(assistant.log).to_contain_text("How do I use another port?")
    expect(assistant.panel.get_by_role("button", name="Stop")).to_be_hidden(timeout=PATIENCE * 1_000)
    expect(assistant.log).to_contain_text("PORT")
    assert not JUNK.search(assistant.log.inner_text())
    assistant.citations.first.click()
    expect(page).to_have_url(re.compile("run-the-demo#"))


def _instructed() -> list[str]:
    """Return the lines of the instructions, as they would be repeated."""
    return [line.removeprefix("- ") for line in load_text(INSTRUCTIONS).splitlines() if len(line.split()) > 7]


def _page_text(url: str) -> str:
    """Return what stands on the built page at an address."""
    below = Path(*Path(urlsplit(url).path).parts[2:])
    file = next(path for path in (SITE / f"{below}.html", SITE / below / "index.html") if path.is_file())
    body = LexborHTMLParser(file.read_bytes()).body
    return "" if body is None else body.text(separator=" ")
