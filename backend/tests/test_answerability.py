import numpy as np

from backend.search.answerability import UNTELLING, Evidence, estimate, weigh
from ingest.bm25 import QueryTerm, Sparse


def vector(*indices: int) -> Sparse:
    return Sparse(np.array(indices, dtype=np.uint32), np.ones(len(indices), dtype=np.float32))


def test_evidence_is_shares_of_the_question() -> None:
    terms = [QueryTerm(1, 2.0, True), QueryTerm(2, 3.0, True), QueryTerm(3, 5.0, False)]
    assert weigh(terms, 4.0, [vector(1), vector(2)]) == Evidence(match=0.4, unknown=0.5, scattered=0.3)


def test_only_the_first_three_passages_are_witnesses() -> None:
    terms = [QueryTerm(1, 1.0, True), QueryTerm(2, 1.0, True)]
    found = weigh(terms, 1.0, [vector(1), vector(9), vector(9), vector(2)])
    assert found is not None
    assert found.scattered == 0


def test_a_question_without_telling_words_is_left_open() -> None:
    assert weigh([], 0.0, []) is None
    assert estimate(None) == UNTELLING


def test_each_kind_of_evidence_points_its_way() -> None:
    plain = estimate(Evidence(0.8, 0.1, 0.1))
    assert estimate(Evidence(1.6, 0.1, 0.1)) > plain
    assert estimate(Evidence(0.8, 0.6, 0.1)) < plain
    assert estimate(Evidence(0.8, 0.1, 0.6)) < plain
    assert 0 < estimate(Evidence(0, 1, 1)) < 0.01
