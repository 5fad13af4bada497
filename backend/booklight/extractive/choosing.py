"""Choosing: the few blocks of the passages that answer a question best, and how sure that is."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Literal

from booklight.extractive.blocks import MAX_WORDS, TextBlock, count_words, split_blocks
from booklight.extractive.conversation import AskedQuestion
from booklight.extractive.scores import BlockScores, Judge, ScoreBlocks, score_words
from booklight_ingest.terms import split_terms

Tier = Literal["sure", "likely", "not_covered"]
"""How an answer stands to its question: it answers, it stands near, or the book does not answer at all."""

SECTIONS = 4
SHOWN = 3
# What the cross-encoder gives a block that answers; `evaluation` measures how often that holds.
SURE_FROM = 5.0
# What a section loses for each that stands before it, on the scale of each judge.
RANK_COSTS: dict[Judge, float] = {"cross_encoder": 0.3, "embedding": 0.02, "words": 0.05}
# What asks tells nothing: exercises and prompts for the reader stand behind what explains, but before nothing.
ASKING_COSTS: dict[Judge, float] = {"cross_encoder": 3.0, "embedding": 0.2, "words": 0.5}
# What stands under a title of its own, as a tip or a step does, is beside what its section says. Measured for the
# cross-encoder alone.
LABELLED_COSTS: dict[Judge, float] = {"cross_encoder": 1.0, "embedding": 0.0, "words": 0.0}
_QUESTION_MARKS = ("?", "？", "؟")
_EXERCISES = frozenset(
    split_terms("exercise exercises quiz homework assignment reflection journal practice challenge try discuss")
)


@dataclass(frozen=True)
class ParsedSection:
    """A passage as the search tool gives it: its label, the headings above it, outermost first, and its text."""

    label: str
    where: tuple[str, ...]
    text: str

    @cached_property
    def blocks(self) -> list[TextBlock]:
        """What can be quoted of it."""
        return split_blocks(self.text)

    def judged(self, block: TextBlock) -> str:
        """Return a block as it is judged: with the path of headings in the first line."""
        return " > ".join(self.where) + "\n" + block.markdown


@dataclass(frozen=True, slots=True)
class Quotation:
    """Neighbouring blocks of one section."""

    section: ParsedSection
    blocks: tuple[TextBlock, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The best quotation of each of a few sections, best first; there are none where nothing can be quoted."""

    tier: Tier
    quotations: tuple[Quotation, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A block that may be quoted, with what of its section may stand beside it."""

    rank: int
    place: int
    section: ParsedSection
    reach: range

    @property
    def block(self) -> TextBlock:
        return self.section.blocks[self.place]


async def choose(
    question: AskedQuestion,
    sections: Sequence[ParsedSection],
    *,
    covered: bool,
    addressed: bool,
    said: Sequence[str],
    locale: str,
    score_blocks: ScoreBlocks,
) -> Choice:
    """Return what to quote of `sections`, best first; `covered` is what the search says of the book.

    A question that names the first of them, for which it is `addressed`, is answered by its beginning.

    What the reader selected, and after a question that points back what was `said` before, is not quoted again.
    """
    known = [question.selection or "", *(said if question.topic else ())]
    candidates = await asyncio.to_thread(_candidates, sections[:SECTIONS], known)
    if not candidates:
        return Choice("not_covered")
    if addressed and candidates[0].rank == 0:
        return Choice("sure", (_quotation(candidates[0]),))
    texts = [candidate.section.judged(candidate.block) for candidate in candidates]
    scores = await score_blocks(question.judged, texts, locale) or score_words(question.judged, texts, locale)
    ordered = _best_first(candidates, scores)
    if not covered:
        return Choice("not_covered")
    best = ordered[0]
    if scores.judge == "cross_encoder" and scores.values[candidates.index(best)] >= SURE_FROM:
        return Choice("sure", (_quotation(best),))
    first_of_each = {candidate.rank: candidate for candidate in reversed(ordered)}
    shown = [candidate for candidate in ordered if first_of_each[candidate.rank] is candidate][:SHOWN]
    return Choice("likely", tuple(map(_quotation, shown)))


def _candidates(sections: Sequence[ParsedSection], known: Sequence[str]) -> list[_Candidate]:
    folded = [_folded(text) for text in known if text]
    return [candidate for rank, section in enumerate(sections) for candidate in _in_section(rank, section, folded)]


def _in_section(rank: int, section: ParsedSection, known: Sequence[str]) -> Iterator[_Candidate]:
    """Yield a candidate for each block of a section but the known ones, which a quotation does not reach across."""
    bounds = [at for at, block in enumerate(section.blocks) if any(_folded(block.markdown) in text for text in known)]
    for before, after in pairwise([-1, *bounds, len(section.blocks)]):
        reach = range(before + 1, after)
        yield from (_Candidate(rank, place, section, reach) for place in reach)


def _best_first(candidates: Sequence[_Candidate], scores: BlockScores) -> list[_Candidate]:
    def worth(scored: tuple[_Candidate, float]) -> float:
        candidate, score = scored
        asking = ASKING_COSTS[scores.judge] if _asks(candidate) else 0.0
        labelled = LABELLED_COSTS[scores.judge] if candidate.block.labelled else 0.0
        return score - asking - labelled - RANK_COSTS[scores.judge] * candidate.rank

    # Fewer are scored than there are where time was short.
    return [candidate for candidate, _ in sorted(zip(candidates, scores.values, strict=False), key=worth, reverse=True)]


def _asks(candidate: _Candidate) -> bool:
    """Say whether a block asks its reader something, rather than telling."""
    asking = candidate.block.text.rstrip("*_ ").endswith(_QUESTION_MARKS)
    return asking or not _EXERCISES.isdisjoint(
        split_terms(candidate.section.where[-1] if candidate.section.where else "")
    )


def _quotation(candidate: _Candidate) -> Quotation:
    """Return a block with what leads to it from the section's beginning, where that fits, and what follows it."""
    blocks = candidate.section.blocks
    words = [count_words(block.markdown) for block in blocks]
    start, end = candidate.reach.start, candidate.place + 1
    if sum(words[start:end]) > MAX_WORDS:
        start = candidate.place
    while end < candidate.reach.stop and sum(words[start : end + 1]) <= MAX_WORDS:
        end += 1
    return Quotation(candidate.section, tuple(blocks[start:end]))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
