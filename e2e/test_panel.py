"""How the panel behaves as a part of the page: asked for by link or by key, written in, and left alone while typing."""

import json

from playwright.sync_api import Browser, Page, Route, expect

from e2e.ask_panel import AskPanel
from e2e.product import Product

LESSON = "docs/start/what-is-booklight"
QUESTION = "What is a chunk?"
CHAT = "**/assistant/chatkit"
NAVBAR = """() => {
  const items = [...document.querySelectorAll(".navbar__items > *")].filter(item => item.offsetWidth > 0);
  const boxes = items.map(item => item.getBoundingClientRect()).sort((a, b) => a.left - b.left);
  const navbar = document.querySelector(".navbar");
  return {
    width: navbar.clientWidth,
    heights: [navbar.clientHeight, ...boxes.map(box => box.height)],
    overlap: boxes.some((box, at) => at > 0 && boxes[at - 1].right > box.left + 1),
  };
}"""


def test_a_link_fills_the_question_in_and_waits(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/assistant/" in request.url else None)
    page.goto(laptop_product.page(f"{LESSON}?ask=What%20is%20a%20chunk%3F#top"))
    expect(assistant.composer).to_have_value(QUESTION)
    expect(assistant.composer).to_be_focused()
    assert page.url.endswith(f"{LESSON}#top")
    page.wait_for_load_state("networkidle")
    assert sent == [], "a link is not yet a reader who opens the panel"
    page.keyboard.press("Enter")
    assistant.wait_for_answer(QUESTION)


def test_the_reader_can_type_before_the_next_frame(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(LESSON))
    frames = page.evaluate(
        """() => new Promise((done) => {
          const host = document.querySelector("booklight-assistant");
          let opened = null, frame = 0;
          const count = () => { frame += 1; requestAnimationFrame(count); };
          count();
          new MutationObserver(() => { opened = frame; }).observe(host, {attributeFilter: ["data-open"]});
          host.addEventListener("focusin", () => Promise.resolve().then(() => done(frame - opened)), {once: true});
          host.shadowRoot.querySelector("button").click();
        })"""
    )
    assert frames == 0
    expect(assistant.composer).to_be_focused()


def test_the_shortcut_opens_the_panel_but_never_while_typing(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(laptop_product.page(LESSON))
    page.wait_for_load_state("networkidle")
    for field in ("<input id=f>", "<textarea id=f></textarea>", "<div id=f contenteditable><b>x</b></div>"):
        page.evaluate("html => document.querySelector('article').insertAdjacentHTML('afterbegin', html)", field)
        page.locator("#f").focus()
        page.keyboard.press("Control+i")
        page.evaluate("document.querySelector('#f').remove()")
    expect(assistant.panel).to_be_hidden()
    page.keyboard.press("i")
    page.keyboard.press("Control+Shift+i")
    expect(assistant.panel).to_be_hidden()
    page.keyboard.press("Control+i")
    expect(assistant.composer).to_be_focused()


def test_a_draft_outlives_a_reload_and_grows(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(LESSON))
    assistant.open()
    low = assistant.composer.evaluate("field => field.clientHeight")
    page.keyboard.type("One line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("and another")
    assert assistant.composer.evaluate("field => field.clientHeight") > low
    page.reload()
    assistant.open()
    expect(assistant.composer).to_have_value("One line\nand another")


def test_back_and_forward_keep_the_panel(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(LESSON))
    assistant.open().ask(QUESTION)
    page.get_by_role("link", name="Next").click()
    expect(page.locator("article h1")).not_to_have_text("What is Booklight?")
    for go in (page.go_back, page.go_forward, page.go_back):
        go()
    expect(page.locator("article h1")).to_have_text("What is Booklight?")
    expect(assistant.panel).to_contain_text(QUESTION)
    assert page.locator("booklight-assistant").count() == 1


def test_the_docked_panel_covers_nothing(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    for width in (800, 1000, 1300, 1700):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(laptop_product.page(LESSON))
        assistant.open()
        panel, article = assistant.panel.bounding_box(), page.locator("article").bounding_box()
        assert panel is not None
        assert article is not None
        assert article["x"] + article["width"] <= panel["x"]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_books_own_layout_holds(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    for width in (800, 1000, 1280, 1390, 1400, 1700):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(laptop_product.page(LESSON))
        before = page.evaluate(NAVBAR)
        assistant.open()
        after = page.evaluate(NAVBAR)
        assert after["heights"] == before["heights"], f"at {width} pixels the navbar is laid out anew"
        assert not after["overlap"], f"at {width} pixels the navbar's items lie over each other"
        docked = width < 997 or width >= 1397
        assert (after["width"] < before["width"]) == docked
        assistant.close()
        assert page.evaluate(NAVBAR) == before


def test_the_panel_makes_way_when_the_window_changes(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    room = "document.documentElement.dataset.booklight"
    page.set_viewport_size({"width": 1500, "height": 800})
    page.goto(laptop_product.page(LESSON))
    assistant.open()
    assert page.evaluate(room) == "docked"
    page.set_viewport_size({"width": 1280, "height": 800})
    page.wait_for_function(f"{room} === 'over'")
    page.set_viewport_size({"width": 1500, "height": 800})
    page.wait_for_function(f"{room} === 'docked'")


def test_fields_are_large_enough_under_a_finger(laptop_product: Product, browser: Browser) -> None:
    with browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 834, "height": 1100}) as context:
        page = context.new_page()
        page.goto(laptop_product.page(LESSON))
        page.get_by_role("button", name="Ask this book").tap()
        panel = AskPanel(page)
        expect(panel.composer).to_be_visible()
        sizes = (
            "host => [...host.shadowRoot.querySelectorAll(FIELDS)].map(f => parseFloat(getComputedStyle(f).fontSize))"
        )
        fields = "'textarea, select, input:not([type=checkbox])'"
        host = page.locator("booklight-assistant")
        panel.panel.get_by_role("button", name="Earlier conversations").tap()
        expect(panel.panel.get_by_role("searchbox")).to_be_visible()
        found = host.evaluate(sizes.replace("FIELDS", fields))
        assert len(found) == 3
        assert min(found) >= 16


def test_overlays_of_the_site_lie_above_it(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(LESSON))
    assistant.open()
    overlay = "<div id=o style='position: fixed; inset: 0; z-index: var(--ifm-z-index-overlay)'></div>"
    page.evaluate("html => document.body.insertAdjacentHTML('afterbegin', html)", overlay)
    assert page.evaluate("document.elementFromPoint(innerWidth - 20, 200).id") == "o"


def test_a_modal_of_another_plugin_keeps_the_focus_and_its_escape(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(laptop_product.page(LESSON))
    assistant.open()
    page.evaluate(
        """() => {
          document.body.insertAdjacentHTML("beforeend", "<div id=m role=dialog style='position: fixed; inset: 0; " +
            "z-index: 9999; background: #fff'><button>Inside</button></div>");
          const modal = document.getElementById("m"), inside = modal.firstChild;
          const trap = ({target}) => modal.contains(target) || inside.focus();
          const listening = new AbortController();
          const press = (event) => {
            if (event.key === "Tab") event.preventDefault();
            if (event.key !== "Escape") return;
            modal.remove();
            listening.abort();
          };
          document.addEventListener("focusin", trap, listening);
          document.addEventListener("keydown", press, listening);
          inside.focus();
        }"""
    )
    inside = page.get_by_role("button", name="Inside")
    for key in ("Tab", "Control+i", "Shift+Tab"):
        page.keyboard.press(key)
        expect(inside).to_be_focused()
    inside.click()
    page.keyboard.press("Escape")
    expect(inside).to_be_hidden()
    expect(assistant.panel).to_be_visible()
    assistant.ask(QUESTION)


def test_print_leaves_it_out(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(LESSON))
    page.locator("article p").first.click(click_count=3)
    expect(assistant.bubble()).to_be_visible()
    page.emulate_media(media="print")
    expect(assistant.bubble()).to_be_hidden()
    expect(page.get_by_role("button", name="Ask this book")).to_be_hidden()
    page.emulate_media(media="screen")
    assistant.open()
    page.emulate_media(media="print")
    expect(assistant.panel).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).paddingInlineEnd") == "0px"


def test_the_author_styles_it_from_outside(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(LESSON))
    page.add_style_tag(
        content=":root { --booklight-width: 500px; --booklight-accent: rgb(200, 0, 0); }"
        "booklight-assistant::part(head) { padding-block: 33px; }"
    )
    assistant.open()
    box = assistant.panel.bounding_box()
    assert box is not None
    assert round(box["width"]) == 500
    header = assistant.panel.locator("header")
    assert header.evaluate("header => getComputedStyle(header).paddingBlockStart") == "33px"
    assistant.composer.fill("x")
    ask = assistant.panel.get_by_role("button", name="Ask", exact=True)
    assert ask.evaluate("button => getComputedStyle(button).backgroundColor") == "rgb(200, 0, 0)"


def test_a_silent_sidecar_is_told_after_a_minute(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.clock.install()
    page.goto(laptop_product.page(LESSON))
    assistant.open()
    page.route(CHAT, lambda route: None)
    assistant.send(QUESTION)
    expect(assistant.panel.get_by_role("button", name="Stop")).to_be_visible()
    page.clock.run_for(61_000)
    expect(assistant.panel).to_contain_text("has not answered for a while")
    expect(assistant.retry).to_be_visible()


def test_a_retry_duplicates_nothing(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(LESSON))
    assistant.open()

    def swallow(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(CHAT, swallow, times=1)
    assistant.send(QUESTION)
    assistant.retry.click()
    assistant.wait_for_answer(QUESTION)
    expect(assistant.log.get_by_text(QUESTION, exact=True)).to_have_count(1)
    assistant.panel.get_by_role("button", name="Earlier conversations").click()
    expect(assistant.panel.get_by_role("listitem")).to_have_count(1)


def test_an_answer_that_was_cut_is_taken_up_again(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(LESSON))
    assistant.open()
    types: list[str] = []

    def cut(route: Route) -> None:
        whole = route.fetch()
        events = whole.text().split("\n\n")
        route.fulfill(response=whole, body="\n\n".join(events[: len(events) // 2]) + "\n\n")

    page.route(CHAT, cut, times=1)
    page.on("request", lambda request: types.append(_type(request.post_data)) if "/chatkit" in request.url else None)
    assistant.send(QUESTION)
    expect(assistant.citations.first).to_be_visible()
    assert types[:2] == ["threads.create", "threads.custom_action"]
    expect(assistant.retry).to_be_hidden()
    expect(assistant.log.get_by_text(QUESTION, exact=True)).to_have_count(1)


def test_two_tabs_are_one_reader_with_two_conversations(laptop_product: Product, page: Page) -> None:
    other = page.context.new_page()
    tabs = {"What is a chunk?": AskPanel(page), "What is a passage?": AskPanel(other)}
    for panel in tabs.values():
        panel.page.goto(laptop_product.page(LESSON))
        panel.open()
    for question, panel in tabs.items():
        panel.send(question)
    for question, panel in tabs.items():
        panel.wait_for_answer(question)
        panel.page.reload()
        panel.open()
        expect(panel.log.get_by_text(question, exact=True)).to_be_visible()
    panel.panel.get_by_role("button", name="Earlier conversations").click()
    expect(panel.panel.get_by_role("listitem")).to_have_count(2)


def _type(body: str | None) -> str:
    kind: str = json.loads(body or "{}")["type"]
    return kind
