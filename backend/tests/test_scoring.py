import math

import pytest

from booklight.evaluation.scoring import (
    accepted_sections,
    auc,
    found_at,
    mean,
    normal_heading,
    normal_source,
    pages_of,
    score,
    section,
)


@pytest.mark.parametrize(
    "written",
    [
        "Why overlap?",
        "## Why  Overlap ##",
        "why overlap {#why}",
        "Why overlap {/* #why */}",
        "**Why** `overlap`",
        "[Why](/docs/why) overlap 🎉",
        "Why\\_overlap",
        "Whý overlap",
        "Why&nbsp;overlap",
    ],
)
def test_a_heading_is_the_same_however_it_is_written(written: str) -> None:
    assert normal_heading(written) == "why overlap"


def test_symbols_tell_headings_apart() -> None:
    assert normal_heading("Wrapping with `<Root>`") != normal_heading("Wrapping with Root")
    assert normal_heading("< Root >") == normal_heading("<Root>")
    assert normal_heading("C++", keep="") == "c"
    assert normal_heading("{}", keep="") == "{}"


@pytest.mark.parametrize(
    "written", ["docs/a/b.mdx", "./docs/a/b.mdx", "/a/b.mdx", "a\\b.mdx", "a/b.mdx#c", " a/b.mdx?q"]
)
def test_a_source_is_the_same_however_it_is_written(written: str) -> None:
    assert normal_source(written) == "a/b.mdx"


def test_an_introduction_goes_by_its_page_s_title_too() -> None:
    accepted = accepted_sections("a.mdx", None, "Intro")
    assert section("docs/a.mdx", None) in accepted
    assert section("docs/a.mdx", "Intro") in accepted
    assert section("docs/a.mdx", "Intro") not in accepted_sections("a.mdx", None, None)


def test_a_ranking_that_lost_symbols_still_counts() -> None:
    assert section("a.mdx", "Root") in accepted_sections("a.mdx", "`<Root>`", None)


def test_chunks_of_one_section_count_once_at_the_first() -> None:
    expected = [accepted_sections("a", "one", None), accepted_sections("a", "two", None)]
    ranking = [section("b", "x"), section("a", "one"), section("a", "one"), section("a", "two")]
    assert found_at(ranking, expected) == [False, True, True]


def test_figures_of_a_ranking() -> None:
    scores = score([False, True, False, False, False, True], expected=2)
    assert scores.recall == {1: 0, 5: 0.5, 10: 1}
    assert scores.mrr == 0.5
    assert scores.ndcg == pytest.approx((1 / math.log2(3) + 1 / math.log2(7)) / (1 + 1 / math.log2(3)))


def test_recall_at_one_can_be_full_with_several_expected() -> None:
    assert score([True], expected=5).recall[1] == 1


def test_nothing_found_is_nought_everywhere() -> None:
    scores = score([], expected=1)
    assert (scores.recall, scores.ndcg, scores.mrr) == ({1: 0, 5: 0, 10: 0}, 0, 0)
    assert mean([]).ndcg == 0


def test_pages_are_counted_once() -> None:
    expected = [accepted_sections("a", "one", None), accepted_sections("a", "two", None)]
    assert pages_of(expected) == [frozenset({("a", "")})]


def test_auc_counts_pairs_and_halves_ties() -> None:
    assert auc([0.9, 0.5], [0.5, 0.1]) == (1 + 1 + 0.5 + 1) / 4
    assert auc([], [0.1]) is None
