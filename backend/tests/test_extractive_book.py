"""The extractive model on a real book: MDX parsed, indexed and searched as in production."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from booklight.context import RequestContext
from booklight.contracts import Found, SearchRequest
from booklight.extractive import BlockJudge
from booklight.extractive.asking import ExtractiveAnswer
from booklight.extractive.asking import ask as ask_extractive
from booklight.search.passages import search
from booklight.search.reranking import open_reranker
from booklight_ingest.chunks import split_book
from booklight_ingest.embed.embedder import open_embedder
from booklight_ingest.index.live import Index, open_index
from booklight_ingest.index.sync import sync_index
from booklight_ingest.pages import Book, Page, Site

RERANKER = open_reranker("default", sections=10, seconds=None)
SOURCES = {
    "hives": """import Tabs from '@theme/Tabs';

# Hives

A hive is a box with movable frames in which bees build their comb.

## Choosing a place

Face the entrance to the south-east, because the morning sun wakes the bees early.

:::warning Frost
Never open a hive below 10 °C.
:::

## Tools

| Tool | Use |
| --- | --- |
| Hive tool | prises frames apart |
| Smoker | calms the bees |
""",
    "harvest": """# Harvest

## Extracting honey

To extract honey:

1. Cut the wax caps off.
2. Spin the frames.
3. Strain the honey through a sieve.

## Measuring water

```python title="water.py"
def ripe(water_percent: float) -> bool:
    return water_percent < 18
```

Ripe honey holds less than 18 percent water.[^1]

[^1]: Measured with a refractometer.
""",
    "seasons": """# Seasons

## Swarming

Colonies swarm in May and June. They leave with the old queen.
""",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Book, Path]:
    """A book of three pages that have not been built."""
    root = tmp_path_factory.mktemp("book")
    for name, text in SOURCES.items():
        (root / f"{name}.mdx").write_text(text, encoding="utf-8")
    pages = tuple(Page(path=f"/docs/{name}", source=f"{name}.mdx", title=name.title()) for name in SOURCES)
    address = Site(title="Bees", url="https://bees.example", base_url="/", locale="en", site_dir=".")
    return Book(version=1, site=address, pages=pages), root


@pytest.fixture
async def index(site: tuple[Book, Path], tmp_path: Path) -> AsyncIterator[Index]:
    book, root = site
    embedder = open_embedder()
    await sync_index([book], split_book(book, root), tmp_path / "index", embedder)
    opened = await open_index(tmp_path / "index", embedder)
    yield opened
    await opened.close()


async def ask(index: Index, text: str) -> ExtractiveAnswer:
    async def search_book(request: SearchRequest) -> Found:
        return await search(index, request)

    judge = BlockJudge(lambda: RERANKER, lambda: index, seconds=60)
    return await ask_extractive(text, search_book, judge, RequestContext(owner="reader"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is a hive?", "A hive is a box with movable frames in which bees build their comb."),
        ("Why should the entrance face south-east?", "because the morning sun wakes the bees early."),
        ("How do I extract honey?", "1. Cut the wax caps off.\n2. Spin the frames.\n3. Strain the honey"),
        ("How much water does ripe honey hold?", "Ripe honey holds less than 18 percent water."),
        ("Show me the code for measuring water", "def ripe(water_percent: float) -> bool:"),
        ("What is a smoker for?", "| Tool | Use |\n| --- | --- |\n"),
        ("When do colonies swarm?", "Colonies swarm in May and June."),
        ("Below which temperature should I never open a hive?", "Never open a hive below 10 °C."),
    ],
)
async def test_the_block_that_answers_is_quoted_first(index: Index, text: str, expected: str) -> None:
    answer = await ask(index, text)
    first = re.sub(r"^> ?|\[\^\d+\]", "", answer.text.split("\n\n> ")[0 if answer.tier == "sure" else 1], flags=re.M)
    assert expected in first


async def test_what_the_book_does_not_say_is_not_made_up(index: Index) -> None:
    assert (await ask(index, "Which database does the Kubernetes operator use?")).tier != "sure"


async def test_without_a_cross_encoder_the_embedding_tells_which_block_is_nearest(index: Index) -> None:
    judge = BlockJudge(lambda: None, lambda: index, seconds=60)
    texts = ["Hives\nA hive is a box with movable frames.", "Seasons\nColonies swarm in May and June."]
    scores = await judge("In which month do bees leave with their queen?", texts, "en")
    assert scores is not None
    assert scores.judge == "embedding"
    assert scores.values[1] > scores.values[0]


async def test_a_judge_that_has_no_time_leaves_it_to_shared_words(index: Index) -> None:
    judge = BlockJudge(lambda: RERANKER, lambda: index, seconds=0)
    assert await judge("When do colonies swarm?", ["Seasons\nColonies swarm in May and June."], "en") is None
