"""The default embedder: wordllama's token vectors, pooled by how telling each token is in this very book."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from booklight_ingest.embed.vectors import Floats, unit_rows

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SIZE = 256
BATCH = 512
# A question of as many characters is embedded at once; the tokenizer takes milliseconds for longer texts, without the
# interpreter, so that a thread is worth its start.
INLINE = 1_500


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
        return self._embed(texts)

    async def embed_query(self, texts: Sequence[str]) -> Floats:
        if sum(map(len, texts)) <= INLINE:
            return self._embed(texts)
        return await asyncio.to_thread(self._embed, texts)

    def _embed(self, texts: Sequence[str]) -> Floats:
        if not texts:
            return np.zeros((0, SIZE), dtype=np.float32)
        return unit_rows(np.stack([self._pool(ids) for ids in self._encode(texts)]))

    def _pool(self, ids: list[int]) -> Floats:
        counts = Counter(ids)
        different = sorted(counts)
        repeats = np.array([counts[token] for token in different], dtype=np.int64)
        pooled: Floats = np.sqrt(repeats, dtype=np.float32) @ self._weighted[different]
        return pooled

    def _encode(self, texts: Sequence[str]) -> Iterator[list[int]]:
        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            for encoding in self._tokenizer.encode_batch_fast(batch, add_special_tokens=False):
                yield encoding.ids


@cache
def _load_model() -> "tuple[Floats, Tokenizer]":
    """Read the model that the wheel of wordllama carries.

    Not by its own loader, which imports what asks a model hub, looks in the user's cache first and sets up logging.
    """
    from safetensors import safe_open
    from tokenizers import Tokenizer

    folder = _model_folder()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizers/l2_supercat_tokenizer_config.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    with safe_open(folder / f"weights/l2_supercat_{SIZE}.safetensors", framework="np") as weights:
        return weights.get_tensor("embedding.weight").astype(np.float32), tokenizer


def _model_folder() -> Path:
    spec = find_spec("wordllama")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("wordllama is not installed")
    return Path(spec.origin).parent
