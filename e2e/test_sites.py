"""The assistant on sites that are not the handbook: another baseUrl, slashes, locales, a `Root` of the site's own."""

import re
import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from e2e.ask_panel import AskPanel
from e2e.product import Product, laptop
from e2e.small_site import SmallSite, write_site

QUESTION = "Why do I light a smoker?"


@pytest.fixture(scope="module", params=[True, False], ids=["slash", "no-slash"])
def bees(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[SmallSite, Product]]:
    """A built site below `/bees/`, served with its assistant."""
    folder = tmp_path_factory.mktemp("bees")
    site = write_site(folder / "site", base_url="/bees/", trailing_slash=bool(request.param))
    with laptop(folder, site=site.build()) as product:
        yield site, product


def test_a_citation_keeps_the_form_of_the_sites_routes(
    bees: tuple[SmallSite, Product], page: Page, assistant: AskPanel
) -> None:
    site, product = bees
    slash = "/" if _form(site) == "slash" else ""
    page.goto(f"{product.address}/bees/docs/hives/queen{slash}")
    expect(page.locator("#swizzled")).to_be_attached()
    assistant.open().ask(QUESTION)
    page.evaluate("window.sameDocument = true")
    assistant.citations.first.click()
    page.wait_for_url(f"**/bees/docs/hives/smoker{slash}*")
    expect(page.get_by_role("heading", name="Using a smoker", level=1)).to_be_visible()
    assert page.evaluate("window.sameDocument")


def test_another_locale_is_answered_from_its_own_pages(
    bees: tuple[SmallSite, Product], page: Page, assistant: AskPanel
) -> None:
    site, product = bees
    slash = "/" if _form(site) == "slash" else ""
    page.goto(f"{product.address}/bees/fr/docs/hives/smoker{slash}")
    page.locator("booklight-assistant").get_by_role("button").first.click()
    panel = page.get_by_role("complementary")
    composer = panel.get_by_role("textbox")
    composer.fill("enfumoir ruche")
    composer.press("Enter")
    link = panel.get_by_role("log").get_by_role("link").first
    expect(link).to_have_attribute("href", re.compile(f"^/bees/fr/docs/hives/smoker{slash}(#|$)"))


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallSite, str]]:
    """A site under `docusaurus start`, at its address, with a sidecar elsewhere."""
    folder = tmp_path_factory.mktemp("started")
    site_port, sidecar_port = _free_port(), _free_port()
    site = write_site(folder / "site", assistantUrl=f"http://localhost:{sidecar_port}/assistant")
    built = site.build("en")
    with (
        laptop(folder, site=built, port=sidecar_port, BOOKLIGHT_ALLOWED_ORIGINS=f"http://localhost:{site_port}"),
        site.start(site_port) as address,
    ):
        yield site, address.rstrip("/")


def test_a_started_site_asks_a_sidecar_elsewhere(
    started: tuple[SmallSite, str], page: Page, assistant: AskPanel
) -> None:
    page.goto(f"{started[1]}/docs/hives/queen")
    assistant.open().ask(QUESTION)
    expect(assistant.citations.first).to_be_visible()
    expect(assistant.panel).to_contain_text("The queen")


def test_the_open_panel_outlives_what_the_author_edits(
    started: tuple[SmallSite, str], page: Page, assistant: AskPanel
) -> None:
    site, address = started
    page.goto(f"{address}/docs/hives/queen")
    assistant.open().ask(QUESTION)
    page.keyboard.type("half a quest")
    page.evaluate("window.sameDocument = true")
    for file, old, new in (
        ("docs/02-hives/02-queen.mdx", "two thousand", "three thousand"),
        ("docs/02-hives/02-queen.mdx", "# The queen", "# The queen bee"),
        ("src/theme/Root.js", 'id="swizzled"', 'id="swizzled" title="edited"'),
    ):
        source = site.folder / file
        source.write_text(source.read_text().replace(old, new))
    expect(page.locator("article")).to_contain_text("three thousand eggs")
    expect(page.locator("article h1")).to_have_text("The queen bee")
    expect(page.locator("#swizzled")).to_have_attribute("title", "edited")
    expect(assistant.log.get_by_text(QUESTION, exact=True)).to_be_visible()
    expect(assistant.composer).to_have_value("half a quest")
    assistant.composer.press("End")
    page.keyboard.type("ion")
    expect(assistant.composer).to_have_value("half a question")
    assert page.evaluate("window.sameDocument"), "the page was loaded anew"


def _form(site: SmallSite) -> str:
    return "slash" if (site.folder / "build/docs/hives/smoker/index.html").is_file() else "no-slash"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
