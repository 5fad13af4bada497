"""A mistyped word is searched for as the book spells it, and no word that anybody knows is touched."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from booklight.contracts import Found, SearchRequest
from booklight.search.passages import search
from booklight.search.spelling import MOST_WORDS, correct
from booklight_ingest.bm25 import NO_COUNTS, TermCounts, count_terms
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.embed.sentence_vectors import SentenceVectors
from booklight_ingest.index.live import Index, open_index
from booklight_ingest.index.sync import sync_index
from ingest.tests.books import make_book, make_chunk, small_book

EMBEDDER = SentenceVectors()
BOOK = (
    "The plugin adds a sidebar. The plugin is configured. Clutter is bad. Swizzling components. Deploying sites. "
    "A smoker calms bees."
)


class KnowsNothing(NoEmbedder):
    """An embedder whose vocabulary is empty."""

    def knows(self, word: str) -> bool:
        return False


def counts(text: str, locale: str = "en") -> TermCounts:
    return NO_COUNTS.changed(1, [count_terms(make_chunk(text, locale=locale))], ())


@pytest.mark.parametrize(
    ("asked", "searched"),
    [
        ("a pluign", "a plugin"),
        ("the sidbar, please", "the sidebar, please"),
        ("Plugiin?", "Plugin?"),
        ("pluginx", "plugin"),
        ("deploing a smokr", "deploying a smoker"),
    ],
)
async def test_each_kind_of_error_is_corrected(asked: str, searched: str) -> None:
    assert await correct(asked, counts(BOOK), EMBEDDER, "en") == searched


@pytest.mark.parametrize(
    "asked",
    [
        "a cluster",  # in the vocabulary, though one letter from clutter
        "plugins and components",
        "pluGin PLUGIM plugim.js plugim_x `plugim` sub-plugim",
        "zzzzqqqq",
        "bes",
        "",
    ],
)
async def test_what_somebody_knows_or_nobody_can_mend_stays(asked: str) -> None:
    assert await correct(asked, counts(BOOK), EMBEDDER, "en") == asked


async def test_the_commonest_word_with_the_same_beginning_is_meant() -> None:
    book = [count_terms(make_chunk(text)) for text in ("A farm.", "A firm.", "A firm.", "Warm.", "Warm.", "Warm.")]
    assert await correct("fzrm", NO_COUNTS.changed(6, book, ()), KnowsNothing(), "en") == "firm"


async def test_words_of_other_alphabets_are_corrected_too() -> None:
    assert await correct("Где фнсека?", counts("Пасека у леса", "ru"), KnowsNothing(), "ru") == "Где фнсека?"
    assert await correct("Где пасекка?", counts("Пасека у леса", "ru"), KnowsNothing(), "ru") == "Где пасека?"
    assert await correct("養蜂場所", counts("養蜂場", "ja"), KnowsNothing(), "ja") == "養蜂場所"


async def test_no_more_than_a_few_words_are_looked_at() -> None:
    words = ["pluginq", "pluginx", "pluginz", "pluginj", "pluginv"]
    asked = " ".join(words)
    corrected = (await correct(asked, counts(BOOK), EMBEDDER, "en")).split()
    assert corrected == ["plugin"] * MOST_WORDS + words[MOST_WORDS:]


@pytest_asyncio.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    chunks = small_book()
    await sync_index([make_book(chunks)], chunks, tmp_path, KnowsNothing())
    opened = await open_index(tmp_path, KnowsNothing())
    yield opened
    await opened.close()


async def ask(index: Index, *queries: str) -> Found:
    return await search(index, SearchRequest(queries))


async def test_a_search_says_what_it_searched_for(index: Index) -> None:
    found = await ask(index, "push the imgae to a registrry")
    assert found.searched_for == "push the image to a registry"
    assert found.passages[0].chunk.heading == "Docker"
    assert found.found
    rightly = await ask(index, "push the image to a registry")
    assert rightly.searched_for is None
    assert rightly.passages == found.passages
