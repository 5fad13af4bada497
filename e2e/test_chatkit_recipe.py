"""The handbook's recipe for OpenAI's component, as it stands on its page, in a real site before a real sidecar.

A stand-in answers at the component's address.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from e2e.ask_panel import AskPanel
from e2e.product import ROOT, Product, laptop
from e2e.small_site import write_site

RECIPE = ROOT / "book/docs/03-authoring/07-chatkit-component.mdx"
CODE = re.compile(r'^```\w+ title="(?P<file>[^"]+)"\n(?P<code>.*?)^```$', re.MULTILINE | re.DOTALL)
THEIRS = "https://cdn.platform.openai.com/"
STAND_IN = Path(__file__).with_name("chatkit_component.js")
QUESTION = "Why do I light a smoker?"
OPTIONS = "element => JSON.parse(JSON.stringify(element.options))"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A built site with every file of the recipe, served with its assistant."""
    folder = tmp_path_factory.mktemp("recipe")
    written = write_site(folder / "site")
    for found in CODE.finditer(RECIPE.read_text()):
        file = written.folder / found["file"]
        if file.exists():
            config = file.read_text().removeprefix("module.exports = ").removesuffix(";")
            file.write_text(f"module.exports = {{\n...{config},\n{found['code']}}};")
        else:
            file.write_text(found["code"])
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
    expect(page.locator("booklight-assistant")).to_be_hidden()
    page.get_by_role("link", name="The queen").first.click()
    expect(page.locator("article h1")).to_have_text("The queen")
    assert loads == []
    opened(page)
    assert loads == [f"{THEIRS}deployments/chatkit/chatkit.js"]


def test_it_is_given_documented_options_and_follows_the_sites_colours(
    site: Product, page: Page, loads: list[str]
) -> None:
    page.goto(f"{site.address}/fr/docs/hives/smoker")
    component = opened(page)
    options = component.evaluate(OPTIONS)
    assert options["api"] == {"url": f"{site.address}/assistant/chatkit", "domainKey": "local-dev"}
    assert options["locale"] == "fr"
    assert options["initialThread"] is None
    assert options["theme"]["colorScheme"] == "light"
    assert options["theme"]["color"]["accent"]["primary"].startswith("#")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function("document.querySelector('openai-chatkit').options.theme.colorScheme === 'dark'")
    assert len(loads) == 1


def test_an_answer_comes_from_the_sidecar_which_is_told_of_each_page(
    site: Product, page: Page, loads: list[str], requests: list[dict[str, object]]
) -> None:
    page.goto(f"{site.address}/docs/hives/queen")
    component = opened(page)
    ask(component, QUESTION)
    expect(component.get_by_role("log")).to_contain_text("Light the smoker")
    expect(component.get_by_role("log").locator("a").first).to_have_attribute("href", re.compile("/docs/hives/smoker"))
    page.get_by_role("link", name="Using a smoker").first.click()
    expect(page.locator("article h1")).to_have_text("Using a smoker")
    ask(component, "And how do I put it out?")
    assert [request["type"] for request in requests] == ["threads.create", "threads.add_user_message"]
    assert [path_of(request) for request in requests] == ["/docs/hives/queen", "/docs/hives/smoker"]


def test_a_refused_token_is_renewed(site: Product, page: Page, loads: list[str]) -> None:
    page.goto(f"{site.address}/docs/hives/queen")
    page.evaluate("localStorage.setItem('openai-chatkit:token', 'not a token')")
    ask(opened(page), QUESTION)
    assert page.evaluate("localStorage.getItem('openai-chatkit:token')") != "not a token"


def test_a_selected_passage_stands_in_its_composer_and_reaches_the_sidecar(
    site: Product, page: Page, loads: list[str], requests: list[dict[str, object]]
) -> None:
    page.goto(f"{site.address}/docs/hives/smoker")
    page.get_by_text("Never leave a lit smoker").click(click_count=3)
    component = opened(page)
    expect(component.locator("q")).to_contain_text("Never leave a lit smoker in the grass.")
    ask(component, "Why not?")
    assert "Never leave a lit smoker in the grass." in json.dumps(requests[0]["params"])


def test_a_conversation_outlives_a_reload_and_its_own_button_closes_it(
    site: Product, page: Page, loads: list[str]
) -> None:
    page.goto(f"{site.address}/docs/hives/queen")
    component = opened(page)
    ask(component, QUESTION)
    thread = component.evaluate("element => element.thread")
    page.reload()
    component = opened(page)
    assert component.evaluate(OPTIONS)["initialThread"] == thread
    component.get_by_role("button", name="Close the component").click()
    expect(component).to_be_hidden()
    expect(page.get_by_role("button", name="Ask this book")).to_be_focused()


def test_a_third_party_out_of_reach_is_told_and_tried_again(site: Product, page: Page) -> None:
    page.route(f"{THEIRS}**", lambda route: route.abort())
    page.goto(f"{site.address}/docs/hives/queen")
    page.get_by_role("button", name="Ask this book").click()
    retry = page.get_by_role("button", name="Try again")
    expect(retry).to_contain_text("did not load")
    page.unroute(f"{THEIRS}**")
    page.route(f"{THEIRS}**", lambda route: route.fulfill(path=STAND_IN, content_type="text/javascript"))
    retry.click()
    expect(page.locator("openai-chatkit").get_by_role("textbox")).to_be_focused()


def test_a_site_with_the_panel_asks_no_third_party(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(laptop_product.page("docs/start/what-is-booklight"))
    assistant.open().ask("What is a chunk?")
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith(laptop_product.address)] == []


def opened(page: Page) -> Locator:
    """Open the component by the recipe's button."""
    page.get_by_role("button", name="Ask this book").click()
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
