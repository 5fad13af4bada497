from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

from booklight.search.ranking import DEPTH, PAGE_BONUS, RECURRING_PENALTY, fuse, page_bonus, rank, scale
from booklight_ingest.index.engine import NO_HITS, Hits
from booklight_ingest.index.rows import NO_ROWS, ChunkRow, Rows
from booklight_ingest.pages import PageId

LETTERS = "abcdef"


def row(letter: str, path: str = "/page", *, recurring: bool = False) -> ChunkRow:
    page = PageId("https://book.example/", "en", "default", "current", path)
    return ChunkRow(str(UUID(letter * 32)), "hash", page, recurring)


def hits(**scores: float) -> Hits:
    return Hits([UUID(letter * 32).int for letter in scores], list(scores.values()))


def ranked(lists: Sequence[Hits], rows: Sequence[ChunkRow], boosted: str = "", limit: int = 10) -> dict[str, float]:
    """Return the scores by letter, best first, with the chunks of the page `boosted` raised by a fifth."""
    known = Rows.of(rows)
    boosts = np.array([1.2 if page.path == boosted else 1.0 for page in known.page_ids])
    return {point[0]: score for point, score in rank([(found, 1.0) for found in lists], known, boosts, limit)}


def scaled(*scores: float) -> dict[str, float]:
    """Return the scores of a, b, c … on the scale."""
    rows = Rows.of(map(row, LETTERS))
    numbers, found = scale(np.arange(len(scores)), np.array(scores), rows)
    return {LETTERS[number]: score for number, score in zip(numbers.tolist(), found.tolist(), strict=True)}


def test_a_list_is_scaled_from_its_last_to_its_first() -> None:
    assert scaled(9, 5, 1) == {"a": 1, "b": 0.5, "c": 0}


def test_one_hit_and_equal_hits_are_all_best() -> None:
    assert scaled(3) == {"a": 1}
    assert scaled(3, 3) == {"a": 1, "b": 1}


def test_what_scores_nothing_is_no_hit_and_a_negative_cosine_is_one() -> None:
    assert scaled(1, 0, -0.5) == {"a": 1, "c": 0}
    assert scaled() == {}


def test_a_list_is_cut_in_the_order_of_ids_where_scores_are_equal() -> None:
    tied = [replace(row("a"), id=str(UUID(int=at))) for at in reversed(range(DEPTH + 10))]
    numbers, _ = scale(np.arange(len(tied)), np.ones(len(tied)), Rows.of(tied))
    assert [tied[number].id for number in numbers] == [str(UUID(int=at)) for at in range(DEPTH)]


def test_lists_add_up_by_their_weights() -> None:
    first, second = (np.array([0, 1]), np.array([1.0, 0.0]), 0.25), (np.array([1, 2]), np.array([1.0, 0.0]), 0.75)
    numbers, scores = fuse([first, second])
    assert (numbers.tolist(), scores.tolist()) == ([0, 1, 2], [0.25, 0.75, 0.0])
    assert fuse([first] * 4)[1].tolist() == [1.0, 0.0]


def test_recurring_headings_are_lowered() -> None:
    pages = [row("a", "/a"), row("b", "/b", recurring=True)]
    found = ranked([hits(a=1, b=1)], pages)
    assert found["b"] == pytest.approx(RECURRING_PENALTY * found["a"])


def test_a_page_with_three_good_chunks_is_raised_by_their_mean() -> None:
    scores, pages = np.array([0.9, 0.6, 0.3, 0.1, 0.9]), np.array([0, 0, 0, 0, 1], dtype=np.uint32)
    assert page_bonus(scores, pages) == pytest.approx(PAGE_BONUS * np.array([0.6] * 4 + [0.3]))


def test_equal_scores_come_out_in_the_order_of_ids() -> None:
    rows = [row("c", "/c"), row("a", "/a"), row("b", "/b")]
    assert [*ranked([hits(c=1, a=1, b=1)], rows)] == ["a", "b", "c"]


def test_a_boost_reorders() -> None:
    rows = [row("a", "/near"), row("b", "/far"), row("c", "/last")]
    found = [hits(b=1.0, a=0.95, c=0.1)]
    assert [*ranked(found, rows)] == ["b", "a", "c"]
    assert [*ranked(found, rows, boosted="/near")] == ["a", "b", "c"]


def test_a_hit_that_the_manifest_does_not_know_is_dropped() -> None:
    assert [*ranked([hits(a=1, b=2)], [row("a")])] == ["a"]


def test_no_more_than_the_limit_are_ranked_and_the_best_of_all() -> None:
    rows = [row(letter, f"/{letter}") for letter in LETTERS]
    found = [hits(a=1, b=2, c=3, d=4), hits(c=1, e=9)]
    assert list(ranked(found, rows, limit=2).items()) == list(ranked(found, rows).items())[:2]


@pytest.mark.parametrize("lists", [[], [NO_HITS], [hits(a=0)], [hits(a=1)]])
def test_where_nothing_was_found_nothing_is_ranked(lists: list[Hits]) -> None:
    assert ranked(lists, []) == {}
    assert rank([(found, 1.0) for found in lists], NO_ROWS, np.ones(0), 8) == []
