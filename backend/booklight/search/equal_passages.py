"""Equal passages: a text that stands on several pages, as an imported file does, takes one place in a result.

It is the one nearest the reader, and of equally near ones the best; the others are counted. All pure, and in columns
as in ranking.
"""

from collections.abc import Sequence, Set
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from booklight.contracts import Passage
from booklight_ingest.index.filters import Filter
from booklight_ingest.index.manifest import Manifest
from booklight_ingest.index.rows import Numbers, Rows, id_number

ScoreArray = npt.NDArray[np.float64]


def place_of(groups: Numbers, depth: int) -> int:
    """Return where a list of candidates, best first, has shown `depth` texts; `groups` say which are the same."""
    first = np.sort(np.unique(groups, return_index=True)[1])
    return int(first[depth]) if len(first) > depth else len(groups)


def keep_nearest(numbers: Numbers, scores: ScoreArray, nearness: ScoreArray, rows: Rows) -> tuple[Numbers, ScoreArray]:
    """Return the candidates with every text once, where it is nearest the reader, with the best of its scores."""
    groups = rows.same_text[numbers]
    order = np.lexsort((rows.in_id_order[numbers], -scores, -nearness, groups))
    _, first = np.unique(groups[order], return_index=True)
    if len(first) == len(numbers):
        return numbers, scores
    return numbers[order[first]], np.maximum.reduceat(scores[order], first)


def count_elsewhere(passages: Sequence[Passage], manifest: Manifest, only: Filter) -> Sequence[Passage]:
    """Return the passages, each with the number of other pages that say the same and pass `only`."""
    if not manifest.rows.most_repeated:
        return passages
    pages = manifest.pages_in(only)
    return [replace(passage, also_on=_elsewhere(passage.chunk.id, manifest.rows, pages)) for passage in passages]


def _elsewhere(chunk_id: str, rows: Rows, pages: Set[int]) -> int:
    at = rows.number_of.get(id_number(chunk_id))
    if at is None:
        return 0
    same = set(rows.pages[rows.same_text == rows.same_text[at]].tolist())
    return len((same & pages) - {int(rows.pages[at])})
