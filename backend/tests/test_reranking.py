"""The cross-encoder orders what a search found, and gives way when it is late, busy or does not know the language."""

import asyncio
import importlib.util
import sys
import threading
from collections.abc import AsyncIterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
import pytest_asyncio

from backend.tests.key import KEY
from backend.tests.live import index_small_book as index_bees
from backend.tests.live import question_request, serve, until_ready
from booklight.app import create_app
from booklight.contracts import Found, SearchRequest
from booklight.search.passages import search
from booklight.search.reranking import FEWEST_READ, MOST_ASKED, Reranker, Scored, combine, is_latin, open_reranker
from booklight.settings import Settings
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
    return await search(index, SearchRequest([question]), limit=limit, reranker=reranker)


def built_in(sections: int, seconds: float | None) -> Reranker:
    """Return the cross-encoder that comes with the package."""
    reranker = open_reranker("default", sections=sections, seconds=seconds)
    assert reranker is not None
    return reranker


async def test_the_first_sections_are_ordered_anew_and_carry_their_logit(index: Index) -> None:
    question = "the reader's several workers and threads and the provider"
    plain = await ask(index, question, None)
    found = await ask(index, question, built_in(2, None))
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
    scored = await built_in(10, None).score(QUESTION, chunks, "en")
    batches, postgres = scored.logits
    assert postgres > batches


async def test_no_more_than_the_limit_are_returned(index: Index) -> None:
    assert len((await ask(index, "install the provider image", built_in(10, None), limit=1)).passages) == 1


async def test_when_it_is_late_the_order_without_it_stands(index: Index) -> None:
    question = f"{QUESTION} Nobody has asked this before."
    found = await ask(index, question, built_in(10, 0.0))
    assert found.reranked == "late"
    assert found.passages == (await ask(index, question, None)).passages


class LengthModel:
    """Likes long texts, and keeps what it was asked to read."""

    def __init__(self) -> None:
        self.read = list[tuple[str, str]]()

    def score(self, question: str, text: str) -> float:
        self.read.append((question, text))
        return float(len(text))


async def test_one_that_remembers_reads_each_pair_once_and_others_every_time() -> None:
    model = LengthModel()
    plain = Reranker(10, None, lambda: model, english_alone=False)
    for reranker, read in ((plain.remembering(), ["a", "bb", "ccc"]), (plain, ["a", "bb", "bb", "ccc"])):
        model.read.clear()
        for texts in (["a", "bb"], ["bb", "ccc"]):
            scored = await reranker.score_texts("eggs", texts, "en", None)
            assert scored == Scored("done", tuple(float(len(text)) for text in texts))
        assert model.read == [("eggs", text) for text in read]
    remembering = plain.remembering()
    for question in ("eggs", "wax"):
        await remembering.score_texts(question, ["bb"], "en", None)
    assert model.read[-2:] == [("eggs", "bb"), ("wax", "bb")]


class HeldModel:
    """Likes each section more than the one before, and after `free` of them waits until it is let go."""

    def __init__(self, free: int) -> None:
        self.free, self.runs, self.let_go = free, 0, threading.Event()

    def score(self, question: str, text: str) -> float:
        if self.runs == self.free:
            self.let_go.wait(10)
        self.runs += 1
        return float(self.runs)


@pytest.mark.parametrize(("free", "outcome"), [(FEWEST_READ, "partly"), (FEWEST_READ - 1, "late")])
async def test_when_time_is_up_what_has_been_read_is_ordered_and_the_rest_follows(
    index: Index, free: int, outcome: str
) -> None:
    model = HeldModel(free)
    question = "the reader's several workers and threads and the provider and the site and node"
    plain = [passage.chunk.id for passage in (await ask(index, question, None)).passages]
    assert len(plain) > FEWEST_READ
    found = await ask(index, question, Reranker(10, 0.5, lambda: model, english_alone=True))
    model.let_go.set()
    assert found.reranked == outcome
    read = FEWEST_READ if outcome == "partly" else 0
    ids = [passage.chunk.id for passage in found.passages]
    assert sorted(ids[:read]) == sorted(plain[:read])
    assert ids[read:] == plain[read:]
    assert [passage.logit is not None for passage in found.passages] == [at < read for at in range(len(ids))]


async def test_a_question_whose_time_is_up_is_read_no_further() -> None:
    model = HeldModel(1)
    reranker = Reranker(10, 0.2, lambda: model, english_alone=True)
    assert (await reranker.score(QUESTION, small_book(), "en")).outcome == "late"
    model.let_go.set()
    await reranker.prepare()
    assert model.runs == 2


async def test_over_http_a_turn_s_search_is_ordered_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Found] = []

    async def watched(*arguments: Any, **options: Any) -> Found:
        seen.append(await search(*arguments, **options))
        return seen[-1]

    monkeypatch.setattr("booklight.assembly.search", watched)
    await index_bees(tmp_path / "index")
    settings = Settings(
        _env_file=None,
        database_url=f"sqlite:///{tmp_path}/booklight.db",
        secret_key=KEY,
        index_path=tmp_path / "index",
        embedding="none",
        rerank_milliseconds=60_000,
    )
    async with serve(create_app(settings)) as url, httpx.AsyncClient(base_url=url, timeout=60) as http:
        await until_ready(http)
        answer = await http.post("/assistant/chatkit", json=question_request("What is a waggle dance?"))
        metrics = (await http.get("/metrics")).text
    assert answer.status_code == 200
    assert seen[0].reranked == "done"
    assert seen[0].passages[0].logit is not None
    assert 'booklight_reranked_total{outcome="done"}' in metrics


async def test_a_queue_that_is_full_is_not_joined() -> None:
    reranker = built_in(10, None)
    asked = [reranker.score(QUESTION, small_book(), "en") for _ in range(MOST_ASKED + 1)]
    outcomes = [scored.outcome for scored in await asyncio.gather(*asked)]
    assert outcomes == ["done"] * MOST_ASKED + ["busy"]
    assert (await reranker.score(QUESTION, small_book(), "en")).outcome == "done"


@pytest.mark.parametrize(("question", "locale"), [("Wie lange?", "de"), ("蜂はどこに住んでいますか", "en")])
async def test_a_language_it_does_not_know_is_left_alone(question: str, locale: str) -> None:
    assert (await built_in(10, None).score(question, [make_chunk("Bees")], locale)).outcome == "skipped"


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


class Letters:
    """In the place of `fastembed`'s cross-encoder: likes a text by how often it has the question's first letter."""

    def __init__(self, name: str) -> None:
        if name == "unheard/of":
            raise ValueError("Model unheard/of is not supported")

    def rerank(self, query: str, documents: list[str]) -> list[float]:
        return [float(text.count(query[0])) for text in documents]


async def test_another_cross_encoder_is_taken_from_fastembed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EmbeddingFailed, match=r"pip install 'booklight\[fastembed\]'"):
        open_reranker("fastembed:some/model", sections=2, seconds=None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: ModuleSpec(name, None))
    module = ModuleType("fastembed.rerank.cross_encoder")
    module.TextCrossEncoder = Letters  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    reranker = open_reranker("fastembed:some/model", sections=2, seconds=None)
    assert reranker is not None
    chunks = [make_chunk("蜂蜂"), make_chunk("蜂")]
    assert await reranker.score("蜂", chunks, "ja") == Scored("done", (2.0, 1.0))
    unheard = open_reranker("fastembed:unheard/of", sections=2, seconds=None)
    assert unheard is not None
    with pytest.raises(EmbeddingFailed, match="unheard/of is not supported"):
        await unheard.prepare()
