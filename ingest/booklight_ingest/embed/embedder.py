"""Embedders: the dense half of the index. The default needs no network; any OpenAI-compatible server can replace it."""

import importlib.util
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from booklight_ingest.bm25 import heading_path
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.vectors import Floats as Floats
from booklight_ingest.errors import EmbeddingFailed

DEFAULT = "default"
NO_EMBEDDING = "none"

_log = logging.getLogger(__name__)


class Embedder(Protocol):
    """Turns texts into unit vectors of `size` numbers, one row a text; a text without meaning is all zeros.

    `name` tells indexes apart: vectors of another name are never compared. `size` is 0 when there are no vectors, or
    before a provider has made its first. `weights` is what was learned from the book and is stored with its index.
    """

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def weights(self) -> Floats | None: ...

    def fit(self, texts: Sequence[str]) -> "Embedder":
        """Return this embedder with weights learned from a book's texts."""

    def restore(self, weights: Floats | None) -> "Embedder":
        """Return this embedder with weights that `fit` learned before."""

    async def embed_documents(self, texts: Sequence[str]) -> Floats:
        """Embed what is stored. Raises EmbeddingFailed."""

    async def embed_query(self, texts: Sequence[str]) -> Floats:
        """Embed what is asked. Raises EmbeddingFailed."""


class NoEmbedder:
    """Stands in where no embedding can be made: the index is BM25 alone."""

    name = NO_EMBEDDING
    size = 0
    weights: Floats | None = None

    def fit(self, texts: Sequence[str]) -> "NoEmbedder":
        return self

    def restore(self, weights: Floats | None) -> "NoEmbedder":
        return self

    async def embed_documents(self, texts: Sequence[str]) -> Floats:
        return np.zeros((len(texts), 0), dtype=np.float32)

    async def embed_query(self, texts: Sequence[str]) -> Floats:
        return await self.embed_documents(texts)


class LateEmbedder:
    """An embedder that is loaded once it is fitted or restored: a sync that embeds nothing does without."""

    weights: Floats | None = None

    def __init__(self, name: str, size: int, load: Callable[[], Embedder]) -> None:
        self.name = name
        self.size = size
        self._load = load

    def fit(self, texts: Sequence[str]) -> Embedder:
        return self._load().fit(texts)

    def restore(self, weights: Floats | None) -> Embedder:
        return self._load().restore(weights)

    async def embed_documents(self, texts: Sequence[str]) -> Floats:
        return await self._load().embed_documents(texts)

    async def embed_query(self, texts: Sequence[str]) -> Floats:
        return await self._load().embed_query(texts)


def open_embedder(name: str = DEFAULT, *, base_url: str | None = None, api_key: str | None = None) -> Embedder:
    """Return the embedder that a setting names: `default`, or `openai:<model>` at OpenAI or at `base_url`.

    Where the default's wheel does not exist this is NoEmbedder, and a warning says so. Raises EmbeddingFailed.
    """
    provider, _, model = name.partition(":")
    if provider == "openai" and model:
        from booklight_ingest.embed.openai import OpenAIEmbedder

        return OpenAIEmbedder(model, base_url=base_url, api_key=api_key)
    if name != DEFAULT:
        raise EmbeddingFailed(f"the embedding {name!r} is not known: use `default` or `openai:<model>`")
    if importlib.util.find_spec("wordllama") is None:
        _log.warning("wordllama has no wheel for this platform: the index is BM25 alone, without dense vectors")
        return NoEmbedder()
    from booklight_ingest.embed.word_vectors import WordVectors

    return LateEmbedder(WordVectors.name, WordVectors.size, WordVectors)


def embedded_text(chunk: Chunk) -> str:
    """Return what is embedded for a chunk: the path of headings, then its text."""
    return " > ".join(heading_path(chunk)) + "\n" + chunk.text
