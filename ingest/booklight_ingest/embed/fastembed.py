"""Embeddings and cross-encoders that Qdrant's library `fastembed` knows; it downloads a model once and keeps it."""

import asyncio
import importlib.util
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property, partial
from importlib import import_module
from typing import Protocol, cast

import numpy as np

from booklight_ingest.embed.vectors import Floats, unit_rows
from booklight_ingest.errors import EmbeddingFailed

PACKAGE = "fastembed"
CROSS_ENCODERS = "fastembed.rerank.cross_encoder"
EXTRA = "pip install 'booklight[fastembed]'"


class _Model(Protocol):
    """What of the library is used; both verbs put before the texts what the model wants there."""

    def query_embed(self, query: list[str]) -> Iterable[Floats]: ...

    def passage_embed(self, texts: list[str]) -> Iterable[Floats]: ...


class FastembedVectors:
    """Embeds in a thread by the model that `model` names. It is downloaded when it is first used."""

    batch = 32
    english_alone = False

    def __init__(self, model: str) -> None:
        self.name = f"fastembed:{model}"
        self.size = 0
        self._named = model
        self._loading = threading.Lock()

    def knows(self, word: str) -> bool:
        return True

    async def prepare(self) -> None:
        await self.embed_query(["."])

    async def embed_documents(self, texts: Sequence[str]) -> Floats:
        return await asyncio.to_thread(lambda: self._rows(self._loaded().passage_embed([*texts])))

    async def embed_query(self, texts: Sequence[str]) -> Floats:
        return await asyncio.to_thread(lambda: self._rows(self._loaded().query_embed([*texts])))

    def _rows(self, vectors: Iterable[Floats]) -> Floats:
        rows = [np.asarray(vector, dtype=np.float32) for vector in vectors]
        if not rows:
            return np.zeros((0, self.size), dtype=np.float32)
        self.size = len(rows[0])
        return unit_rows(np.stack(rows))

    def _loaded(self) -> _Model:
        with self._loading:
            return self._model

    @cached_property
    def _model(self) -> _Model:
        try:
            return cast(_Model, import_module(PACKAGE).TextEmbedding(self._named))
        except (ImportError, OSError, ValueError, RuntimeError) as error:
            raise EmbeddingFailed(f"{self.name} cannot be loaded: {error}") from error


class _Reranking(Protocol):
    def rerank(self, query: str, documents: Iterable[str]) -> Iterable[float]: ...


class FastembedCrossEncoder:
    """A cross-encoder that `model` names. It is downloaded when it is made. Raises EmbeddingFailed."""

    def __init__(self, model: str) -> None:
        try:
            self._model = cast(_Reranking, import_module(CROSS_ENCODERS).TextCrossEncoder(model))
        except (ImportError, OSError, ValueError, RuntimeError) as error:
            raise EmbeddingFailed(f"fastembed:{model} cannot be loaded: {error}") from error

    def score(self, question: str, text: str) -> float:
        """Return the logit of how well `text` answers `question`."""
        (logit,) = self._model.rerank(question, [text])
        return float(logit)


def open_fastembed(model: str) -> FastembedVectors:
    """Return the embedder; nothing is loaded yet. Raises EmbeddingFailed where the library is not there."""
    _require_package(model)
    return FastembedVectors(model)


def open_cross_encoder(model: str) -> Callable[[], FastembedCrossEncoder]:
    """Return what loads the cross-encoder, once. Raises EmbeddingFailed where the library is not there."""
    _require_package(model)
    return cache(partial(FastembedCrossEncoder, model))


def _require_package(model: str) -> None:
    if importlib.util.find_spec(PACKAGE) is None:
        raise EmbeddingFailed(f"`fastembed:{model}` needs the package {PACKAGE}: {EXTRA}")
