import math

import pytest

from booklight_ingest.bm25 import (
    K1,
    NO_COUNTS,
    B,
    Sparse,
    TermCounts,
    count_terms,
    heading_path,
    mean_length,
    query_vector,
    saturate,
    term_hash,
)
from booklight_ingest.chunks import Chunk
from ingest.tests.books import make_chunk, small_book


def frequency(vector: Sparse, term: str) -> float:
    found: dict[int, float] = dict(zip(vector.indices.tolist(), vector.values.tolist(), strict=True))
    return found.get(term_hash(term), 0.0)


def counts_of(chunks: list[Chunk]) -> TermCounts:
    return NO_COUNTS.changed(len(chunks), map(count_terms, chunks), ())


def test_headings_below_the_title_count_twice() -> None:
    chunk = make_chunk("docker docker", title="Deploying", heading="Docker")
    vector = count_terms(chunk)
    assert frequency(vector, "docker") == 4
    assert frequency(vector, "deploy") == 1


def test_sidebar_categories_are_no_part_of_the_heading_path() -> None:
    assert heading_path(make_chunk("x", title="Deploy", heading="Docker")) == ("Deploy", "Docker")


def test_weights_follow_the_formula() -> None:
    vector = saturate(count_terms(make_chunk("docker docker docker", title="Ship", heading=None)), mean=10)
    length = 3 + 1
    expected = 3 * (K1 + 1) / (3 + K1 * (1 - B + B * length / 10))
    assert frequency(vector, "docker") == pytest.approx(expected, rel=1e-6)


def test_the_dot_product_is_the_bm25_score() -> None:
    chunks = small_book()
    query = query_vector(counts_of(chunks).query_terms("docker registry", "en"))
    stored = saturate(count_terms(chunks[8]), mean_length([count_terms(chunk) for chunk in chunks]))
    only_here = math.log(1 + (10 - 1 + 0.5) / (1 + 0.5))
    expected = only_here * (frequency(stored, "docker") + frequency(stored, "registri"))
    weights = dict(zip(stored.indices.tolist(), stored.values.tolist(), strict=True))
    score = sum(value * weights[index] for index, value in zip(query.indices, query.values, strict=True))
    assert score == pytest.approx(expected, rel=1e-5)


def test_a_term_the_book_lacks_is_known_to_be_unknown_and_not_searched() -> None:
    terms = counts_of(small_book()).query_terms("docker kubernetes", "en")
    assert [term.known for term in sorted(terms, key=lambda term: term.idf)] == [True, False]
    assert len(query_vector(terms)) == 1


def test_the_terms_of_names_are_marked() -> None:
    terms = counts_of(small_book()).query_terms("Does docker run on Kubernetes?", "en")
    assert [term.named for term in terms if term.index == term_hash("kubernet")] == [True]
    assert [term.named for term in terms if term.index == term_hash("docker")] == [False]


def test_counts_follow_what_comes_and_goes() -> None:
    first, second = make_chunk("docker image"), make_chunk("docker compose", path="/docs/b")
    before = counts_of([first, second])
    after = before.changed(1, [], [count_terms(second)])
    assert after.count(term_hash("docker")) == 1
    assert after.count(term_hash("compos")) == 0
    assert after.hashes.tolist() == counts_of([first]).hashes.tolist()


def test_an_empty_book_has_no_counts() -> None:
    assert counts_of([]).query_terms("docker", "en")[0].known is False
    assert mean_length([]) == 1.0


def test_hashes_are_the_same_everywhere() -> None:
    assert term_hash("docker") == 0x15CD1F02
