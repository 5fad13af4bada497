"""Whether a generation is whole: it is searched by each of its vectors and every point is read, before it is used.

An index can be damaged in ways that show only when something is read that a search happens to find.
"""

import asyncio

import numpy as np

from booklight_ingest.bm25 import Sparse
from booklight_ingest.embed.vectors import Floats
from booklight_ingest.index.damage import as_damage, damaged
from booklight_ingest.index.engine import Engine
from booklight_ingest.index.filters import Filter
from booklight_ingest.index.manifest import Manifest

# Each batch is read at once, and others get a turn between two.
BATCH = 32


async def verify(manifest: Manifest, engine: Engine, stored: int, where: str) -> None:
    """Return if all that the manifest names is there, of `stored` points. Raises IndexMissing and IndexUnavailable."""
    with as_damage(where):
        if stored != manifest.info.chunks or len(manifest.rows) != manifest.info.chunks:
            raise damaged(where)
        # The same as its first search would work out, and long enough for others to notice.
        await asyncio.to_thread(manifest.prepare)
        for hits in await engine.nearest(any_vectors(manifest), Filter(), 1):
            if not hits.ids:
                raise damaged(where)
        for start in range(0, len(manifest.rows), BATCH):
            batch = [key.decode() for key in manifest.rows.ids[start : start + BATCH].tolist()]
            if len(await engine.load(batch)) != len(batch):
                raise damaged(where)


def any_vectors(manifest: Manifest) -> list[Floats | Sparse]:
    """Return a vector of each kind that an index like this one has something near to; none if it has nothing."""
    dense = [np.eye(1, manifest.info.size, dtype=np.float32)[0]] if manifest.info.size and len(manifest.rows) else []
    hashes = manifest.counts.hashes[:1].astype(np.uint32)
    return [*dense, *([Sparse(hashes, np.ones(1, dtype=np.float32))] if len(hashes) else [])]
