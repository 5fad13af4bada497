"""Below the title of a page: copy it as Markdown, or open it as that. The files are those that indexing wrote."""

import re

from playwright.sync_api import Page, expect

from e2e.product import Product

CLIPBOARD = "navigator.clipboard.readText()"
LESSON = "docs/reading/ask-a-question"


def test_a_page_is_copied_and_opened_as_markdown(laptop_product: Product, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(laptop_product.page(LESSON))
    page.get_by_role("button", name="Copy page").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate(CLIPBOARD)
    assert copied.startswith("# Ask a question\n\nSource: <https://booklight.example/booklight/docs/reading/")
    page.get_by_role("link", name="Open as Markdown").click()
    expect(page).to_have_url(laptop_product.page(f"{LESSON}.md"))
    assert page.evaluate("document.body.innerText").strip() == copied.strip()


def test_the_way_to_the_markdown_follows_the_reader(laptop_product: Product, page: Page) -> None:
    page.goto(laptop_product.page(LESSON))
    opened = page.get_by_role("link", name="Open as Markdown")
    expect(opened).to_have_attribute("href", re.compile("ask-a-question.md$"))
    page.get_by_role("link", name=re.compile("^Next")).click()
    expect(opened).to_have_attribute("href", re.compile("ask-about-a-passage.md$"))
    expect(opened).to_have_count(1)
    page.get_by_role("link", name="Booklight", exact=True).click()
    expect(page).to_have_url(laptop_product.page(""))
    expect(opened).to_have_count(0)
