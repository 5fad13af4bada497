"""Is it in the book? An estimate from how well one passage fits a question, and from what the book does not know.

The weights are those of a logistic regression over 190 questions on three books, which `bench/answerability.py` makes
again; fitted on two of them it tells the third's questions apart (AUC .904, without the nearest passage .885). A name
that the book lacks weighs less than readers would think, since they mistype names and bring their own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from booklight.contracts import Evidence
from booklight_ingest.bm25 import QueryTerm

# Chosen on the books that a fit had not seen: 4.7 % of the answerable questions fall below, and 55 % of the others. A
# refusal is worth more doubt than a poor quotation.
FOUND_FROM = 0.3
UNTELLING = 0.5


@dataclass(frozen=True, slots=True)
class Weights:
    """What each evidence counts, in log odds."""

    bias: float
    match: float
    unknown: float
    stranger: float
    nearest: float = 0.0


WITH_NEAREST = Weights(-3.4, 2.65, -1.65, -1.7, 8.2)
BY_WORDS = Weights(-0.5, 3.35, -2.1, -1.6)


def weigh(terms: Sequence[QueryTerm], best_score: float, nearest: float | None = None) -> Evidence | None:
    """Return the evidence for a question, given its best BM25 score; None when none of its terms is telling."""
    total = sum(term.idf for term in terms)
    if total == 0:
        return None
    unknown = [term for term in terms if not term.known]
    stranger = any(term.named for term in unknown)
    return Evidence(best_score / total, sum(term.idf for term in unknown) / total, stranger, nearest)


def estimate(evidence: Evidence | None) -> float:
    """Return how likely it is that the book answers, between 0 and 1."""
    if evidence is None:
        return UNTELLING
    weights = BY_WORDS if evidence.nearest is None else WITH_NEAREST
    odds = weights.bias + weights.match * evidence.match + weights.unknown * evidence.unknown
    odds += weights.stranger * evidence.stranger + weights.nearest * (evidence.nearest or 0.0)
    return 1 / (1 + math.exp(-odds))
