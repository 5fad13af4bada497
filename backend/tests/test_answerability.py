import pytest

from booklight.contracts import Evidence
from booklight.search.answerability import FOUND_FROM, UNTELLING, estimate, weigh
from booklight_ingest.bm25 import NO_COUNTS, QueryTerm, TermCounts, count_terms
from ingest.tests.books import make_chunk


def test_evidence_is_shares_of_the_question() -> None:
    terms = [QueryTerm(1, 2.0, True), QueryTerm(2, 3.0, True), QueryTerm(3, 5.0, False)]
    assert weigh(terms, 4.0) == Evidence(match=0.4, unknown=0.5, stranger=False)


def test_a_name_is_a_stranger_only_where_the_book_lacks_it() -> None:
    known, unknown = QueryTerm(1, 2.0, True, named=True), QueryTerm(2, 2.0, False, named=True)
    assert weigh([known], 1.0) == Evidence(match=0.5, unknown=0, stranger=False)
    assert weigh([known, unknown], 1.0) == Evidence(match=0.25, unknown=0.5, stranger=True)


def test_a_question_without_telling_words_is_left_open() -> None:
    assert weigh([], 0.0) is None
    assert estimate(None) == UNTELLING


def test_each_kind_of_evidence_points_its_way() -> None:
    plain = estimate(Evidence(0.8, 0.1, stranger=False))
    assert estimate(Evidence(1.6, 0.1, stranger=False)) > plain
    assert estimate(Evidence(0.8, 0.6, stranger=False)) < plain
    assert estimate(Evidence(0.8, 0.1, stranger=True)) < plain
    assert 0 < estimate(Evidence(0, 1, stranger=True)) < 0.02


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("How do I write a plugin for Vim?", False),
        ("How do I write a plugin for Docusaurus?", True),
        ("How do I write a plugin for a blog?", True),
    ],
)
def test_a_name_that_the_book_never_mentions_is_not_found(question: str, found: bool) -> None:
    terms = plugin_book().query_terms(question, "en")
    best = sum(term.idf for term in terms if term.known)
    assert (estimate(weigh(terms, best)) >= FOUND_FROM) is found


def plugin_book() -> TermCounts:
    texts = ["Write a plugin", "Configure a plugin of Docusaurus", *(f"Page {at} of Docusaurus" for at in range(40))]
    return NO_COUNTS.changed(len(texts), [count_terms(make_chunk(text)) for text in texts], ())
