"""Is it in the book? An estimate from how much of a question the book knows, and whether one passage knows it together.

The weights are a logistic regression over 75 questions on two books; fitted on one of them they still tell the
other's questions apart. Word vectors do not enter: the nearest passage may be far, and they would not say so.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ingest.bm25 import QueryTerm, Sparse

# Of the 63 answerable questions 3 fall below, none of which the search had found; of the 12 others 3. A refusal is
# worth more doubt than a poor quotation, so only the extreme is refused.
FOUND_FROM = 0.15
UNTELLING = 0.5
PASSAGES = 3

_BIAS, _MATCH, _UNKNOWN, _SCATTERED = 1.98, 0.48, -6.48, -5.81


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer, each as a share of the question's summed IDF.

    `match` is the best BM25 score, from 0 to K1 + 1. `unknown` is what the book does not have at all. `scattered` is
    what the best passages have between them and the very best alone does not.
    """

    match: float
    unknown: float
    scattered: float


def weigh(terms: Sequence[QueryTerm], best_score: float, best: Sequence[Sparse]) -> Evidence | None:
    """Return the evidence for a question, given its best chunks by BM25; None when none of its terms is telling."""
    total = sum(term.idf for term in terms)
    if total == 0:
        return None
    found = [set(vector.indices.tolist()) for vector in best[:PASSAGES]]
    alone = _share(terms, found[0] if found else set())
    together = _share(terms, set().union(*found))
    unknown = sum(term.idf for term in terms if not term.known)
    return Evidence(best_score / total, unknown / total, (together - alone) / total)


def estimate(evidence: Evidence | None) -> float:
    """Return how likely it is that the book answers, between 0 and 1."""
    if evidence is None:
        return UNTELLING
    odds = _BIAS + _MATCH * evidence.match + _UNKNOWN * evidence.unknown + _SCATTERED * evidence.scattered
    return 1 / (1 + math.exp(-odds))


def _share(terms: Sequence[QueryTerm], present: Collection[int]) -> float:
    return sum(term.idf for term in terms if term.index in present)
