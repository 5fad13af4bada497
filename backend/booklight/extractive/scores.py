"""Scores: how well each block answers a question, by the best judge that is there.

A cross-encoder reads question and block together, an embedding compares their meaning, and the words that they share
are always there. Only a cross-encoder can say of its best block that it answers.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import Literal

from booklight_ingest.terms import split_terms

Judge = Literal["cross_encoder", "embedding", "words"]


@dataclass(frozen=True, slots=True)
class BlockScores:
    """A score for each of the first blocks, which are all unless time was short, and who gave it."""

    judge: Judge
    values: tuple[float, ...]


ScoreBlocks = Callable[[str, Sequence[str], str], Awaitable[BlockScores | None]]
"""From a question, blocks (the path of headings in the first line) and their locale; None where no model can tell."""


def score_words(question: str, texts: Sequence[str], locale: str) -> BlockScores:
    """Return for each text the share of the question's terms that it has, by how few of the texts have them."""
    asked = set(split_terms(question, locale))
    held = [asked.intersection(split_terms(text, locale)) for text in texts]
    counts = Counter(term for terms in held for term in terms)
    weights = {term: log(1 + len(texts) / count) for term, count in counts.items()}
    total = sum(weights.values()) or 1.0
    return BlockScores("words", tuple(sum(weights[term] for term in terms) / total for terms in held))


async def no_judge(question: str, texts: Sequence[str], locale: str) -> BlockScores | None:
    """Tell nothing: shared words are all there is."""
    return None
