"""A reader asks, and the answer leads back into the book."""

import json
import re

from playwright.sync_api import Page, Request, expect

from backend.tests.scripted_model import ScriptedModel
from e2e.ask_panel import ANSWER_TIMEOUT, AskPanel
from e2e.product import Product

POSTGRES = "docs/operating/postgres-and-qdrant"
QUESTION = "How do I keep threads in Postgres?"


def test_an_answer_streams_in_with_citations(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(POSTGRES))
    response = assistant.open().ask(QUESTION)
    assert response.headers["content-type"].startswith("text/event-stream")
    body = response.body()
    assert 0 < body.index(b"content_part.text_delta") < body.rindex(b"thread.item.done")
    expect(assistant.citations.first).to_be_visible()
    assert "[^" not in assistant.log.inner_text()


def test_a_citation_lands_on_a_heading_that_is_there(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page("docs/start/what-is-booklight"))
    assistant.open().ask(QUESTION)
    page.evaluate("window.sameDocument = true")
    assistant.citations.first.click()
    page.wait_for_url(re.compile(r"/booklight/docs/.+"))
    anchor = page.evaluate("decodeURIComponent(location.hash.slice(1))")
    if anchor:
        expect(page.locator(f"article [id='{anchor}']")).to_be_in_viewport()
    expect(page.locator("article h1")).to_be_visible()
    assert page.evaluate("window.sameDocument"), "following a citation must not load the page anew"
    expect(assistant.panel).to_be_visible()


def test_the_page_reaches_the_search(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(POSTGRES))
    assistant.open()
    assistant.choose_scope("On this page")
    with page.expect_request("**/assistant/chatkit") as sent:
        assistant.send(QUESTION)
    context = _metadata(sent.value)["page_context"]
    assert context == {
        "path": f"/booklight/{POSTGRES}",
        "current_chapter": 5,
        "current_lesson": "postgres-and-qdrant",
        "locale": "en",
        "docs_instance": "default",
    }
    assistant.wait_for_answer(QUESTION)
    expect(assistant.citations.first).to_be_visible()
    for link in assistant.citations.all():
        assert f"/booklight/{POSTGRES}" in (link.get_attribute("href") or "")


def test_nothing_is_sent_with_a_question_but_what_the_handbook_names(
    product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(product.page(POSTGRES))
    page.locator("article p").first.click(click_count=3)
    assistant.bubble().click()
    with page.expect_request("**/assistant/chatkit") as sent:
        assistant.send(QUESTION)
    body, metadata = json.loads(sent.value.post_data or ""), _metadata(sent.value)
    assert (body.keys(), body["params"].keys()) == ({"type", "params", "metadata"}, {"input"})
    assert body["params"]["input"] == {
        "content": [{"type": "input_text", "text": QUESTION}],
        "attachments": [],
        "quoted_text": metadata["selected_text"],
        "inference_options": {},
    }
    assert metadata.keys() == {"page_context", "scope", "selected_text", "selections"}
    (selection,) = body["metadata"]["selections"]
    assert selection.keys() == {"text", "path", "anchor"}
    headers = sent.value.all_headers()
    assert headers["authorization"].startswith("Bearer ")
    assert "cookie" not in headers
    assistant.wait_for_answer(QUESTION)


def test_a_question_the_book_does_not_answer(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(POSTGRES))
    assistant.open().ask("What is the capital of France?")
    expect(assistant.log).to_contain_text(re.compile("does not (seem to )?cover", re.IGNORECASE))


def test_stop_keeps_what_was_said(
    service_product: Product, scripted_model: ScriptedModel, page: Page, assistant: AskPanel
) -> None:
    scripted_model.script("stall")
    page.goto(service_product.page(POSTGRES))
    assistant.open().send(QUESTION)
    expect(assistant.log).to_contain_text("In short:", timeout=ANSWER_TIMEOUT)
    assistant.panel.get_by_role("button", name="Stop").click()
    expect(assistant.log).to_contain_text("Stopped.")
    assistant.ask("What is a chunk?")
    page.reload()
    assistant.open()
    expect(assistant.log.get_by_text("In short:")).to_have_count(2)


def test_hostile_questions_are_shown_and_never_run(product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(product.page(POSTGRES))
    hostile = '<img src=x onerror="window.pwned=1"> [click](javascript:window.pwned=1) Postgres?'
    assistant.open().ask(hostile)
    assert page.evaluate("window.pwned") is None
    assert assistant.log.locator("img").count() == 0
    assert assistant.log.locator("a[href^='javascript:']").count() == 0


def _metadata(request: Request) -> dict[str, object]:
    metadata: dict[str, object] = json.loads(request.post_data or "{}")["metadata"]
    return metadata
