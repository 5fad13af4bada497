"""Is it in the book? An estimate from how well one passage fits a question, and from what the book does not know.

The weights are those of a logistic regression over 169 questions on four books, rounded; fitted on three of them it
tells the fourth's questions apart. A name the book lacks weighs less than it found, since readers mistype names and
bring their own. Word vectors do not enter: the nearest passage may be far, and they would not say so.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from booklight_ingest.bm25 import QueryTerm

# Of the 117 answerable questions 1 falls below, for which the search had found nothing right; of the 52 others 23. A
# refusal is worth more doubt than a poor quotation, so only the extreme is refused.
FOUND_FROM = 0.15
UNTELLING = 0.5

_BIAS, _MATCH, _UNKNOWN, _STRANGER = 1.0, 1.6, -4.5, -2.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer.

    `match` is the best BM25 score as a share of the question's summed IDF, from 0 to K1 + 1; `unknown` is the share of
    what the book does not have at all. `stranger` says that a name is part of that.
    """

    match: float
    unknown: float
    stranger: bool


def weigh(terms: Sequence[QueryTerm], best_score: float) -> Evidence | None:
    """Return the evidence for a question, given its best BM25 score; None when none of its terms is telling."""
    total = sum(term.idf for term in terms)
    if total == 0:
        return None
    unknown = [term for term in terms if not term.known]
    stranger = any(term.named for term in unknown)
    return Evidence(best_score / total, sum(term.idf for term in unknown) / total, stranger)


def estimate(evidence: Evidence | None) -> float:
    """Return how likely it is that the book answers, between 0 and 1."""
    if evidence is None:
        return UNTELLING
    odds = _BIAS + _MATCH * evidence.match + _UNKNOWN * evidence.unknown + _STRANGER * evidence.stranger
    return 1 / (1 + math.exp(-odds))
