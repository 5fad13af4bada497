"""The book as insights need it: its pages and headings, what is nearest to a question, and what has changed."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import numpy as np

from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.embedder import Embedder
from booklight_ingest.embed.vectors import Floats
from booklight_ingest.index.engine import Engine
from booklight_ingest.index.filters import Filter
from booklight_ingest.index.live import Index
from booklight_ingest.index.manifest import page_key

EMBEDDED_AT_ONCE = 64


class Place(NamedTuple):
    """A page or a section: its URL as readers follow it, and its heading."""

    url: str
    heading: str


@dataclass(frozen=True)
class BookPlaces:
    """What is in the index; of a book without one, only `embed` has an answer.

    `pages` are by `page_key` of their path, `headings` by that and their anchor. `absolute` makes of an address what
    readers follow.
    """

    embedder: Embedder
    title: str | None = None
    engine: Engine | None = None
    dense: bool = False
    pages: Mapping[str, Place] = field(default_factory=dict)
    headings: Mapping[tuple[str, str], Place] = field(default_factory=dict)
    absolute: Callable[[str], str] = lambda address: address

    async def embed(self, texts: Sequence[str]) -> list[Floats]:
        """Return the vector of each text; vectors without numbers where there is no embedding."""
        batches = [texts[start : start + EMBEDDED_AT_ONCE] for start in range(0, len(texts), EMBEDDED_AT_ONCE)]
        found = [vector for batch in batches for vector in await self.embedder.embed_query(batch)]
        return found or [np.empty(0, dtype=np.float32) for _ in texts]

    async def find_nearest(self, texts: Sequence[str], vectors: Floats) -> list[tuple[Place, float | None] | None]:
        """Return for each text the nearest section and its distance, None where there is none to compare with."""
        if self.engine is None or not self.dense or not vectors.size:
            return [None for _ in texts]
        hits = await self.engine.nearest([*vectors], Filter(), 1)
        ids = [str(UUID(int=hit.ids[0])) if hit.ids else "" for hit in hits]
        chunks = {chunk.id: chunk for chunk in await self.engine.load([*dict.fromkeys(filter(None, ids))])}
        return [
            (self._place(chunks[point]), round(1 - hit.scores[0], 2)) if point in chunks else None
            for point, hit in zip(ids, hits, strict=True)
        ]

    def find_heading(self, path: str | None, anchor: str | None) -> Place | None:
        """Return the heading that a selection stands under, or its page where it has none."""
        if path is None:
            return None
        key = page_key(path)
        return self.headings.get((key, anchor or "")) or self.pages.get(key)

    async def content_hashes(self, ids: Sequence[str]) -> dict[str, str] | None:
        """Return the content hashes of those chunks that there are; None without an index."""
        if self.engine is None:
            return None
        return {chunk.id: chunk.content_hash for chunk in await self.engine.load(ids)}

    def _place(self, chunk: Chunk) -> Place:
        return Place(self.absolute(chunk.address), chunk.heading or chunk.page_title)


@asynccontextmanager
async def opened_places(index: Index, embedder: Embedder, absolute: Callable[[str], str]) -> AsyncIterator[BookPlaces]:
    """Read the headings of an index, and hold it open. Raises IndexUnavailable."""
    pages: dict[str, Place] = {}
    headings: dict[tuple[str, str], Place] = {}
    async with index.reading() as reading:
        generation = reading.generation
        async for points in generation.engine.scroll():
            for point in points:
                chunk, key = point.chunk, page_key(point.chunk.path)
                address = absolute(chunk.address)
                pages.setdefault(key, Place(address.partition("#")[0], chunk.page_title))
                if chunk.anchor and chunk.heading:
                    headings.setdefault((key, chunk.anchor), Place(address, chunk.heading))
        yield BookPlaces(
            embedder=embedder,
            title=index.info.site_title,
            engine=generation.engine,
            dense=index.info.embedding == embedder.name and index.info.size > 0,
            pages=pages,
            headings=headings,
            absolute=absolute,
        )
