"""The cross-encoder orders what a search found, and gives way when it is late, busy or does not know the language."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from booklight.contracts import Found, PageContext
from booklight.search.passages import search
from booklight.search.reranking import MOST_ASKED, Reranker, combine, is_latin, open_reranker
from booklight_ingest.embed import installed_files
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.errors import EmbeddingFailed
from booklight_ingest.index.live import Index, open_index
from booklight_ingest.index.sync import sync_index
from ingest.tests.books import make_book, make_chunk, small_book

QUESTION = "Where are conversations kept when there are several workers?"


@pytest_asyncio.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    chunks = small_book()
    await sync_index([make_book(chunks)], chunks, tmp_path, NoEmbedder())
    opened = await open_index(tmp_path, NoEmbedder())
    yield opened
    await opened.close()


async def ask(index: Index, question: str, reranker: Reranker | None, limit: int = 8) -> Found:
    return await search(index, [question], scope="full_book", page=PageContext(), limit=limit, reranker=reranker)


async def test_the_first_sections_are_ordered_anew_and_carry_their_logit(index: Index) -> None:
    question = "the reader's several workers and threads and the provider"
    plain = await ask(index, question, None)
    found = await ask(index, question, Reranker(2, None))
    assert found.reranked == "done"
    assert {passage.chunk.id for passage in found.passages} == {passage.chunk.id for passage in plain.passages}
    assert [passage.logit is not None for passage in found.passages] == [True, True] + [False] * (
        len(found.passages) - 2
    )
    scores = [passage.score for passage in found.passages]
    assert scores == sorted(scores, reverse=True)
    assert plain.reranked is None


async def test_a_section_that_answers_has_a_better_logit() -> None:
    chunks = [chunk for chunk in small_book() if chunk.heading in ("Postgres", "Batches")]
    scored = await Reranker(10, None).score(QUESTION, chunks, "en")
    batches, postgres = scored.logits
    assert postgres > batches


async def test_no_more_than_the_limit_are_returned(index: Index) -> None:
    assert len((await ask(index, "install the provider image", Reranker(10, None), limit=1)).passages) == 1


async def test_when_it_is_late_the_order_without_it_stands(index: Index) -> None:
    found = await ask(index, QUESTION, Reranker(10, 0.0))
    assert found.reranked == "late"
    assert found.passages == (await ask(index, QUESTION, None)).passages


async def test_a_queue_that_is_full_is_not_joined() -> None:
    reranker = Reranker(10, None)
    asked = [reranker.score(QUESTION, small_book(), "en") for _ in range(MOST_ASKED + 1)]
    outcomes = [scored.outcome for scored in await asyncio.gather(*asked)]
    assert outcomes == ["done"] * MOST_ASKED + ["busy"]
    assert (await reranker.score(QUESTION, small_book(), "en")).outcome == "done"


@pytest.mark.parametrize(("question", "locale"), [("Wie lange?", "de"), ("蜂はどこに住んでいますか", "en")])
async def test_a_language_it_does_not_know_is_left_alone(question: str, locale: str) -> None:
    assert (await Reranker(10, None).score(question, [make_chunk("Bees")], locale)).outcome == "skipped"


def test_text_is_told_by_its_letters() -> None:
    assert is_latin("bees 蜂")
    assert is_latin("42")
    assert not is_latin("Где живут пчёлы, bees?")


def test_the_search_s_order_weighs_less_than_the_cross_encoder_s() -> None:
    assert combine([2.0, 1.0], [0.0, 0.0]) == [0.65, 0.35]
    first, second = combine([2.0, 1.0], [-8.0, 8.0])
    assert second > first
    assert combine([1.0], [0.0]) == [0.65]


async def test_a_model_that_cannot_be_loaded_leaves_the_search_as_it_is(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.onnx").write_text("no model")
    (tmp_path / "tokenizer.json").write_text("{}")
    reranker = open_reranker(f"onnx:{tmp_path}", sections=10, seconds=None)
    found = await ask(index, QUESTION, reranker)
    assert found.reranked == "failed"
    assert found.passages


def test_a_setting_names_it(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    assert open_reranker("off", sections=10, seconds=None) is None
    assert open_reranker("default", sections=10, seconds=None) is not None
    with pytest.raises(EmbeddingFailed, match=r"holds no model\.onnx"):
        open_reranker("onnx:nowhere", sections=10, seconds=None)
    monkeypatch.setattr("booklight.search.reranking.is_installed", lambda name: name != installed_files.CROSS_ENCODER)
    assert open_reranker("default", sections=10, seconds=None) is None
    assert "not installed" in caplog.text
