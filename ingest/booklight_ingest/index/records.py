"""Points as both engines store and return them: named vectors and a payload.

The embedded engine and the server's client have types of their own with the same fields; what turns them into points
and back is written once, here.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from booklight_ingest.bm25 import Sparse
from booklight_ingest.chunks import Chunk
from booklight_ingest.index.engine import DENSE, SPARSE, Point, chunk_of

SparseVector = TypeVar("SparseVector")


class Record(Protocol):
    """A stored point. `vector` is a dict of the named vectors that were asked for."""

    @property
    def id(self) -> object: ...

    @property
    def payload(self) -> dict[str, Any] | None: ...

    @property
    def vector(self) -> object: ...


def vectors_of(
    point: Point, sparse: Callable[[list[int], list[float]], SparseVector]
) -> dict[str, list[float] | SparseVector]:
    """Return the named vectors of `point` to store; `sparse` makes an engine's own sparse vector."""
    vectors: dict[str, list[float] | SparseVector] = {
        SPARSE: sparse(point.sparse.indices.tolist(), point.sparse.values.tolist())
    }
    if point.dense is not None:
        vectors[DENSE] = point.dense.tolist()
    return vectors


def point_of(record: Record) -> Point:
    """Return the point that a record with its payload and all its vectors holds."""
    dense = _vector(record, DENSE)
    return Point(
        chunk_of(str(record.id), record.payload or {}),
        None if dense is None else np.array(dense, dtype=np.float32),
        terms_of(record),
    )


def terms_of(record: Record) -> Sparse:
    """Return the sparse vector of a record, without terms where it has none."""
    stored = _vector(record, SPARSE)
    indices, values = ([], []) if stored is None else (stored.indices, stored.values)
    return Sparse(np.array(indices, dtype=np.uint32), np.array(values, dtype=np.float32))


def chunks_in_order(ids: Sequence[str], records: Iterable[Record]) -> list[Chunk]:
    """Return the chunks of `records` in the order of `ids`, leaving out those that are not there."""
    found = {str(record.id): record for record in records}
    return [chunk_of(point_id, found[point_id].payload or {}) for point_id in ids if point_id in found]


def _vector(record: Record, name: str) -> Any:
    """Return a named vector as the engine has it: a list, or an object with `indices` and `values`."""
    return record.vector.get(name) if isinstance(record.vector, dict) else None
