"""The built handbook in a browser, with a stand-in for its sidecar: what arrives is known to the byte."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, Route, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "book/build"
ORIGIN = "http://book.localhost"

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
SIDECAR: Mapping[str, str] = {
    "session": json.dumps({"token": "t", "expires_at": "2030-01-01T00:00:00Z"}),
    "index": json.dumps(INDEX),
    "chatkit": "".join(f"data: {json.dumps(event)}\n\n" for event in ANSWER),
}


@dataclass(frozen=True)
class BuiltBook:
    """The handbook on `page`; `sent` holds the files of the build that were sent so far, by path."""

    page: Page
    base_url: str
    first_page: str
    sent: dict[str, bytes] = field(default_factory=dict)

    def scripts(self) -> set[str]:
        """Return the paths of the scripts sent so far."""
        return {path for path in self.sent if path.endswith(".js")}

    def answer(self, route: Route) -> None:
        """Answer from the build, or as a sidecar would; keep what was sent from the build."""
        path = route.request.url.removeprefix(ORIGIN).partition("?")[0]
        if path.startswith("/assistant/"):
            route.fulfill(body=SIDECAR[path.removeprefix("/assistant/")])
            return
        found = built_file(BUILD, path.removeprefix(self.base_url))
        if found is None:
            route.fulfill(status=404)
            return
        self.sent[path] = found.read_bytes()
        route.fulfill(path=found)


@contextmanager
def open_book() -> Iterator[BuiltBook]:
    """Give the handbook's first page in a new browser, at rest."""
    described = json.loads((BUILD / "booklight/pages.json").read_text())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser())
        book = BuiltBook(browser.new_page(), described["site"]["baseUrl"], described["pages"][0]["path"])
        book.page.route("**/*", lambda route: book.answer(route))
        book.page.goto(ORIGIN + book.first_page)
        book.page.wait_for_load_state("networkidle")
        yield book
        browser.close()


def built_file(build: Path, path: str) -> Path | None:
    """Return the file that a host sends for `path` below the site's base URL, or None."""
    file = build / path
    return next(filter(Path.is_file, (file, file.with_name(f"{file.name}.html"), file / "index.html")), None)


def find_browser() -> str | None:
    """Return the Chromium that the set-up found, or the system's; None for Playwright's own."""
    return os.environ.get("BOOKLIGHT_TEST_BROWSER") or shutil.which("chromium")
