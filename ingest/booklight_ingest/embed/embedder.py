"""Embedders: the dense half of the index. The default needs no network; any OpenAI-compatible server can replace it."""

import importlib.util
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from booklight_ingest.bm25 import heading_path
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.vectors import Floats
from booklight_ingest.errors import EmbeddingFailed

DEFAULT = "default"
NO_EMBEDDING = "none"
MULTILINGUAL = "multilingual"
KNOWN = "`default`, `multilingual`, `openai:<model>`, `fastembed:<model>`, `onnx:FOLDER` or `none`"
# What follows a heading path in a chunk's vector: the beginning tells what a section is about, the rest blurs it.
WORDS_EMBEDDED = 80

_log = logging.getLogger(__name__)


class Embedder(Protocol):
    """Turns texts into unit vectors of `size` numbers, one row a text; a text without meaning is all zeros.

    `name` tells indexes apart: vectors of another name are never compared. `size` is 0 when there are no vectors, or
    before a model has made its first. `batch` is how many documents are worth a call. `english_alone` says that the
    model knows no other language.
    """

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def batch(self) -> int: ...

    @property
    def english_alone(self) -> bool: ...

    def knows(self, word: str) -> bool:
        """Say whether `word` is in the vocabulary, so that it is no slip of the pen; True where nobody can tell."""

    async def prepare(self) -> None:
        """Load what questions are embedded with, so that the first need not wait. Raises EmbeddingFailed."""

    async def embed_documents(self, texts: Sequence[str]) -> Floats:
        """Embed what is stored; the first line of each is its heading path. Raises EmbeddingFailed."""

    async def embed_query(self, texts: Sequence[str]) -> Floats:
        """Embed what is asked. Raises EmbeddingFailed."""


class NoEmbedder:
    """Stands in where no embedding can be made: the index is BM25 alone."""

    name = NO_EMBEDDING
    size = 0
    batch = 512
    english_alone = False

    def knows(self, word: str) -> bool:
        return True

    async def prepare(self) -> None:
        """Nothing has to be loaded."""

    async def embed_documents(self, texts: Sequence[str]) -> Floats:
        return np.zeros((len(texts), 0), dtype=np.float32)

    async def embed_query(self, texts: Sequence[str]) -> Floats:
        return await self.embed_documents(texts)


def open_embedder(name: str = DEFAULT, *, base_url: str | None = None, api_key: str | None = None) -> Embedder:
    """Return the embedder that a setting names; `openai:<model>` is at OpenAI, or at `base_url`.

    Nothing is loaded yet. Where the default cannot run this is NoEmbedder, and a warning says so. Raises
    EmbeddingFailed.
    """
    provider, _, model = name.partition(":")
    if provider == "openai" and model:
        from booklight_ingest.embed.openai import OpenAIEmbedder

        return OpenAIEmbedder(model, base_url=base_url, api_key=api_key)
    if provider == "fastembed" and model:
        from booklight_ingest.embed.fastembed import open_fastembed

        return open_fastembed(model)
    if name == MULTILINGUAL:
        from booklight_ingest.embed.multilingual import open_multilingual

        return open_multilingual()
    if name == NO_EMBEDDING:
        return NoEmbedder()
    if provider == "onnx" and model:
        return _open_onnx(Path(model))
    if name != DEFAULT:
        raise EmbeddingFailed(f"the embedding {name!r} is not known: use {KNOWN}")
    missing = _missing_for_default()
    if missing:
        _log.warning("%s is not installed: the index is BM25 alone, without dense vectors", missing)
        return NoEmbedder()
    from booklight_ingest.embed.sentence_vectors import SentenceVectors

    return SentenceVectors()


def _open_onnx(folder: Path) -> Embedder:
    from booklight_ingest.embed.sentence_vectors import open_folder

    if importlib.util.find_spec("onnxruntime") is None:
        raise EmbeddingFailed("onnx:FOLDER needs onnxruntime, which has no wheel for this platform: set `none`")
    return open_folder(folder)


def _missing_for_default() -> str | None:
    """Return the package without which the default cannot run, None if all are there."""
    from booklight_ingest.embed.installed_files import CROSS_ENCODER, MINILM, is_installed

    if importlib.util.find_spec("onnxruntime") is None:
        return "onnxruntime"
    return next((name for name in (MINILM, CROSS_ENCODER) if not is_installed(name)), None)


def embedded_text(chunk: Chunk) -> str:
    """Return what is embedded for a chunk: the path of headings, and in the next line its text's first words."""
    return beginning(chunk, WORDS_EMBEDDED)


def beginning(chunk: Chunk, words: int) -> str:
    """Return the path of headings of a chunk, and in the next line the first `words` of its text."""
    path = " > ".join(" ".join(heading.split()) for heading in heading_path(chunk))
    return path + "\n" + " ".join(chunk.text.split(maxsplit=words)[:words])
