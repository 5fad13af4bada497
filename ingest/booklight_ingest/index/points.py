"""From chunks to points: embedding in batches, reusing vectors that can be, telling how far it is."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from booklight_ingest.bm25 import Sparse, saturate
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.embedder import Embedder, Floats, embedded_text
from booklight_ingest.index.engine import Point

BATCH = 512

# Called with the number of chunks written so far and the number to write.
Progress = Callable[[int, int], None]


class Vectors:
    """Dense vectors of chunks: taken from `stored` points where they are there, else made; `made` counts those."""

    def __init__(self, embedder: Embedder, stored: Mapping[str, Point] | None = None) -> None:
        self._embedder = embedder
        self._stored = stored or {}
        self.made = 0

    @property
    def size(self) -> int:
        """The length of the vectors, 0 where there are none."""
        stored = next((point.dense for point in self._stored.values()), None)
        return self._embedder.size if stored is None else len(stored)

    async def embed(self, chunks: Sequence[Chunk]) -> list[Floats | None]:
        """Return a vector for each chunk, None where the index is BM25 alone. Raises EmbeddingFailed."""
        fresh = [chunk for chunk in chunks if chunk.id not in self._stored]
        rows = await self._embedder.embed_documents([embedded_text(chunk) for chunk in fresh])
        made = {chunk.id: row for chunk, row in zip(fresh, rows, strict=True)}
        self.made += len(fresh)
        if not self.size:
            return [None] * len(chunks)
        return [made[chunk.id] if chunk.id in made else self._stored[chunk.id].dense for chunk in chunks]


async def make_points(
    chunks: Sequence[Chunk], frequencies: Sequence[Sparse], mean: float, vectors: Vectors, progress: Progress
) -> AsyncIterator[list[Point]]:
    """Yield the points of `chunks` a batch at a time; `frequencies` are their terms, `mean` the mean length of all."""
    for start in range(0, len(chunks), BATCH):
        batch = chunks[start : start + BATCH]
        dense = await vectors.embed(batch)
        sparse = [saturate(counts, mean) for counts in frequencies[start : start + BATCH]]
        yield [Point(*parts) for parts in zip(batch, dense, sparse, strict=True)]
        progress(start + len(batch), len(chunks))
