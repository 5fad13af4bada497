"""Search: questions and a place in the book in, the passages that answer them out."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from booklight.contracts import Evidence, Found, Passage, Reranked, SearchRequest
from booklight.search.addresses import named_chunks
from booklight.search.answerability import FOUND_FROM, estimate, weigh
from booklight.search.equal_passages import ScoreArray, count_elsewhere
from booklight.search.places import boost_near, find_place, holds_chunks, scope_filter
from booklight.search.ranking import DEPTH, MEANING_WEIGHT, WORDS_WEIGHT, rank
from booklight.search.ranking import Boosts as Boosts
from booklight.search.reranking import Reranker, Scored, combine, is_latin
from booklight.search.spelling import correct
from booklight_ingest.bm25 import QueryTerm, Sparse, query_vector
from booklight_ingest.embed.embedder import Embedder
from booklight_ingest.embed.sentence_vectors import MINILM_NAME
from booklight_ingest.embed.vectors import Floats
from booklight_ingest.errors import EmbeddingFailed
from booklight_ingest.index.engine import DENSE, NO_HITS, SPARSE, Hits
from booklight_ingest.index.filters import Filter
from booklight_ingest.index.live import Index, Reading
from booklight_ingest.terms import cut_text

MAX_QUERIES = 3
# A selection adds its words to the question; past about a chunk's length it would drown it, and so does a question.
MOST_SEARCHED = 2_000
# Engines order equal scores at will; with a margin the cut at DEPTH is made by us, in the order of ids.
MARGIN = 14
# A text that stands on many pages would fill a list, so lists are as much longer; the server's answer has to end.
MOST_REPEATED = 1_000
# How likely the book answers a question that is one of its own headings.
ADDRESSED = 0.95
DEFAULT_BOOSTS = Boosts()
NO_BOOSTS = Boosts(1, 1)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answers:
    """What each half of the index found for one query; `dense` is empty where there are no vectors."""

    terms: list[QueryTerm]
    sparse: Hits
    dense: Hits


async def search(
    index: Index,
    request: SearchRequest,
    *,
    boosts: Boosts = DEFAULT_BOOSTS,
    limit: int = 8,
    reranker: Reranker | None = None,
) -> Found:
    """Return the passages that answer the queries of `request`, best first.

    Its scope filters: nothing outside it is returned, and an empty one is reported, never widened. In the full book the
    reader's place boosts: it only moves nearby passages up. A search stays in the docs version and locale of the page.
    A text that stands on several pages is returned once, where it is nearest the reader.
    Up to three queries count, and are answered together; by the first of them `reranker` orders the best anew. Words
    that nobody knows are searched for as the book spells them. The section which they are `about`, or whose heading
    they are, stands first without being ranked.
    Raises IndexUnavailable.
    """
    asked = _asked(request.queries)
    async with index.reading() as reading:
        manifest = reading.generation.manifest
        place = find_place(request.page, manifest)
        only = scope_filter(request.scope, place)
        if only is None or not holds_chunks(request.scope, only, manifest):
            return Found((), 0.0, found=False, in_scope=False)
        spelled = await _spell(reading, asked, place.locale)
        answers = await _ask(reading, _with_selection(spelled, request.selection), only, place.locale)
        named = named_chunks(manifest, place, only, asked, request.about)
        near = boost_near(place, boosts if request.scope == "full_book" else NO_BOOSTS, manifest)
        ranked = await _load_best(reading, answers, named, near, max(limit, reranker.sections if reranker else 0))
        strongest = _strongest(answers, fitted=_is_fitted(reading.embedder, place.locale))
        likely = max(ADDRESSED if named else 0.0, estimate(strongest)) if ranked else 0.0
        if likely < FOUND_FROM:
            # That the book does not cover something is said of a whole book only.
            await reading.generation.engine.check()
    ranked, reranked = await _rerank(reranker, spelled, ranked, place.locale)
    return Found(
        passages=tuple(count_elsewhere(_named_first(ranked, named)[:limit], manifest, only)),
        answerability=likely,
        found=likely >= FOUND_FROM,
        addressed=bool(named),
        reranked=reranked,
        searched_for=spelled[0] if spelled[:1] != asked[:1] else None,
        evidence=strongest,
    )


async def _load_best(
    reading: Reading, answers: Sequence[Answers], named: Sequence[str], near: ScoreArray, most: int
) -> list[Passage]:
    """Return the chunks that were named and the best `most` of those found, scored."""
    manifest, engine = reading.generation.manifest, reading.generation.engine
    halves = [((answer.sparse, WORDS_WEIGHT), (answer.dense, MEANING_WEIGHT)) for answer in answers]
    ranking = rank(chain.from_iterable(halves), manifest.rows, near, most)
    scores = dict.fromkeys(named, ranking[0][1] if ranking else 1.0) | dict(ranking)
    return [Passage(chunk, scores[chunk.id]) for chunk in await engine.load([*dict.fromkeys([*named, *scores])])]


def _strongest(answers: Sequence[Answers], *, fitted: bool) -> Evidence | None:
    return max((weigh_answers(answer, fitted=fitted) for answer in answers), key=estimate, default=None)


def _named_first(ranked: Sequence[Passage], named: Sequence[str]) -> tuple[Passage, ...]:
    """Return the passages with those `named` before all others, and scored no less."""
    best = max((passage.score for passage in ranked), default=0.0)
    first = [replace(passage, score=best) for passage in ranked if passage.chunk.id in named]
    return (*first, *(passage for passage in ranked if passage.chunk.id not in named))


async def _rerank(
    reranker: Reranker | None, queries: Sequence[str], ranked: list[Passage], locale: str
) -> tuple[list[Passage], Reranked | None]:
    """Order the first passages anew; the others keep their places below them."""
    question = queries[0] if queries else ""
    if reranker is None or not question or not ranked:
        return ranked, None
    try:
        scored = await reranker.score(question, [passage.chunk for passage in ranked[: reranker.sections]], locale)
    except EmbeddingFailed as error:
        _log.warning("searching without the cross-encoder: %s", error)
        scored = Scored("failed")
    if not scored.logits:
        return ranked, scored.outcome
    first, rest = ranked[: len(scored.logits)], ranked[len(scored.logits) :]
    below = rest[0].score if rest else 0.0
    combined = combine([passage.score for passage in first], scored.logits)
    anew = [
        Passage(passage.chunk, below + score, logit)
        for passage, score, logit in zip(first, combined, scored.logits, strict=True)
    ]
    return sorted(anew, key=lambda passage: -passage.score) + rest, scored.outcome


def _asked(queries: Sequence[str]) -> list[str]:
    """Return the different queries that count; the first is empty only if all are."""
    asked = dict.fromkeys(cut_text(query.strip(), MOST_SEARCHED) for query in queries)
    return [query for query in asked if query or len(asked) == 1][:MAX_QUERIES]


async def _spell(reading: Reading, queries: Sequence[str], locale: str) -> list[str]:
    counts = reading.generation.manifest.counts
    return [await correct(query, counts, reading.embedder, locale) for query in queries]


def _with_selection(queries: Sequence[str], selection: str | None) -> list[str]:
    """Return what is searched for: each query joined with the selection, where that says something."""
    joined = [f"{query}\n{cut_text(selection or '', MOST_SEARCHED)}".strip() for query in queries]
    return [text for text in joined if any(map(str.isalnum, text))]


async def _ask(reading: Reading, texts: Sequence[str], only: Filter, locale: str) -> list[Answers]:
    """Send all texts by both vectors in one batch."""
    counts = reading.generation.manifest.counts
    terms = []
    for text in texts:
        terms.append(counts.query_terms(text, locale))
        await asyncio.sleep(0)
    sparse = [query_vector(found) for found in terms]
    dense = await _embed(reading, texts) if _is_known(reading.embedder, texts) else []
    halves: dict[str, Sequence[Sparse | Floats]] = {SPARSE: sparse, DENSE: dense}
    # An engine answers a vector of nothing with nothing or an error, so it is not asked.
    asked = {
        (half, at): vector
        for half, vectors in halves.items()
        for at, vector in enumerate(vectors)
        if (vector.values if isinstance(vector, Sparse) else vector).any()
    }
    repeated = min(reading.generation.manifest.rows.most_repeated, MOST_REPEATED)
    lists = await reading.generation.engine.nearest(list(asked.values()), only, DEPTH + MARGIN + repeated)
    found = dict(zip(asked, lists, strict=True))
    return [
        Answers(terms[at], found.get((SPARSE, at), NO_HITS), found.get((DENSE, at), NO_HITS))
        for at in range(len(texts))
    ]


def _is_known(embedder: Embedder, texts: Sequence[str]) -> bool:
    """Say whether the embedding knows what the texts are written in; where it does not, it leads astray."""
    return not embedder.english_alone or all(map(is_latin, texts))


async def _embed(reading: Reading, texts: Sequence[str]) -> list[Floats]:
    try:
        return list(await reading.embedder.embed_query(texts))
    except EmbeddingFailed as error:
        _log.warning("searching by words alone: %s", error)
        return []


def weigh_answers(answers: Answers, *, fitted: bool) -> Evidence | None:
    """Return what speaks for an answer; `fitted` says that the cosines are those that the estimate was fitted with."""
    nearest = max(answers.dense.scores, default=None) if fitted else None
    return weigh(answers.terms, max(answers.sparse.scores, default=0.0), nearest)


def _is_fitted(embedder: Embedder, locale: str) -> bool:
    return embedder.name == MINILM_NAME and locale.lower().startswith("en")
