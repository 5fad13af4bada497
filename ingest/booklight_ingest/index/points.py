"""From chunks to points: embedding in batches, reusing vectors that can be, telling how far it is."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

import numpy as np

from booklight_ingest.bm25 import Sparse, saturate
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.embedder import Embedder, embedded_text
from booklight_ingest.embed.vectors import Floats
from booklight_ingest.index.engine import Engine, Point

BATCH = 512

# Called with the number of chunks embedded so far and the number to embed.
Progress = Callable[[int, int], None]


class Vectors:
    """Dense vectors of texts: taken from `stored` ones where they are there, else made; `made` counts those."""

    def __init__(self, embedder: Embedder, stored: Mapping[str, Floats] | None = None) -> None:
        self._embedder = embedder
        self._stored = dict(stored or {})
        self.made = 0

    @property
    def size(self) -> int:
        """The length of the vectors, 0 where there are none."""
        stored = next(iter(self._stored.values()), None)
        return self._embedder.size if stored is None else len(stored)

    async def embed(self, texts: Sequence[str], done: Callable[[int], None]) -> list[Floats | None]:
        """Return a vector for each text, None where the index is BM25 alone; `done` hears of those made.

        Raises EmbeddingFailed.
        """
        fresh = [text for text in texts if text not in self._stored]
        made: dict[str, Floats] = {}
        for start in range(0, len(fresh), self._embedder.batch):
            batch = fresh[start : start + self._embedder.batch]
            made.update(zip(batch, await self._embedder.embed_documents(batch), strict=True))
            self.made += len(batch)
            done(self.made)
        if not self.size:
            return [None] * len(texts)
        return [made[text] if text in made else self._stored[text] for text in texts]

    def missing(self, texts: Iterable[str]) -> int:
        """Return how many of `texts` have yet to be embedded."""
        return sum(text not in self._stored for text in texts)


async def stored_vectors(engine: Engine, chunks: Sequence[Chunk]) -> dict[str, Floats]:
    """Return the vectors that `engine` holds of what is embedded of `chunks`, wherever in the book it stood."""
    wanted = {embedded_text(chunk) for chunk in chunks}
    found: dict[str, Floats] = {}
    async for points in engine.scroll() if wanted else _nothing():
        for point in points:
            if point.dense is not None and (text := embedded_text(point.chunk)) in wanted:
                found[text] = np.asarray(point.dense, dtype=np.float32)
    return found


async def make_points(
    chunks: Sequence[Chunk], frequencies: Sequence[Sparse], mean: float, vectors: Vectors, progress: Progress
) -> AsyncIterator[list[Point]]:
    """Yield the points of `chunks` a batch at a time; `frequencies` are their terms, `mean` the mean length of all."""
    texts = [embedded_text(chunk) for chunk in chunks]
    total = vectors.missing(texts)
    for start in range(0, len(chunks), BATCH):
        dense = await vectors.embed(texts[start : start + BATCH], lambda made: progress(made, total))
        sparse = [saturate(counts, mean) for counts in frequencies[start : start + BATCH]]
        yield [Point(*parts) for parts in zip(chunks[start : start + BATCH], dense, sparse, strict=True)]


async def _nothing() -> AsyncIterator[list[Point]]:
    return
    yield
