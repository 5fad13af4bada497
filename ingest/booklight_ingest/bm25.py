"""BM25 over a chunk's text and headings: the sparse half of the index.

A stored vector holds each term's saturated frequency and a query's vector the terms' IDF, so that their dot product is
the BM25 score. The IDF is ours rather than the engine's: one table then ranks alike in every engine, follows deletions
at once, and also tells how much of a question the book knows. Terms are hashed to 32 bits, which needs no vocabulary.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from booklight_ingest.chunks import Chunk
from booklight_ingest.terms import split_names, split_terms

K1 = 1.0
B = 0.4
# How often a heading below the page's title counts: it tells more of its section than a word of the text.
HEADING_COUNTS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Sparse:
    """A sparse vector: `values[i]` belongs to the term whose hash is `indices[i]`; indices are sorted and differ."""

    indices: npt.NDArray[np.uint32]
    values: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.indices)


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """A term of a question: its hash, its IDF, whether the book has it at all, and whether it is part of a name."""

    index: int
    idf: float
    known: bool
    named: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TermCounts:
    """In how many of the book's `chunks` chunks each term occurs; `hashes` are sorted."""

    chunks: int
    hashes: npt.NDArray[np.uint32]
    counts: npt.NDArray[np.uint32]

    def count(self, index: int) -> int:
        """Return the number of chunks that have the term, 0 when the book does not."""
        return self.counts_of([index])[0]

    def query_terms(self, text: str, locale: str) -> list[QueryTerm]:
        """Return the different terms of `text` with their IDF in this book."""
        names = {term_hash(term) for term in split_names(text, locale)}
        indices = sorted({term_hash(term) for term in split_terms(text, locale)})
        return [
            QueryTerm(index, math.log(1 + (self.chunks - count + 0.5) / (count + 0.5)), count > 0, index in names)
            for index, count in zip(indices, self.counts_of(indices), strict=True)
        ]

    def changed(self, chunks: int, added: Iterable[Sparse], removed: Iterable[Sparse]) -> "TermCounts":
        """Return the counts once some chunks have come and others gone, leaving `chunks` of them."""
        counts = Counter(dict(zip(self.hashes.tolist(), self.counts.tolist(), strict=True)))
        for vector in added:
            counts.update(vector.indices.tolist())
        for vector in removed:
            counts.subtract(vector.indices.tolist())
        kept = sorted((index, count) for index, count in counts.items() if count > 0)
        table = np.array(kept, dtype=np.uint32).reshape(-1, 2)
        return TermCounts(chunks, table[:, 0].copy(), table[:, 1].copy())

    def counts_of(self, indices: Sequence[int]) -> list[int]:
        """Return for each term the number of chunks that have it."""
        if not len(self.hashes):
            return [0] * len(indices)
        wanted = np.array(indices, dtype=np.uint32)
        at = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        counts: list[int] = np.where(self.hashes[at] == wanted, self.counts[at], 0).tolist()
        return counts


NO_COUNTS = TermCounts(0, np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.uint32))


@lru_cache(maxsize=65_536)
def term_hash(term: str) -> int:
    """Return `hash_term` of a term that is likely to come again."""
    return hash_term(term)


def hash_term(term: str) -> int:
    """Return the 32 bits that stand for a term, the same on every machine."""
    return int.from_bytes(blake2b(term.encode(), digest_size=4).digest(), "big")


def heading_path(chunk: Chunk) -> tuple[str, ...]:
    """Return the page's title and the headings that lead to `chunk`, without the sidebar's categories."""
    crumbs = chunk.breadcrumbs
    return crumbs[crumbs.index(chunk.page_title) :] if chunk.page_title in crumbs else crumbs


def count_terms(chunk: Chunk) -> Sparse:
    """Return how often each term occurs in `chunk`: in its text, its page's title and the headings below that."""
    title, *headings = heading_path(chunk)
    terms = split_terms(title, chunk.locale) + split_terms(chunk.text, chunk.locale)
    terms += split_terms(" ".join(headings), chunk.locale) * HEADING_COUNTS
    return sparse(sorted((term_hash(term), count) for term, count in Counter(terms).items()))


def mean_length(frequencies: Sequence[Sparse]) -> float:
    """Return the mean weighted length of chunks, at least 1."""
    return max(1.0, sum(float(vector.values.sum()) for vector in frequencies) / max(1, len(frequencies)))


def saturate(frequencies: Sparse, mean: float) -> Sparse:
    """Return BM25's weights of a chunk from its term frequencies."""
    norm = K1 * (1 - B + B * float(frequencies.values.sum()) / mean)
    values = frequencies.values * (K1 + 1) / (frequencies.values + norm)
    return Sparse(frequencies.indices, values.astype(np.float32))


def query_vector(terms: Sequence[QueryTerm]) -> Sparse:
    """Return the vector whose dot product with a stored one is the BM25 score; empty when the book knows no term."""
    return sparse([(term.index, term.idf) for term in terms if term.known])


def sparse(pairs: Sequence[tuple[int, float]]) -> Sparse:
    """Return the sparse vector of `(index, value)` pairs that are sorted and differ in their index."""
    indices = np.array([index for index, _ in pairs], dtype=np.uint32)
    return Sparse(indices, np.array([value for _, value in pairs], dtype=np.float32))
