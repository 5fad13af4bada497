"""How hits become a ranking: fusion of the lists, penalties, bonuses and boosts, all pure, and all in whole columns.

A candidate goes by the number of its row; what is said of the candidates at one place of several columns belongs
together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from booklight.search.equal_passages import ScoreArray, keep_nearest, place_of
from booklight_ingest.index.engine import Hits
from booklight_ingest.index.rows import Numbers, Rows

# The depth of each list: deep enough that what one list finds is mostly in the other too, with a score of its own.
DEPTH = 100
WORDS_WEIGHT = 0.42
MEANING_WEIGHT = 0.58
RECURRING_PENALTY = 0.7
PAGE_BONUS = 0.4
PAGE_TOP = 3


@dataclass(frozen=True, slots=True)
class Boosts:
    """Factors for passages near the reader: in the same chapter, and further on the same page."""

    chapter: float = 1.2
    lesson: float = 1.1


def rank(lists: Iterable[tuple[Hits, float]], rows: Rows, boosts: ScoreArray, limit: int) -> list[tuple[str, float]]:
    """Return the `limit` best ids and their scores; equal scores are in the order of ids, so that every run agrees.

    Each list is one query by one vector, with its weight; what several of them found adds up. Hits that `rows` lack are
    left out. `boosts` are the factors of the chunks of each page. A text that stands on several takes one place.
    """
    numbers, scores = fuse([(*scale(*_candidates(hits, rows), rows), weight) for hits, weight in lists])
    scores = np.where(rows.recurring[numbers], scores * RECURRING_PENALTY, scores)
    pages = rows.pages[numbers]
    scores = ((scores + page_bonus(scores, pages)) * boosts[pages]).round(6)
    numbers, scores = keep_nearest(numbers, scores, boosts[pages], rows)
    best = _best_first(numbers, scores, rows)[:limit]
    ids = [point.decode() for point in rows.ids[numbers[best]].tolist()]
    return list(zip(ids, scores[best].tolist(), strict=True))


def scale(numbers: Numbers, scores: ScoreArray, rows: Rows) -> tuple[Numbers, ScoreArray]:
    """Return the best candidates, of DEPTH different texts, on a scale from 0, the last of them, to 1, the first.

    Those that score nothing are left out, not those whose cosine is negative; if all score the same, all are 1.
    """
    best = _best_first(numbers, scores, rows)
    best = best[scores[best] != 0]
    best = best[: place_of(rows.same_text[numbers[best]], DEPTH)]
    kept = scores[best]
    if not len(kept) or kept[0] == kept[-1]:
        return numbers[best], np.ones(len(kept))
    return numbers[best], (kept - kept[-1]) / (kept[0] - kept[-1])


def fuse(lists: Sequence[tuple[Numbers, ScoreArray, float]]) -> tuple[Numbers, ScoreArray]:
    """Add up the lists, each by its weight."""
    if not lists:
        return np.empty(0, dtype=np.intp), np.empty(0)
    found = np.concatenate([numbers for numbers, _, _ in lists])
    scores = np.concatenate([scores * weight for _, scores, weight in lists])
    numbers, at = np.unique(found, return_inverse=True)
    fused: ScoreArray = np.bincount(at, scores, len(numbers)).astype(np.float64)
    return numbers, fused


def page_bonus(scores: ScoreArray, pages: npt.NDArray[np.uint32]) -> ScoreArray:
    """Return what candidates gain from others on their page: a share of the mean of the page's best three."""
    order = np.lexsort((scores, pages))
    sorted_pages = pages[order]
    last = np.searchsorted(sorted_pages, sorted_pages, side="right")
    top = order[last - np.arange(len(order)) <= PAGE_TOP]
    sums = np.bincount(pages[top], scores[top])
    bonus: ScoreArray = PAGE_BONUS * sums[pages] / PAGE_TOP
    return bonus


def _candidates(hits: Hits, rows: Rows) -> tuple[Numbers, ScoreArray]:
    number_of = rows.number_of
    numbers = np.array([number_of.get(point, -1) for point in hits.ids], dtype=np.intp)
    known = numbers >= 0
    return numbers[known], np.array(hits.scores, dtype=np.float64)[known]


def _best_first(numbers: Numbers, scores: ScoreArray, rows: Rows) -> Numbers:
    return np.lexsort((rows.in_id_order[numbers], -scores))
