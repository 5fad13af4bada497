"""What a reader sees before there is an index, and once there is."""

from pathlib import Path

from playwright.sync_api import Page, expect

from e2e.ask_panel import AskPanel
from e2e.product import index, unindexed

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
