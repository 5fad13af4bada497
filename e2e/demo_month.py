"""A month of conversations for the insights: asked of a real sidecar on the handbook, then spread over thirty days."""

import json
import random
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from e2e.product import BOOKLIGHT, ROOT, SITE, Product, command_environment, laptop

QUESTIONS = ROOT / "book/questions.jsonl"
DAYS = 30
PATIENCE = 120.0
UNLIMITED: dict[str, Any] = {"BOOKLIGHT_TURNS_PER_MINUTE_PER_ADDRESS": "100000", "BOOKLIGHT_TURNS_PER_MINUTE": "100000"}
SELECTS, RATES_BAD, ASKS_ELSEWHERE = 0.2, 0.35, 0.3
REASONS = ("It did not answer my question.", "The steps are for another version.", "Too long.")

NOT_IN_THE_BOOK = (
    (
        "Can I use Booklight with MkDocs?",
        "Does it work with MkDocs too?",
        "Is MkDocs supported instead of Docusaurus?",
        "How do I use this with MkDocs Material?",
    ),
    (
        "Is there an app for the iPhone?",
        "Is there an iOS app in the App Store?",
        "Can I get an iPhone app of this?",
    ),
    (
        "How much does a yearly subscription cost?",
        "What is the price of a subscription per year?",
        "What does a subscription cost?",
    ),
    (
        "Can I dictate my question by voice?",
        "Is there voice input, so that I can speak my question?",
        "Can I speak my question instead of typing it?",
    ),
    (
        "How do I export the book as a PDF?",
        "Can I download a PDF of the whole book?",
        "Please send a PDF of the book to anna.weber@example.org",
    ),
    (
        "How do I install the WordPress plugin?",
        "Is there a WordPress plugin?",
        "Where do I find the plugin for WordPress?",
    ),
    ("Which graphics card do I need for training?",),
    ("Which flour is best for pizza dough?",),
)
"""What the handbook has nothing about; in each group all ask the same."""


@dataclass(frozen=True)
class ReaderQuestion:
    """What a reader asks: on which page, and about which heading of it, whose text they selected."""

    text: str
    path: str | None = None
    anchor: str | None = None
    selection: str | None = None


def make_month(folder: Path, *, questions: int, readers: int, **settings: str) -> dict[str, str]:
    """Ask `questions` as `readers`, and return the environment in which `booklight insights` finds them in `folder`."""
    with laptop(folder, **(UNLIMITED | settings)) as product:
        _ask_all(product, [*_choose(questions)], readers)
    _spread(folder / "booklight.db")
    return command_environment(folder)


def write_page(folder: Path, settings: dict[str, str], file: Path) -> None:
    """Have `booklight insights` write its page of the month."""
    subprocess.run([BOOKLIGHT, "insights", "--html", str(file)], cwd=folder, env=settings, check=True)


def _choose(number: int) -> Iterator[ReaderQuestion]:
    """Yield questions at random, the same in every run; one in four is about what the book has not."""
    chance = random.Random(7)
    answered = [*_answered()]
    weights = [1 / (1 + rank) for rank in range(len(NOT_IN_THE_BOOK))]
    for _ in range(number):
        asked = chance.choice(answered)
        if chance.random() < 0.25:
            (group,) = chance.choices(NOT_IN_THE_BOOK, weights)
            asked = ReaderQuestion(chance.choice(group), path=asked.path)
        elif chance.random() > SELECTS:
            asked = ReaderQuestion(asked.text, path=None if chance.random() < ASKS_ELSEWHERE else asked.path)
        yield asked


def _answered() -> Iterator[ReaderQuestion]:
    """Yield the handbook's own questions that it answers, each on the page that does."""
    pages = {page["source"]: page for page in json.loads((SITE / "booklight/pages.json").read_text())["pages"]}
    for line in QUESTIONS.read_text().splitlines():
        question = json.loads(line)
        gold = question["gold"][0] if question["gold"] else {"source": None}
        page = pages.get(f"docs/{gold['source']}")
        if page is None:
            continue
        anchors = {heading["text"]: heading["id"] for heading in page.get("headings") or ()}
        heading = gold["heading"]
        yield ReaderQuestion(question["question"], page["path"], anchors.get(heading), heading)


def _ask_all(product: Product, asked: Sequence[ReaderQuestion], readers: int) -> None:
    """Ask each question in a conversation of its own, as one of `readers`, some more often than others."""
    chance = random.Random(11)
    with httpx.Client(base_url=product.address, timeout=PATIENCE) as http:
        while http.get("/assistant/ready").status_code != 200:
            continue
        tokens = [http.post("/assistant/session").json()["token"] for _ in range(readers)]
        weights = [1 / (1 + rank) ** 0.5 for rank in range(readers)]
        for question in asked:
            (token,) = chance.choices(tokens, weights)
            _ask(http, {"Authorization": f"Bearer {token}"}, question, chance)


def _ask(http: httpx.Client, headers: dict[str, str], asked: ReaderQuestion, chance: random.Random) -> None:
    content = [{"type": "input_text", "text": asked.text}]
    metadata: dict[str, Any] = {"page_context": {"path": asked.path}}
    if asked.selection and asked.anchor:
        metadata["selections"] = [{"text": asked.selection, "path": asked.path, "anchor": asked.anchor}]
    params = {"input": {"content": content, "attachments": [], "inference_options": {}}}
    body = {"type": "threads.create", "params": params, "metadata": metadata}
    answer = http.post("/assistant/chatkit", json=body, headers=headers)
    answer.raise_for_status()
    events = [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line.startswith("data: ")]
    thread = next(event["thread"]["id"] for event in events if event["type"] == "thread.created")
    said = [event["item"] for event in events if event["type"] == "thread.item.done"][-1]
    if chance.random() < (RATES_BAD if not said["content"][0]["annotations"] else RATES_BAD / 6):
        rating = {"thread_id": thread, "item_ids": [said["id"]], "kind": "negative"}
        reason = {"reason": chance.choice(REASONS)}
        rated = {"type": "items.feedback", "params": rating, "metadata": reason}
        http.post("/assistant/chatkit", json=rated, headers=headers).raise_for_status()


def _spread(database: Path) -> None:
    """Move each conversation, as it is, to some moment of the last thirty days; fewer of them to weekends."""
    chance, now = random.Random(13), datetime.now(UTC).replace(tzinfo=None)
    days = [now - timedelta(days=back) for back in range(DAYS)]
    weights = [0.35 if day.weekday() >= 5 else 1 + 0.02 * (DAYS - back) for back, day in enumerate(days)]
    with sqlite3.connect(database) as connection:
        for (thread,) in connection.execute("SELECT id FROM threads").fetchall():
            (day,) = chance.choices(days, weights)
            moved = now - day + timedelta(minutes=chance.randrange(0, 600))
            for table, column in (("threads", "id"), ("thread_items", "thread_id"), ("feedback", "thread_id")):
                _move(connection, table, f"{column} = ?", thread, moved)
    connection.close()


def _move(connection: sqlite3.Connection, table: str, where: str, thread: str, back: timedelta) -> None:
    rows = connection.execute(f"SELECT rowid, created_at FROM {table} WHERE {where}", (thread,)).fetchall()
    for row, created in rows:
        moment = datetime.fromisoformat(created) - back
        connection.execute(f"UPDATE {table} SET created_at = ? WHERE rowid = ?", (moment.isoformat(" "), row))
