"""Asked here before: marks at the passages of a page that this reader asked about or was led to, and at no other's."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, Route, expect

from backend.tests.scripted_model import ScriptedModel
from e2e.ask_panel import ANSWER_TIMEOUT, HIGHLIGHTED, AskPanel
from e2e.axe import AXE
from e2e.panel_states import ARABIC_QUESTION, HIVES, PHONE
from e2e.product import Product
from e2e.stand_in import Json

START, CHUNKS, POSTGRES = (
    "docs/start/what-is-booklight",
    "docs/retrieval/from-page-to-chunk",
    "docs/operating/postgres-and-qdrant",
)
WORDS = "The book itself stays a static site"
ABOUT_IT, ABOUT_POSTGRES = "What does this mean?", "How do I keep threads in Postgres?"
ASKED = "**/assistant/asked"
RUN_AXE = """
async (theme) => {
  document.documentElement.dataset.theme = theme;
  await Promise.all(document.getAnimations().map(({finished}) => finished));
  const {violations, passes} = await axe.run({include: [[".theme-doc-markdown"]]});
  const told = ({target, failureSummary}) => `${target} ${failureSummary}`;
  return {passed: passes.length, found: violations.flatMap(({id, nodes}) => [id, ...nodes.map(told)])};
}
"""
BOXES = """() => Array.from(document.querySelectorAll("body *:not(booklight-mark, booklight-assistant)"), (element) => {
  const {x, y, width, height} = element.getBoundingClientRect();
  return [element.tagName, x, y, width, height].join(" ");
})"""
BLOCKS = "article p, article li, article td, article pre, article summary, article h2"
SIDE = """(mark) => {
  const [box, text] = [mark, document.querySelector(".theme-doc-markdown")].map(each => each.getBoundingClientRect());
  return {left: Math.round(box.right - text.left), right: Math.round(box.left - text.right)};
}"""


def test_a_passage_asked_about_is_marked_and_the_mark_opens_the_conversation(
    product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(product.page(START))
    ask_about(assistant, WORDS)
    assistant.close()
    expect(marked(page, ABOUT_IT)).to_be_visible()
    assistant.open().panel.get_by_role("button", name="New conversation").click()
    page.reload()
    expect(marked(page, ABOUT_IT)).to_have_count(1)
    marked(page, ABOUT_IT).click()
    expect(assistant.log.get_by_text(ABOUT_IT, exact=True)).to_be_visible()
    expect(assistant.composer).to_be_focused()
    expect(assistant.selection_chip()).to_have_count(0)


def test_the_passage_that_an_answer_led_to_is_marked_on_its_own_page_as_one_goes_there(
    product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(product.page(START))
    assistant.open().ask(ABOUT_POSTGRES)
    assistant.citations.first.click()
    page.wait_for_function(f"{HIGHLIGHTED} !== ''")
    of_it = page.get_by_role("button", name=f"Asked here before: {ABOUT_POSTGRES}")
    expect(of_it.first).to_be_visible()
    page.go_back()
    expect(page.locator("article h1")).to_have_text("What is Booklight?")
    expect(of_it).to_have_count(0)


def test_a_reader_who_leaves_in_mid_answer_finds_the_mark(
    service_product: Product, scripted_model: ScriptedModel, page: Page, assistant: AskPanel
) -> None:
    page.goto(service_product.page(START))
    scripted_model.script("stall")
    assistant.select_in_article(WORDS)
    assistant.bubble().click()
    assistant.send(ABOUT_IT)
    expect(assistant.log).to_contain_text("In short:", timeout=ANSWER_TIMEOUT)
    page.reload()
    expect(marked(page, ABOUT_IT)).to_be_visible()


def test_nobody_is_asked_for_anything_before_the_reader_has_asked(laptop_product: Product, page: Page) -> None:
    sent = requests_of(page)
    page.goto(laptop_product.page(START))
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="Next").click()
    expect(page.locator("article h1")).to_have_text("Run the demo")
    assert [request.url for request in sent if "/assistant/" in request.url] == []
    AskPanel(page).open().close()
    page.reload(wait_until="networkidle")
    assert not [request for request in sent if request.url.endswith("/asked")]


def test_another_reader_sees_no_mark_of_it(laptop_product: Product, browser: Browser, page: Page) -> None:
    page.goto(laptop_product.page(START))
    ask_about(AskPanel(page), WORDS)
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(laptop_product.page(CHUNKS))
        AskPanel(other).open().ask("What is a chunk?")
        with other.expect_response(ASKED) as told:
            other.goto(laptop_product.page(START))
        assert told.value.json() == {"places": []}
        expect(other.locator("booklight-mark")).to_have_count(0)


def test_what_is_deleted_is_marked_no_more_at_once(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(START))
    for question in ("What does this mean?", "And what is a sidecar?"):
        ask_about(assistant, WORDS, question)
        assistant.panel.get_by_role("button", name="New conversation").click()
    expect(marked(page, "2")).to_be_visible()
    assistant.panel.get_by_role("button", name="Earlier conversations").click()
    assistant.panel.get_by_role("button", name="Delete “And what is a sidecar?”").click()
    assistant.panel.get_by_role("button", name="Delete", exact=True).click()
    expect(marked(page, ABOUT_IT)).to_be_visible()
    expect(marked(page, "2")).to_have_count(0)
    assistant.panel.get_by_role("button", name="Delete all my conversations").click()
    assistant.panel.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("booklight-mark")).to_have_count(0)
    sent = requests_of(page)
    page.reload(wait_until="networkidle")
    assert not [request for request in sent if "/assistant/" in request.url]


def test_several_conversations_at_one_place_are_one_mark_with_a_list_that_the_keyboard_opens(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(laptop_product.page(START), wait_until="networkidle")
    known = violations(page)
    with asked_before(page, [place("q1", WORDS), place("q2", WORDS), place("q2", WORDS, thread="thr_q1")]):
        page.reload(wait_until="networkidle")
        several = marked(page, "2")
        several.press("Enter")
        expect(several).to_have_attribute("aria-expanded", "true")
        listed = page.get_by_role("list", name="Asked here before: 2").get_by_role("button")
        expect(listed).to_have_text(["q1", "q2"])
        assert violations(page) - known == set()
        page.keyboard.press("Tab")
        expect(listed.first).to_be_focused()
        page.keyboard.press("Escape")
        expect(several).to_be_focused()
        expect(listed).to_have_count(0)
        several.press("Enter")
        with page.expect_request(lambda request: "thr_q2" in (request.post_data or "")):
            listed.last.click()
        expect(assistant.panel).to_be_visible()
        expect(listed).to_have_count(0)


@pytest.mark.parametrize("path", ["docs/operating/run-the-sidecar", "docs/authoring/plugin-options"])
def test_marks_in_every_kind_of_block_move_nothing_and_are_readable_for_everybody(
    laptop_product: Product, page: Page, path: str
) -> None:
    page.goto(laptop_product.page(path), wait_until="networkidle")
    texts = page.locator(BLOCKS).all_text_contents()
    headings = page.locator("article h2").evaluate_all("all => all.map(({id}) => id)")
    before, known = page.evaluate(BOXES), violations(page)
    places = [place(f"q{number}", text.strip("\u200b")) for number, text in enumerate(texts)]
    with asked_before(page, [*places, *(place(anchor, None, anchor=anchor) for anchor in headings)]):
        page.reload(wait_until="networkidle")
        marks = page.locator("booklight-mark")
        expect(marks.nth(9)).to_be_attached()
        around = marks.evaluate_all("all => all.map(mark => mark.parentElement.tagName)")
        assert {"P", "TD"} <= set(around)
        assert page.evaluate(BOXES) == before
        for shown in marks.all():
            if shown.is_visible():
                assert shown.evaluate(SIDE)["left"] == 0
        assert violations(page) - known == set()


def test_on_a_phone_a_mark_stays_within_the_window(laptop_product: Product, page: Page) -> None:
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    with asked_before(page, [place("q1", WORDS)]):
        page.goto(laptop_product.page(START))
        box = marked(page, "q1").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_from_right_to_left_marks_stand_at_the_right_and_speak_the_readers_language(
    themed_product: Product, page: Page
) -> None:
    page.goto(themed_product.address + HIVES, wait_until="networkidle")
    known = violations(page)
    panel = page.locator("booklight-assistant")
    panel.locator(".launcher").click()
    panel.locator("textarea").fill(ARABIC_QUESTION)
    panel.locator("textarea").press("Enter")
    expect(panel.locator(".tools")).to_be_visible(timeout=20_000)
    page.reload()
    shown = page.locator("booklight-mark").first
    expect(shown.get_by_role("button")).to_have_attribute("aria-label", f"سُئل هنا من قبل: {ARABIC_QUESTION}")
    page.wait_for_function("document.querySelector('booklight-mark').style.translate !== ''")
    assert shown.evaluate(SIDE)["right"] == 0
    assert violations(page) - known == set()


def test_an_author_can_do_without_them(themed_product: Product, page: Page) -> None:
    sent = requests_of(page)
    page.goto(f"{themed_product.address}/bees/docs/hives/smoker")
    panel = page.locator("booklight-assistant")
    panel.locator(".launcher").click()
    panel.locator("textarea").fill("Why do I light the smoker?")
    panel.locator("textarea").press("Enter")
    panel.get_by_role("button", name="Agree").click()
    expect(panel.locator(".tools")).to_be_visible(timeout=20_000)
    page.reload(wait_until="networkidle")
    expect(page.locator("booklight-mark")).to_have_count(0)
    assert not [request for request in sent if request.url.endswith("/asked")]


def ask_about(assistant: AskPanel, words: str, question: str = ABOUT_IT) -> None:
    """Select the paragraph that holds `words` and ask about it."""
    assistant.select_in_article(words)
    assistant.bubble().click()
    expect(assistant.selection_chip()).to_be_visible()
    assistant.ask(question)


def marked(page: Page, told: str, words: str = WORDS) -> Locator:
    """Return the mark of the paragraph that holds `words`, which tells of a question or of how many there are."""
    paragraph = page.locator("article p").filter(has_text=words)
    return paragraph.get_by_role("button", name=f"Asked here before: {told}", exact=True)


def requests_of(page: Page) -> list[Request]:
    """Return what `page` will have sent."""
    sent = list[Request]()
    page.on("request", lambda request: sent.append(request))
    return sent


def place(question: str, text: str | None, *, anchor: str | None = None, thread: str | None = None) -> Json:
    """Return a place as the sidecar tells it."""
    place = {"thread_id": thread or f"thr_{question}", "question": question, "anchor": anchor, "text": text}
    return {**place, "asked_at": "2026-11-29T12:00:00Z"}


@contextmanager
def asked_before(page: Page, places: list[Json]) -> Iterator[None]:
    """Let the reader of `page` be one who has asked at `places` before."""
    page.add_init_script(
        "localStorage['booklight:session:/assistant'] = 'token'; localStorage['booklight:asked:/assistant'] = '1'"
    )

    def answer(route: Route) -> None:
        route.fulfill(body=json.dumps({"places": places}), content_type="application/json")

    page.route(ASKED, answer)
    yield
    page.unroute(ASKED, answer)


def violations(page: Page) -> set[str]:
    """Return what axe finds wrong with the page's own text and its marks, light and dark."""
    page.add_script_tag(path=AXE)
    results = [page.evaluate(RUN_AXE, theme) for theme in ("light", "dark")]
    assert all(result["passed"] > 5 for result in results)
    return {violation for result in results for violation in result["found"]}
