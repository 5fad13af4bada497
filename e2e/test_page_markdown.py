"""Below the title of a page: copy it as Markdown, or open it as that. The files are those that indexing wrote."""

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from e2e.product import Product, index
from e2e.small_site import QUEEN, write_files

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


def test_what_stands_below_a_title_lets_react_take_the_page_over(laptop_product: Product, page: Page) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    for _ in range(3):
        page.goto(laptop_product.page(LESSON))
        expect(page.get_by_role("button", name="Copy page")).to_be_visible()
    assert errors == []


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


def test_pages_that_robots_are_kept_from_are_in_no_file_for_assistants(tmp_path: Path) -> None:
    kept_out = {
        "docs/noindex.mdx": "---\nnoindex: true\n---\n\n# Not for robots\n\nPurple.\n",
        "docs/unlisted.mdx": "---\nunlisted: true\n---\n\n# Not listed\n\nPurple.\n",
        "docs/own.mdx": "---\nbooklight: false\n---\n\n# Not for the assistant\n\nPurple.\n",
        "docs/internal/prices.mdx": "# Excluded by the plugin's option\n\nPurple.\n",
        "docs/drafts/plan.mdx": "# Ignored by the sitemap\n\nPurple.\n",
    }
    config = {
        "title": "Bees",
        "url": "https://bees.example",
        "baseUrl": "/",
        "onBrokenLinks": "ignore",
        "future": {"faster": True, "v4": {"removeLegacyPostBuildHeadAttribute": True}},
        "presets": [["classic", {"blog": False, "sitemap": {"ignorePatterns": ["/docs/drafts/**"]}}]],
        "plugins": [["docusaurus-plugin-booklight", {"exclude": ["docs/internal/**"]}]],
    }
    files = {"docusaurus.config.js": f"module.exports = {json.dumps(config)};", "docs/queen.mdx": QUEEN, **kept_out}
    build = write_files(tmp_path / "site", files).build()
    index(tmp_path, build)
    assert [file.relative_to(build).as_posix() for file in build.rglob("*.md")] == ["docs/queen.md"]
    whole, links = (build / "llms-full.txt").read_text(), (build / "llms.txt").read_text()
    assert "two thousand eggs" in whole
    assert "Purple" not in whole
    assert "https://bees.example/docs/queen" in links
    assert not any(title in links for title in ("Not for", "Not listed", "Excluded", "Ignored"))
