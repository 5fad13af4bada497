"""Follow-up questions: from the book's own headings near what was cited, and only where they help."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend.tests.live import Json, index_small_book, live_sidecar
from backend.tests.paced_model import PacedModel
from backend.tests.small_book import FEEDING, SMOKER, make_chunk
from booklight.chat.follow_ups import phrase, pick, suggest
from booklight.contracts import SectionAddress
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.index.live import Index, open_index


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    await index_small_book(tmp_path / "index")
    opened = await open_index(tmp_path / "index", NoEmbedder())
    yield opened
    await opened.close()


async def cited_chunk(index: Index, heading: str) -> Chunk:
    """Return the chunk under `heading` as the index has it."""
    async with index.reading() as reading:
        chunks = await reading.generation.engine.load([row.id for row in reading.generation.manifest.rows])
    return next(chunk for chunk in chunks if chunk.heading == heading)


def section(heading: str | None, *, page: str = "Hives", locale: str = "en") -> Chunk:
    return replace(make_chunk("Text.", page=page, heading=heading), locale=locale)


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("Why overlap?", "Why overlap?"),
        ("How to light a smoker", "How do I light a smoker?"),
        ("How to light a smoker?", "How do I light a smoker?"),
        ("How to", "How to"),
        ("Using with package manager", "Using with package manager"),
        ("`setHive()` and others", "setHive() and others"),
    ],
)
def test_a_heading_is_asked_about_in_words_that_read_well(heading: str, question: str) -> None:
    assert phrase(heading, "en") == question
    assert phrase(heading, "en-GB") == question


def test_a_heading_in_another_language_stays_as_it_is() -> None:
    assert phrase("Der Schwänzeltanz", "de") == "Der Schwänzeltanz"


def test_what_was_cited_or_asked_or_has_no_name_is_left_out() -> None:
    headings = ["Feeding", "The queen", "Swarms", None, "swarms", "Wax", "Drones", "…"]
    near = [section(heading) for heading in headings]
    picked = pick(near, [section("Feeding")], ["What does the queen do?"])
    assert [suggestion.text for suggestion in picked] == ["Swarms", "Wax", "Drones"]


def test_what_was_asked_is_told_in_the_book_s_own_language() -> None:
    near = [section("Путь пчелы", locale="ru"), section("Улья", locale="ru")]
    cited = [section("Мёд", locale="ru")]
    assert [each.text for each in pick(near, cited, ["Куда ведут пути пчёл и пчелы?"])] == ["Улья"]


async def test_the_page_comes_before_the_rest_of_its_chapter(index: Index) -> None:
    cited = await cited_chunk(index, "The waggle dance")
    suggestions = await suggest(index, [cited], ["How do bees dance?"])
    assert [suggestion.text for suggestion in suggestions] == ["Using a smoker", "Feeding for winter"]
    smoker = await cited_chunk(index, "Using a smoker")
    assert suggestions[0].about == SectionAddress(path=smoker.path, anchor=smoker.anchor)
    assert await suggest(index, [cited], ["Is feeding for winter done while using a smoker?"]) == []
    assert await suggest(index, [], ["How?"]) == []


async def effects(model: PacedModel, question: str, folder: Path) -> list[Json]:
    """Ask, and return the client effects of the answer."""
    async with live_sidecar(model, f"sqlite:///{folder}/booklight.db") as live:
        events = await (await live.reader()).ask(question)
        simple = await live.http.post("/assistant/chatkit", json={"query": question})
    assert "follow_ups" not in simple.text
    named = [line for line in simple.text.splitlines() if line.startswith("event: ")]
    assert named[-2:] == ["event: item.done", "event: done"]
    return [event for event in events if event["type"] == "client_effect"]


async def test_questions_follow_a_cited_answer_in_the_native_dialect_alone(tmp_path: Path) -> None:
    model = PacedModel(["They dance.[^1]"], searches=True)
    (effect,) = await effects(model, "What is a waggle dance?", tmp_path)
    assert effect["name"] == "booklight.follow_ups"
    assert effect["data"] == {
        "questions": ["Using a smoker", "Feeding for winter"],
        "suggestions": [
            {"text": "Using a smoker", "path": SMOKER.path, "anchor": SMOKER.anchor},
            {"text": "Feeding for winter", "path": FEEDING.path, "anchor": FEEDING.anchor},
        ],
    }


@pytest.mark.parametrize("said", ["They dance.", "This book does not seem to cover that.\n\n- Dances[^1]"])
async def test_nothing_follows_an_answer_without_sources_or_from_a_book_without_one(said: str, tmp_path: Path) -> None:
    assert await effects(PacedModel([said], searches=True), "What is a waggle dance?", tmp_path) == []


async def test_nothing_follows_where_the_search_says_the_book_has_no_answer(tmp_path: Path) -> None:
    model = PacedModel(["Perhaps here.[^1]"], searches=True, query="zebra crossing zoning bees")
    assert await effects(model, "Zebras?", tmp_path) == []
