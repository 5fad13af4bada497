import importlib.util
import math
import subprocess
import sys
from importlib.machinery import ModuleSpec

import numpy as np
import pytest

from booklight_ingest.embed.embedder import NoEmbedder, embedded_text, open_embedder
from booklight_ingest.embed.vectors import unit_rows
from booklight_ingest.embed.word_vectors import WordVectors
from booklight_ingest.errors import EmbeddingFailed
from ingest.tests.books import make_chunk

TEXTS = ["Install the package with npm", "Deploy the site with Docker", "The site is deployed with a container"]


async def test_vectors_are_of_unit_length_and_alike_for_like_texts() -> None:
    embedder = open_embedder().fit(TEXTS)
    vectors = await embedder.embed_documents(TEXTS)
    assert vectors.shape == (3, embedder.size)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[1] @ vectors[2] > vectors[0] @ vectors[2]


async def test_pooling_listens_to_the_rare_words_of_the_book() -> None:
    book = ["docusaurus site theme", "docusaurus site plugin", "docusaurus site search", "docusaurus site deploy"]
    plain, fitted = WordVectors(), WordVectors().fit(book)
    rare, common = "deploy", "docusaurus"
    for embedder in (plain, fitted):
        assert embedder.size == 256
    assert await _closeness(fitted, f"{common} {rare}", rare) > await _closeness(plain, f"{common} {rare}", rare)


def test_two_weights_multiplied_are_the_idf() -> None:
    weights = WordVectors().fit(TEXTS).weights
    assert weights is not None
    assert weights.max() ** 2 == pytest.approx(math.log(1 + (3 + 0.5) / 0.5))


async def _closeness(embedder: WordVectors, one: str, other: str) -> float:
    first, second = await embedder.embed_query([one, other])
    return float(first @ second)


async def test_weights_are_restored_as_they_were_learned() -> None:
    fitted = WordVectors().fit(TEXTS)
    restored = WordVectors().restore(fitted.weights)
    assert np.array_equal(await fitted.embed_query(TEXTS), await restored.embed_query(TEXTS))


@pytest.mark.parametrize("text", ["", "   "])
async def test_a_text_of_nothing_is_a_vector_of_finite_numbers(text: str) -> None:
    assert np.isfinite(await WordVectors().fit(TEXTS).embed_query([text])).all()


async def test_no_texts_are_no_vectors() -> None:
    assert (await WordVectors().embed_documents([])).shape == (0, 256)


def test_rows_that_are_no_numbers_become_zeros() -> None:
    rows = unit_rows(np.array([[3, 4], [0, 0], [np.nan, np.inf]], dtype=np.float32))
    assert rows.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0], [0, 0]]


def test_loading_the_model_leaves_the_log_and_the_hub_alone() -> None:
    program = """
import logging, sys
from booklight_ingest.embed.word_vectors import WordVectors
levels = []
logging.getLogger().setLevel = levels.append
WordVectors()
assert levels == []
assert logging.getLogger().handlers == []
assert "wordllama" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


async def test_without_a_wheel_the_index_is_bm25_alone_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found = importlib.util.find_spec

    def no_wordllama(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "wordllama" else found(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", no_wordllama)
    embedder = open_embedder()
    assert isinstance(embedder, NoEmbedder)
    assert (await embedder.embed_documents(TEXTS)).shape == (3, 0)
    assert "BM25 alone" in caplog.text


def test_an_unknown_embedding_is_refused_by_name() -> None:
    with pytest.raises(EmbeddingFailed, match="'voyage:3' is not known"):
        open_embedder("voyage:3")


def test_a_chunk_is_embedded_under_its_headings() -> None:
    assert embedded_text(make_chunk("Push it.", title="Deploy", heading="Docker")) == "Deploy > Docker\nPush it."
