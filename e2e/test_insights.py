"""The page of insights in a browser: readable by everyone, light and dark, on any width, and without the network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.axe import AXE
from e2e.demo_month import make_month, write_page
from e2e.product import laptop

RUN_AXE = """
async () => {
  const {violations, passes} = await axe.run();
  const told = ({target, failureSummary}) => `${target} ${failureSummary}`;
  return {passed: passes.length, found: violations.flatMap(({id, nodes}) => [id, ...nodes.map(told)])};
}
"""
KEY = "fG3-xQ9vLm2sZt7Yk4Rb8WcHdJ1uNp6e"
SIZES = ((1360, 900), (390, 844))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page that the command writes of a month with a real sidecar."""
    folder = tmp_path_factory.mktemp("month")
    settings = make_month(folder, questions=45, readers=8, BOOKLIGHT_RERANKER="off")
    write_page(folder, settings, folder / "insights.html")
    return folder / "insights.html"


@pytest.fixture
def insights(browser: Browser, file: Path) -> Iterator[Page]:
    """The page, open, where axe may be run although the page itself allows no script."""
    with browser.new_context(bypass_csp=True) as context:
        page = context.new_page()
        page.goto(file.as_uri())
        yield page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(insights: Page, scheme: str) -> None:
    insights.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for details in insights.locator("summary").all():
        details.click()
    insights.add_script_tag(path=AXE)
    result = insights.evaluate(RUN_AXE)
    assert result["found"] == []
    assert result["passed"] > 15


def test_the_figures_are_there_and_the_gaps_are_grouped(insights: Page) -> None:
    expect(insights.get_by_role("heading", level=1)).to_contain_text("Booklight")
    expect(insights.locator("dd").first).to_have_text("45")
    gaps = insights.get_by_role("region", name="What the book does not answer").locator("tbody tr")
    assert int(gaps.first.locator("td").first.inner_text()) > 1
    expect(gaps.filter(has_text="iPhone").filter(has_text="iOS app")).to_have_count(1)
    expect(insights.locator("body")).not_to_contain_text("anna.weber@example.org")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_is_loaded_and_nothing_overflows(browser: Browser, file: Path, width: int, height: int) -> None:
    asked: list[str] = []
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri(), wait_until="networkidle")
        assert asked == [file.as_uri()]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert all(chart.bounding_box() for chart in page.locator("svg").all())


def test_the_key_is_typed_and_the_page_is_of_now(browser: Browser, file: Path) -> None:
    with (
        laptop(file.parent, BOOKLIGHT_INSIGHTS_KEY=KEY) as product,
        browser.new_context(bypass_csp=True) as context,
    ):
        page = context.new_page()
        page.goto(f"{product.address}/assistant/insights")
        page.add_script_tag(path=AXE)
        assert page.evaluate(RUN_AXE)["found"] == []
        page.get_by_label("Key").fill("not the key")
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("alert")).to_have_text("That is not the key.")
        page.get_by_label("Key").fill(KEY)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Booklight")
        expect(page.locator("dd").first).to_have_text("45")
        assert page.evaluate("document.cookie") == ""
        page.get_by_role("link", name="90 days").click()
        expect(page.get_by_role("link", name="90 days")).to_have_attribute("aria-current", "page")
        page.add_script_tag(path=AXE)
        assert page.evaluate(RUN_AXE)["found"] == []


def test_the_counts_stand_beside_the_headings_of_the_book_until_they_are_hidden(browser: Browser, file: Path) -> None:
    with laptop(file.parent, BOOKLIGHT_INSIGHTS_KEY=KEY) as product, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{product.address}/assistant/insights")
        page.get_by_label("Key").fill(KEY)
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Show the counts in the book").click()
        counts = page.locator("booklight-count")
        expect(counts.first).to_contain_text("Asked here")
        expect(counts.nth(1)).to_contain_text("Asked here")
        assert KEY not in page.url + str(page.evaluate("JSON.stringify(localStorage)"))
        assert "booklight-insights" not in page.url
        page.reload()
        expect(counts).to_have_count(0)
        page.get_by_role("button", name="Ask this book").click()
        expect(counts.first).to_contain_text("Asked here")
        counts.first.get_by_role("button", name="Hide the counts").click()
        expect(counts).to_have_count(0)
