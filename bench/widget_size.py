"""What the widget weighs: on every page, and in all to the first answer, next to what others publish.

It opens the panel of the built handbook in a browser, with a stand-in for the sidecar, and counts the scripts that
arrive; React is the site's own and is not among them. Ends with 1 if a budget is exceeded.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Page, Route, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "book/build"
LAUNCHER = ROOT / "site-plugin/lib/client/launcher.js"
ORIGIN = "http://book.localhost"
EVERY_PAGE, FIRST_ANSWER = 1_500, 45_000
"""The budgets, in bytes after gzip -9."""

OTHERS = {
    "Cloudflare AI search snippet": 42_972,
    "Kapa headless SDK": 73_056,
    "DocsGPT": 121_912,
    "DocSearch 5 with AI": 173_910,
    "Inkeep embed": 437_778,
}
"""The published browser files of others, after gzip -9."""

INDEX = {"commit": None, "built_at": "2026-01-01T00:00:00Z", "pages": 1, "chunks": 1, "model": "m", "title": "Book"}
ANSWER = (
    {"type": "thread.created", "thread": {"id": "t"}},
    {"type": "thread.item.done", "item": {"id": "q", "type": "user_message", "content": []}},
    {
        "type": "thread.item.done",
        "item": {
            "id": "a",
            "type": "assistant_message",
            "content": [{"type": "output_text", "text": "An answer.", "annotations": []}],
        },
    },
)


def main() -> int:
    """Print the sizes as ratios; return 1 if one is over its budget."""
    every_page = compressed(minified(LAUNCHER))
    lazy = sum(map(compressed, load_lazy_scripts()))
    total = every_page + lazy
    print(f"on every page     {every_page:>8,} B  {every_page / EVERY_PAGE:.2f} of its budget")
    print(f"to first answer   {total:>8,} B  {total / FIRST_ANSWER:.2f} of its budget")
    for name, size in OTHERS.items():
        print(f"{name:<30} {size:>8,} B  {size / total:.1f} times as much")
    return int(every_page > EVERY_PAGE or total > FIRST_ANSWER)


def minified(script: Path) -> bytes:
    """Return `script` as a production build shrinks it, without what it loads later."""
    esbuild = ROOT / "node_modules/.bin/esbuild"
    return subprocess.run([esbuild, script, "--minify"], check=True, capture_output=True).stdout


def compressed(script: bytes) -> int:
    """Return the size of `script` after gzip -9, in bytes."""
    return len(gzip.compress(script, 9))


def load_lazy_scripts() -> list[bytes]:
    """Open the panel on the handbook's first page and ask; return the scripts that arrive from then on."""
    sent: dict[str, bytes] = {}
    book = json.loads((BUILD / "booklight/pages.json").read_text())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser())
        page = browser.new_page()
        page.route("**/*", lambda route: answer(route, book["site"]["baseUrl"], sent))
        page.goto(ORIGIN + book["pages"][0]["path"])
        page.wait_for_load_state("networkidle")
        before = set(sent)
        ask(page)
        browser.close()
    return [body for path, body in sent.items() if path.endswith(".js") and path not in before]


def ask(page: Page) -> None:
    """Open the panel, ask, and wait for the answer."""
    page.get_by_role("button", name="Ask this book").click()
    composer = page.get_by_role("textbox", name="Your question")
    composer.fill("Why?")
    composer.press("Enter")
    page.get_by_text("An answer.", exact=True).wait_for()


def answer(route: Route, base_url: str, sent: dict[str, bytes]) -> None:
    """Answer from the build, or as a sidecar would; keep what was sent from the build."""
    path = route.request.url.removeprefix(ORIGIN).partition("?")[0]
    if path.startswith("/assistant/"):
        route.fulfill(body=SIDECAR[path.removeprefix("/assistant/")])
        return
    file = BUILD / path.removeprefix(base_url)
    found = next(filter(Path.is_file, (file, file.with_name(f"{file.name}.html"), file / "index.html")), None)
    if found is None:
        route.fulfill(status=404)
        return
    sent[path] = found.read_bytes()
    route.fulfill(path=found)


def find_browser() -> str | None:
    """Return the Chromium that the set-up found, or the system's; None for Playwright's own."""
    return os.environ.get("BOOKLIGHT_TEST_BROWSER") or shutil.which("chromium")


SIDECAR: Mapping[str, str] = {
    "session": json.dumps({"token": "t", "expires_at": "2030-01-01T00:00:00Z"}),
    "index": json.dumps(INDEX),
    "chatkit": "".join(f"data: {json.dumps(event)}\n\n" for event in ANSWER),
}

if __name__ == "__main__":
    sys.exit(main())
