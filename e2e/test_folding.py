"""Quotations of an answer: the first as it stands, the others folded to a line that a reader opens."""

from playwright.sync_api import Page, expect

from e2e.ask_panel import AskPanel
from e2e.axe import assert_accessible
from e2e.product import Product
from e2e.scripted_answer import Cited, script_answer
from e2e.stand_in import BEGINNING, Json, stand_in

LESSON = "docs/start/what-is-booklight"
QUESTION = "What does the book say about chunks?"
FIRST = "A section under one heading is one chunk, and it is what a search returns."
SECOND = "Only a long section is split, at the edge of a paragraph, and never inside a block of code."
THIRD = "What stands in a table stays together with its header, however long the table is."
ANSWER = f"""The book says nearby:

> {FIRST}

> {SECOND}
>
> - never inside a list item
> - never inside a row of a table

> {THIRD}
"""
CHUNKS = "docs/retrieval/from-page-to-chunk"
CITED = (
    Cited(FIRST, CHUNKS, "From page to chunk", FIRST),
    Cited("row of a table", f"{CHUNKS}#split", "Splitting", SECOND),
    Cited(THIRD, f"{CHUNKS}#tables", "Tables", THIRD),
)


def test_the_first_quotation_is_open_and_the_others_are_one_line_each(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    _ask(laptop_product, page, assistant)
    expect(assistant.log.get_by_text(FIRST)).to_be_visible()
    for text, source in ((SECOND, "Source 2: Splitting"), (THIRD, "Source 3: Tables")):
        fold = assistant.log.get_by_role("button", name=text[:40])
        expect(fold).to_have_attribute("aria-expanded", "false")
        quotation = page.locator("booklight-assistant .folded").filter(has_text=text)
        box = quotation.bounding_box()
        assert box is not None
        assert box["height"] < 32, "it is one line"
        expect(quotation.get_by_role("link", name=source)).to_be_in_viewport()
    expect(assistant.log.get_by_text("never inside a list item")).to_be_hidden()
    assert_accessible(page, closed=False)


def test_a_quotation_is_opened_and_closed_by_keyboard(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    _ask(laptop_product, page, assistant)
    fold = assistant.log.get_by_role("button", name=SECOND[:40])
    fold.focus()
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(fold).to_be_focused()
    expect(assistant.log.get_by_text("never inside a list item")).to_be_visible()
    expect(assistant.log.get_by_role("link", name="Source 2: Splitting")).to_have_count(1)
    assert_accessible(page, closed=False)
    page.keyboard.press("Tab")
    focused = "() => document.querySelector('booklight-assistant').shadowRoot.activeElement.ariaLabel"
    assert page.evaluate(focused) == "Source 2: Splitting", "what is unfolded comes right behind its button"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(assistant.log.get_by_text("never inside a list item")).to_be_hidden()


def test_what_is_folded_is_copied_and_printed_whole(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _ask(laptop_product, page, assistant)
    answer = page.locator("booklight-assistant .answer")
    answer.evaluate(
        """answer => {
          const [first, last] = [answer.querySelector("p"), answer.querySelector(".folded:last-of-type")];
          getSelection().setBaseAndExtent(first, 0, answer, [...answer.children].indexOf(last) + 1);
        }"""
    )
    page.keyboard.press("Control+c")
    copied = " ".join(page.evaluate("navigator.clipboard.readText()").split())
    assert "never inside a row of a table" in copied
    assert copied.count(SECOND) == 1, "the line that stands for a quotation is not copied too"
    assert copied.count(THIRD) == 1
    expect(assistant.log.get_by_text("never inside a list item")).to_be_hidden()
    shown = "booklight-assistant { display: block !important; } booklight-assistant::part(panel) { display: flex; }"
    page.add_style_tag(content=f"@media print {{ {shown} }}")
    page.emulate_media(media="print")
    assert answer.get_by_text("never inside a list item").evaluate("item => item.getClientRects().length") == 1


def test_a_quotation_that_is_being_written_moves_nothing(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    with stand_in(_streamed(f"> {FIRST}\n\n> {SECOND[:30]}")) as address:
        page.route("**/assistant/chatkit", lambda route: route.continue_(url=f"{address}/chatkit"))
        page.goto(laptop_product.page(LESSON))
        assistant.open().send(QUESTION)
        short = _height(assistant, SECOND[:10])
        assistant.panel.get_by_role("button", name="Stop").click()
    with stand_in(_streamed(f"> {FIRST}\n\n> {SECOND} {SECOND} {SECOND}\n>\n> And on")) as address:
        page.unroute("**/assistant/chatkit")
        page.route("**/assistant/chatkit", lambda route: route.continue_(url=f"{address}/chatkit"))
        assistant.panel.get_by_role("button", name="New conversation").click()
        assistant.send(QUESTION)
        assert _height(assistant, SECOND[:40]) == short


def _ask(product: Product, page: Page, assistant: AskPanel) -> None:
    script_answer(page, ANSWER, *CITED)
    page.goto(product.page(LESSON))
    assistant.open().send(QUESTION)
    expect(assistant.panel.get_by_role("button", name="Copy answer")).to_be_visible()


def _streamed(text: str) -> list[Json]:
    added: Json = {
        "type": "assistant_message.content_part.added",
        "content_index": 0,
        "content": {"type": "output_text", "annotations": [], "text": text},
    }
    item: Json = {"id": "msg_2", "type": "assistant_message", "content": []}
    return [
        *BEGINNING,
        {"type": "thread.item.added", "item": item},
        {"type": "thread.item.updated", "item_id": "msg_2", "update": added},
    ]


def _height(assistant: AskPanel, beginning: str) -> float:
    fold = assistant.log.get_by_role("button", name=beginning)
    expect(fold).to_be_visible()
    box = fold.bounding_box()
    assert box is not None
    return box["height"]
