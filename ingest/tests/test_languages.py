"""What a text is written in: its locale's language, unless that is plainly wrong."""

from pathlib import Path

import pytest

from booklight_ingest.bm25 import term_hash
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.index.live import open_index
from booklight_ingest.index.sync import sync_index
from booklight_ingest.languages import language_of_text, stop_words
from booklight_ingest.terms import split_terms
from ingest.tests.books import make_book, make_chunk, rewritten

ENGLISH = (
    "The bees that live in this hive are not the ones which you have seen in the garden, and they will swarm. " * 6
)
GERMAN = (
    "Die Bienen, die in diesem Stock leben, sind nicht die, welche man im Garten sieht, und sie werden schwärmen. " * 6
)
RUSSIAN = "Пчёлы живут в улье и собирают мёд. `config.js` sets the default."
JAPANESE = "蜂は巣箱に住み、花の蜜を集めます。"
CHINESE = "蜜蜂住在蜂箱里，采集花蜜。"


@pytest.mark.parametrize(
    ("text", "locale", "language"),
    [
        (ENGLISH, "en", "en"),
        (ENGLISH, "en-GB", "en"),
        (ENGLISH, "de", "en"),
        (GERMAN, "en", "de"),
        (GERMAN, "de-CH", "de"),
        (GERMAN, "ru", "de"),
        (GERMAN[:100], "en", "en"),  # too short to tell
        (RUSSIAN, "en", "ru"),
        (RUSSIAN, "uk", "uk"),
        (RUSSIAN, "sr", "sr"),
        (JAPANESE, "en", "ja"),
        (JAPANESE, "zh-Hans", "ja"),
        (CHINESE, "en", "zh"),
        (CHINESE, "zh-Hant", "zh"),
        ("벌은 벌집에 산다", "en", "ko"),
        ("ผึ้งอาศัยอยู่ในรัง", "en", "th"),
        ("42 🎉", "fr", "fr"),
        ("", "pt-BR", "pt"),
    ],
)
def test_a_locale_holds_unless_it_is_plainly_wrong(text: str, locale: str, language: str) -> None:
    assert language_of_text([text], locale) == language


def test_languages_have_stop_words_of_their_own() -> None:
    assert "der" in stop_words("de")
    assert "der" not in stop_words("en")
    assert stop_words("no") == stop_words("nb") != frozenset()
    assert stop_words("xx") == frozenset()


async def test_a_book_is_counted_in_the_language_it_is_in_and_stays_so(tmp_path: Path) -> None:
    chunks = [make_chunk(GERMAN, heading=f"Abschnitt {at}") for at in range(12)]
    (stem,) = split_terms("schwärmen", "de")
    for _ in range(2):
        report = await sync_index([make_book(chunks)], chunks, tmp_path, NoEmbedder())
        assert report.languages == ("de",)
        index = await open_index(tmp_path, NoEmbedder())
        async with index.reading() as reading:
            assert reading.generation.manifest.counts.count(term_hash(stem)) == 12
            assert reading.generation.manifest.counts.count(term_hash("nicht")) == 0
        await index.close()
        chunks[0] = rewritten(chunks[0], GERMAN + "Honig.")
