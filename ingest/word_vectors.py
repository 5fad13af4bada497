"""The default embedder: wordllama's token vectors, pooled by how telling each token is in this very book."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.embed import Floats, unit_rows

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SIZE = 256
BATCH = 512


class WordVectors:
    """Sums a text's token vectors, each weighted by the roots of its IDF in the book and of its count.

    Question and chunk are weighted alike, so a token that both have enters their product by its whole IDF, as in BM25.
    Until it is fitted all tokens weigh the same.
    """

    name = f"wordllama-{SIZE}"
    size = SIZE

    def __init__(self, weights: Floats | None = None) -> None:
        self._tokens, self._tokenizer = _load_model()
        self._weighted = self._tokens if weights is None else self._tokens * weights[:, None]
        self._weights = weights

    @property
    def weights(self) -> Floats | None:
        """The root of the IDF of each of the model's tokens in the book."""
        return self._weights

    def fit(self, texts: Sequence[str]) -> "WordVectors":
        found = np.zeros(len(self._tokens))
        for ids in self._encode(texts):
            found[np.unique(ids)] += 1
        idf = np.log(1 + (len(texts) - found + 0.5) / (found + 0.5))
        return WordVectors(np.sqrt(idf).astype(np.float32))

    def restore(self, weights: Floats | None) -> "WordVectors":
        return WordVectors(weights)

    async def embed_documents(self, texts: Sequence[str]) -> Floats:
        if not texts:
            return np.zeros((0, SIZE), dtype=np.float32)
        return unit_rows(np.stack([self._pool(ids) for ids in self._encode(texts)]))

    async def embed_query(self, texts: Sequence[str]) -> Floats:
        return await self.embed_documents(texts)

    def _pool(self, ids: list[int]) -> Floats:
        different, counts = np.unique(np.array(ids, dtype=np.int64), return_counts=True)
        pooled: Floats = np.sqrt(counts, dtype=np.float32) @ self._weighted[different]
        return pooled

    def _encode(self, texts: Sequence[str]) -> Iterator[list[int]]:
        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            for encoding in self._tokenizer.encode_batch_fast(batch, add_special_tokens=False):
                yield encoding.ids


@cache
def _load_model() -> "tuple[Floats, Tokenizer]":
    with _logging_untouched():
        import wordllama

    # The wheel carries the model; its loader would look in the user's cache first and then ask a model hub.
    model = wordllama.WordLlama.load(dim=SIZE, cache_dir=Path(wordllama.__file__).parent, disable_download=True)
    model.tokenizer.no_padding()
    model.tokenizer.no_truncation()
    return model.embedding, model.tokenizer


@contextmanager
def _logging_untouched() -> Iterator[None]:
    """Leave the root logger as it is: importing wordllama would configure it, unless it has a handler already."""
    root, placeholder = logging.getLogger(), logging.NullHandler()
    level, handlers = root.level, root.handlers[:]
    root.addHandler(placeholder)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
