"""OpenAI's component in place of the panel: what it is told, what it sends, and that nobody else ever loads it.

A stand-in answers at the component's address; the site and the sidecar are real.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from e2e.ask_panel import AskPanel
from e2e.product import Product, laptop
from e2e.small_site import write_site

THEIRS = "https://cdn.platform.openai.com/"
STAND_IN = Path(__file__).with_name("chatkit_component.js")
QUESTION = "Why do I light a smoker?"
OPTIONS = "element => JSON.parse(JSON.stringify(element.options))"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A built site with the component, served with its assistant."""
    folder = tmp_path_factory.mktemp("component")
    written = write_site(folder / "site", widget="chatkit", chatkit={"domainKey": "domain_pk_bees"})
    with laptop(folder, site=written.build()) as product:
        yield product


@pytest.fixture
def loads(page: Page) -> list[str]:
    """What was asked of the third party, which answers with the stand-in."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(path=STAND_IN, content_type="text/javascript")

    page.route(f"{THEIRS}**", answer)
    return asked


@pytest.fixture
def requests(page: Page) -> list[dict[str, object]]:
    """What the sidecar was sent, from now on."""
    sent: list[dict[str, object]] = []

    def keep(body: str | None) -> None:
        sent.append(json.loads(body or "{}"))

    page.on("request", lambda request: keep(request.post_data) if request.url.endswith("/chatkit") else None)
    return sent


def test_the_third_party_hears_nothing_before_the_reader_opens_it(site: Product, page: Page, loads: list[str]) -> None:
    page.goto(f"{site.address}/docs/hives/smoker")
    page.locator("article p").first.click(click_count=3)
    expect(AskPanel(page).bubble()).to_be_visible()
    page.get_by_role("link", name="The queen").first.click()
    expect(page.locator("article h1")).to_have_text("The queen")
    assert loads == []
    opened(page)
    assert loads == [f"{THEIRS}deployments/chatkit/chatkit.js"]


def test_it_is_given_the_site_in_its_own_words(site: Product, page: Page, loads: list[str]) -> None:
    page.goto(f"{site.address}/fr/docs/hives/smoker")
    component = opened(page)
    options = component.evaluate(OPTIONS)
    assert options["api"] == {"url": f"{site.address}/assistant/chatkit", "domainKey": "domain_pk_bees"}
    assert options["locale"] == "fr"
    assert options["theme"]["colorScheme"] == "light"
    assert options["theme"]["color"]["accent"]["primary"].startswith("#")
    assert options["header"]["title"] == {"text": "Interroger ce livre"}
    assert options["initialThread"] is None
    assert options["composer"]["placeholder"] == "Une question sur cette page…"
    assert "L'enfumoir" in options["startScreen"]["prompts"][0]["prompt"]
    assert options["threadItemActions"] == {"feedback": True, "retry": True}
    assert len(loads) == 1


def test_an_answer_comes_from_the_sidecar_and_its_source_is_followed_without_a_reload(
    site: Product, page: Page, loads: list[str], requests: list[dict[str, object]]
) -> None:
    page.goto(f"{site.address}/docs/hives/queen")
    component = opened(page)
    page.evaluate("window.sameDocument = true")
    ask(component, QUESTION)
    source = component.get_by_role("log").get_by_role("button").first
    source.hover()
    expect(source).to_have_attribute("title", re.compile(r"^Using a smoker \| hives \| Light the smoker"))
    source.click()
    page.wait_for_url("**/docs/hives/smoker*")
    expect(page.locator("article h1")).to_have_text("Using a smoker")
    assert "Light the smoker" in AskPanel(page).highlighted()
    assert page.evaluate("window.sameDocument")
    ask(component, "And how do I put it out?")
    assert [request["type"] for request in requests] == ["threads.create", "threads.add_user_message"]
    assert [path_of(request) for request in requests] == ["/docs/hives/queen", "/docs/hives/smoker"]


def test_a_selected_passage_stands_in_its_composer_and_reaches_the_sidecar(
    site: Product, page: Page, loads: list[str], requests: list[dict[str, object]]
) -> None:
    page.goto(f"{site.address}/docs/hives/smoker")
    page.get_by_text("Never leave a lit smoker").click(click_count=3)
    AskPanel(page).bubble().click()
    component = page.locator("openai-chatkit")
    expect(component.locator("q")).to_have_text("Never leave a lit smoker in the grass.")
    ask(component, "Why not?")
    (request,) = requests
    metadata = request["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["selected_text"] == "Never leave a lit smoker in the grass."
    assert metadata["selections"] == [
        {"text": metadata["selected_text"], "path": "/docs/hives/smoker", "anchor": "putting-it-out"}
    ]


def test_it_follows_the_site_from_light_to_dark_and_from_page_to_page(
    site: Product, page: Page, loads: list[str]
) -> None:
    page.goto(f"{site.address}/docs/hives/smoker")
    component = opened(page)
    expect(component.get_by_role("button", name="Putting it out")).to_be_visible()
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(
        "document.querySelector('booklight-assistant').shadowRoot"
        ".querySelector('openai-chatkit').options.theme.colorScheme === 'dark'"
    )
    page.get_by_role("link", name="The queen").first.click()
    expect(component.get_by_role("button", name="The queen")).to_be_visible()
    assert component.evaluate("element => element.history.length") == 3


def test_a_conversation_outlives_a_reload(site: Product, page: Page, loads: list[str]) -> None:
    page.goto(f"{site.address}/docs/hives/queen")
    component = opened(page)
    ask(component, QUESTION)
    thread = component.evaluate("element => element.thread")
    page.reload()
    assert opened(page).evaluate(OPTIONS)["initialThread"] == thread


def test_a_link_with_a_question_fills_it_in_and_its_own_button_closes_it(
    site: Product, page: Page, loads: list[str], requests: list[dict[str, object]]
) -> None:
    page.goto(f"{site.address}/docs/hives/queen?ask=Why%3F")
    component = page.locator("openai-chatkit")
    panel = AskPanel(page).panel
    expect(panel).to_contain_text("Why?")
    assert loads == []
    panel.get_by_role("button", name="Ask this book").click()
    expect(component.get_by_role("textbox")).to_have_value("Why?")
    expect(component.get_by_role("textbox")).to_be_focused()
    component.get_by_role("button", name="Close the component").click()
    expect(component).to_be_hidden()
    expect(page.get_by_role("button", name="Ask this book")).to_be_focused()
    assert requests == []


def test_a_third_party_out_of_reach_is_told_and_tried_again(site: Product, page: Page) -> None:
    page.route(f"{THEIRS}**", lambda route: route.abort())
    page.goto(f"{site.address}/docs/hives/queen")
    page.get_by_role("button", name="Ask this book").click()
    panel = AskPanel(page).panel
    expect(panel.get_by_role("alert")).to_contain_text("cannot be reached")
    page.unroute(f"{THEIRS}**")
    page.route(f"{THEIRS}**", lambda route: route.fulfill(path=STAND_IN, content_type="text/javascript"))
    panel.get_by_role("button", name="Try again").click()
    expect(panel.get_by_role("textbox")).to_be_focused()
    expect(panel.get_by_role("alert")).to_be_hidden()


def test_a_site_with_the_panel_asks_no_third_party_and_has_no_word_of_the_component(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(laptop_product.page("docs/start/what-is-booklight"))
    assistant.open().ask("What is a chunk?")
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith(laptop_product.address)] == []
    scripts = [url for url in asked if url.endswith(".js")]
    assert not any("openai-chatkit" in page.request.get(url).text() for url in scripts)


def opened(page: Page) -> Locator:
    """Open the component by the launcher."""
    page.locator("booklight-assistant").get_by_role("button").first.click()
    component = page.locator("openai-chatkit")
    expect(component.get_by_role("textbox")).to_be_focused()
    return component


def ask(component: Locator, question: str) -> None:
    """Ask, and wait for one more answer."""
    answers = component.get_by_role("log").get_by_role("paragraph")
    before = answers.count()
    component.get_by_role("textbox").fill(question)
    component.get_by_role("button", name="Send it").click()
    expect(answers).to_have_count(before + 1)


def path_of(request: dict[str, object]) -> object:
    """Return the page that a request says it was sent from."""
    metadata = request["metadata"]
    assert isinstance(metadata, dict)
    return metadata["page_context"]["path"]
