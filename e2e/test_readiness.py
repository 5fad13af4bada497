"""What a reader sees before there is an index, or while the panel itself does not load, and once that has changed."""

from pathlib import Path

from playwright.sync_api import Page, expect

from e2e.ask_panel import AskPanel
from e2e.product import Product, index, unindexed

QUESTION = "What is a chunk?"


def test_a_missing_index_is_told_and_mended_without_a_restart(tmp_path: Path, page: Page, assistant: AskPanel) -> None:
    with unindexed(tmp_path) as product:
        ready = page.request.get(f"{product.address}/assistant/ready")
        assert ready.status == 503
        assert "booklight index" in ready.json()["error"]["message"]
        page.goto(product.page("docs/start/what-is-booklight"))
        assistant.open().send(QUESTION)
        expect(assistant.panel).to_contain_text("booklight index")
        index(tmp_path)
        expect(assistant.retry).to_be_visible()
        wait_until_ready(page, product.address)
        assistant.retry.click()
        expect(assistant.citations.first).to_be_visible()
        expect(assistant.panel).to_contain_text("These are quotations from the book")
        expect(assistant.panel).not_to_contain_text("booklight index")


def wait_until_ready(page: Page, address: str) -> None:
    """Ask the sidecar from the page, again and again, until it says that it is ready."""
    page.evaluate(
        "async url => { while (!(await fetch(url)).ok) await new Promise(next => setTimeout(next, 200)) }",
        f"{address}/assistant/ready",
    )


def test_a_panel_that_does_not_load_is_told_and_tried_again(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    told: list[str] = []
    page.on("console", lambda line: told.append(line.text) if "Booklight" in line.text else None)
    page.goto(laptop_product.page("docs/start/what-is-booklight"))
    page.route("**/*.js", lambda route: route.abort())
    failed = page.get_by_role("alert").filter(has_text="The assistant did not load.")
    for _ in range(2):
        page.get_by_role("button", name="Ask this book").click()
        expect(failed).to_be_visible()
    assert len(told) == 1
    page.unroute("**/*.js")
    assistant.open()
    expect(failed).to_have_count(0)
