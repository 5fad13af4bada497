import pytest

from backend.search.ranking import (
    DEPTH,
    PAGE_BONUS,
    RECURRING_PENALTY,
    add_page_bonus,
    fuse,
    penalize_recurring,
    rank,
    scale,
)
from ingest.catalogue import Row
from ingest.engine import Hit


def rows(*ids: str, path: str = "/page", recurring: bool = False) -> dict[str, Row]:
    return {point: Row(point, "hash", path, recurring) for point in ids}


def hits(**scores: float) -> list[Hit]:
    return [Hit(point, score) for point, score in scores.items()]


def test_a_list_is_scaled_from_its_last_to_its_first() -> None:
    assert scale(hits(a=9, b=5, c=1)) == {"a": 1, "b": 0.5, "c": 0}


def test_one_hit_and_equal_hits_are_all_best() -> None:
    assert scale(hits(a=3)) == {"a": 1}
    assert scale(hits(a=3, b=3)) == {"a": 1, "b": 1}


def test_what_scores_nothing_is_no_hit() -> None:
    assert scale(hits(a=1, b=0, c=-0.5)) == {"a": 1}
    assert scale([]) == {}


def test_a_list_is_cut_in_the_order_of_ids_where_scores_are_equal() -> None:
    tied = [Hit(f"{at:03}", 1.0) for at in reversed(range(DEPTH + 10))]
    assert sorted(scale(tied)) == [f"{at:03}" for at in range(DEPTH)]


def test_lists_weigh_a_half_each_and_queries_add_up() -> None:
    assert fuse([hits(a=2, b=1), hits(b=4, c=2)]) == {"a": 0.5, "b": 0.5, "c": 0}
    assert fuse([hits(a=1), hits(a=1), hits(a=1), hits(a=1)]) == {"a": 2}


def test_recurring_headings_are_lowered() -> None:
    known = rows("a") | rows("b", recurring=True)
    assert penalize_recurring({"a": 1.0, "b": 1.0}, known) == {"a": 1, "b": RECURRING_PENALTY}


def test_a_page_with_three_good_chunks_is_raised_by_their_mean() -> None:
    known = rows("a", "b", "c", "d") | rows("e", path="/other")
    raised = add_page_bonus({"a": 0.9, "b": 0.6, "c": 0.3, "d": 0.1, "e": 0.9}, known)
    assert raised["a"] == pytest.approx(0.9 + PAGE_BONUS * 0.6)
    assert raised["d"] == pytest.approx(0.1 + PAGE_BONUS * 0.6)
    assert raised["e"] == pytest.approx(0.9 + PAGE_BONUS * 0.3)


def test_equal_scores_come_out_in_the_order_of_ids() -> None:
    known = rows("c") | rows("a", path="/a") | rows("b", path="/b")
    assert [point for point, _ in rank([hits(c=1, a=1, b=1)], known, lambda path: 1.0)] == ["a", "b", "c"]


def test_a_boost_reorders() -> None:
    known = rows("near", path="/near") | rows("far", path="/far") | rows("last", path="/last")
    found = [hits(far=1.0, near=0.95, last=0.1)]
    assert rank(found, known, lambda path: 1.0)[0][0] == "far"
    assert rank(found, known, lambda path: 1.2 if path == "/near" else 1.0)[0][0] == "near"


def test_a_hit_that_the_catalogue_does_not_know_is_dropped() -> None:
    assert [point for point, _ in rank([hits(known=1, stranger=2)], rows("known"), lambda path: 1.0)] == ["known"]
