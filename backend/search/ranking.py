"""How hits become a ranking: fusion of the two lists, penalties, bonuses and boosts, all pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingest.catalogue import Row
from ingest.engine import Hit

# The depth of each list: deep enough that what one list finds is mostly in the other too, with a score of its own.
DEPTH = 100
RECURRING_PENALTY = 0.7
PAGE_BONUS = 0.4
PAGE_TOP = 3

Scores = dict[str, float]
# The factor of a page's chunks, by its path.
Boost = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Boosts:
    """Factors for passages near the reader: in the same chapter, and further on the same page."""

    chapter: float = 1.2
    lesson: float = 1.1


def rank(lists: Iterable[Sequence[Hit]], row_of: Mapping[str, Row], boost: Boost) -> list[tuple[str, float]]:
    """Return ids and scores, best first; equal scores are ordered by id, so that every run gives the same.

    Each list is one query by one vector; what several of them found adds up.
    """
    scores = penalize_recurring(fuse(lists), row_of)
    scores = add_page_bonus(scores, row_of)
    boosted = {point: round(score * boost(row_of[point].path), 6) for point, score in scores.items()}
    return sorted(boosted.items(), key=lambda item: (-item[1], item[0]))


def fuse(lists: Iterable[Sequence[Hit]]) -> Scores:
    """Add up the lists, each brought to 0–1 and weighing a half."""
    scores: Scores = defaultdict(float)
    for hits in lists:
        for point, score in scale(hits).items():
            scores[point] += score / 2
    return dict(scores)


def scale(hits: Sequence[Hit]) -> Scores:
    """Return the best DEPTH hits on a scale from 0, the last of them, to 1, the first.

    Hits that score nothing are left out; if all score the same, all are 1.
    """
    best = sorted((hit for hit in hits if hit.score > 0), key=lambda hit: (-hit.score, hit.id))[:DEPTH]
    if not best:
        return {}
    low, span = best[-1].score, best[0].score - best[-1].score
    return {hit.id: (hit.score - low) / span if span > 0 else 1.0 for hit in best}


def penalize_recurring(scores: Scores, row_of: Mapping[str, Row]) -> Scores:
    """Lower chunks under headings such as "Summary", which every chapter has."""
    return {
        point: score * RECURRING_PENALTY if row_of[point].recurring else score
        for point, score in scores.items()
        if point in row_of
    }


def add_page_bonus(scores: Scores, row_of: Mapping[str, Row]) -> Scores:
    """Raise the chunks of pages with several good ones, by a share of the mean of the page's best three."""
    by_page: dict[str, list[float]] = defaultdict(list)
    for point, score in scores.items():
        by_page[row_of[point].path].append(score)
    bonus = {path: PAGE_BONUS * sum(sorted(found)[-PAGE_TOP:]) / PAGE_TOP for path, found in by_page.items()}
    return {point: score + bonus[row_of[point].path] for point, score in scores.items()}
