"""Group questions that ask the same, by the meaning of their words: agglomerative clustering by average linkage."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from booklight_ingest.embed.vectors import Floats

Grouped = TypeVar("Grouped")

SAME_BELOW = 0.45
"""The mean distance, 1 less the cosine, below which two groups are one; paraphrases are mostly nearer."""
MOST_GROUPED = 2_000
"""Different texts that are compared with each other; it takes a matrix of their distances."""


def group_similar(
    asked: Sequence[Grouped], text_of: Callable[[Grouped], str], embed: Callable[[Sequence[str]], Floats]
) -> list[list[Grouped]]:
    """Return `asked` in groups, the largest first; each begins with its most central member.

    The same words are the same question without being embedded. Texts beyond MOST_GROUPED stay by themselves.
    """
    same: defaultdict[str, list[Grouped]] = defaultdict(list)
    for one in asked:
        same[_plain(text_of(one))].append(one)
    ordered = sorted(same.values(), key=len, reverse=True)
    compared, others = ordered[:MOST_GROUPED], ordered[MOST_GROUPED:]
    vectors = embed([text_of(ones[0]) for ones in compared])
    distances = 1 - vectors @ vectors.T if vectors.size else 1 - np.eye(len(compared), dtype=np.float32)
    weights = np.array([len(ones) for ones in compared], dtype=np.float64)
    clusters = [_central_first(members, distances, weights) for members in cluster(distances, weights)]
    groups = [[one for member in members for one in compared[member]] for members in clusters] + others
    return sorted(groups, key=len, reverse=True)


def cluster(distances: Floats, weights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[list[int]]:
    """Return the numbers of rows in clusters: the nearest two are joined until no two are nearer than SAME_BELOW.

    The distance of two clusters is the mean of their members', each counted by its weight.
    """
    between = distances.astype(np.float64)
    np.fill_diagonal(between, np.inf)
    members = [[number] for number in range(len(between))]
    sizes = weights.copy()
    nearest = between.argmin(axis=1) if len(between) else np.empty(0, dtype=np.intp)
    while len(between) > 1:
        closest = between[np.arange(len(between)), nearest]
        kept = int(closest.argmin())
        if not closest[kept] < SAME_BELOW:
            break
        kept, joined = sorted((kept, int(nearest[kept])))
        mean = (between[kept] * sizes[kept] + between[joined] * sizes[joined]) / (sizes[kept] + sizes[joined])
        between[kept], between[:, kept] = mean, mean
        between[kept, kept] = np.inf
        between[joined], between[:, joined] = np.inf, np.inf
        members[kept] += members[joined]
        members[joined] = []
        sizes[kept] += sizes[joined]
        stale = np.flatnonzero(np.isin(nearest, (kept, joined)) | (between[:, kept] < closest))
        for row in {kept, joined, *stale.tolist()}:
            nearest[row] = between[row].argmin()
    return [ones for ones in members if ones]


def _central_first(
    members: Sequence[int], distances: Floats, weights: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> list[int]:
    """Return `members` by their mean distance to all of them, the nearest first."""
    among = distances[np.ix_(members, members)] @ weights[[*members]]
    return [members[place] for place in np.argsort(among, kind="stable").tolist()]


def _plain(text: str) -> str:
    """Return a text's words, whatever the case, space or mark at its end."""
    return " ".join(text.casefold().split()).rstrip("?!. ")
