"""An answer of the test's own in place of the sidecar's, for what a real answer may not happen to hold."""

import json
from dataclasses import dataclass

from playwright.sync_api import Page

SITE = "https://booklight.example/booklight/"


@dataclass(frozen=True)
class Cited:
    """A citation behind `after`, of `quotation` at a page's route and anchor below the site's base URL."""

    after: str
    path: str
    title: str
    quotation: str


def script_answer(page: Page, text: str, *citations: Cited) -> None:
    """Let every question on `page` be answered with `text`."""
    content = {"type": "output_text", "text": text, "annotations": [_annotation(text, cited) for cited in citations]}
    events = (
        {"type": "thread.created", "thread": {"id": "thr_scripted"}},
        {"type": "thread.item.done", "item": _item("msg_1", "user_message", [])},
        {"type": "thread.item.done", "item": _item("msg_2", "assistant_message", [content])},
    )
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    page.route("**/assistant/chatkit", lambda route: route.fulfill(content_type="text/event-stream", body=body))


def _item(item_id: str, kind: str, content: list[object]) -> dict[str, object]:
    base = {"id": item_id, "thread_id": "thr_scripted", "created_at": "2026-01-01T00:00:00Z"}
    return {**base, "type": kind, "content": content}


def _annotation(text: str, cited: Cited) -> dict[str, object]:
    source = {"type": "url", "title": cited.title, "url": SITE + cited.path, "description": cited.quotation}
    return {"type": "annotation", "index": text.index(cited.after) + len(cited.after), "source": source}
