"""Quoting: the few pieces of the passages that answer a question best, as an answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from booklight.extractive.context import with_context
from booklight.extractive.cues import asks_steps
from booklight.extractive.question import ParsedQuestion
from booklight.extractive.reading_on import paragraph_around, short_code_after
from booklight.extractive.rendering import render
from booklight.extractive.scoring import Candidate, WantedTerms, is_asked, score_units, specific_terms, weigh_terms
from booklight.extractive.section import ParsedSection, count_words
from booklight.extractive.units import Kind

MAX_WORDS = 120
MAX_PICKS = 4

# How sure a quotation is to answer: the score of its best unit, and a share of how likely the book is to answer at
# all, less for what the reader asks about and no passage has. Set by reading the answers to 100 questions on two
# books; between 0.6 and 0.7 the choice hardly matters.
SURE_FROM = 0.65
NEAR_FROM = 0.33

_ANSWERABILITY_SHARE = 0.3
_UNKNOWN_COST = 0.4
_NEAR_SECTIONS = 3
_KEEP_SAME_SECTION = 0.88
_KEEP_OTHER_SECTION = 0.92
_SAME = 0.7

Picked = tuple[ParsedSection, set[int]]


@dataclass(frozen=True, slots=True)
class Quotation:
    """Quotations as Markdown with their marks; `sure` says whether they are likely to answer, or only near."""

    text: str
    sure: bool


def quote(question: ParsedQuestion, sections: Sequence[ParsedSection], answerability: float) -> Quotation | None:
    """Return the best quotations from `sections`, best section first, or None when nothing there comes near.

    `answerability` is how likely the book is to answer, between 0 and 1.
    """
    wanted = weigh_terms(question, sections)
    candidates = score_units(question, wanted, sections)
    if not candidates:
        return None
    confidence = candidates[0].score + _ANSWERABILITY_SHARE * answerability - _UNKNOWN_COST * wanted.unknown
    if confidence >= SURE_FROM and candidates[0].fits:
        return Quotation(_render(_pick(question, wanted, candidates)), sure=True)
    if confidence >= NEAR_FROM or any(wanted.covered_by(section) for section in sections[:_NEAR_SECTIONS]):
        return Quotation(_render([_nearest(wanted, candidates)]), sure=False)
    return None


def _render(picked: Iterable[Picked]) -> str:
    return "\n\n".join(render(section, sorted(places)) for section, places in picked)


def _nearest(wanted: WantedTerms, candidates: Sequence[Candidate]) -> Picked:
    """Return the best words, since code says little to somebody who may have asked for something else."""
    said = (candidate for candidate in candidates if candidate.unit.kind is not Kind.CODE)
    return _in_context(wanted, next(said, candidates[0]))


def _pick(question: ParsedQuestion, wanted: WantedTerms, candidates: Sequence[Candidate]) -> Iterable[Picked]:
    """Return the sections to quote, best first, with the places of the units to quote from each.

    Where a heading asks the reader's question, its section answers alone.
    """
    best = candidates[0]
    alone = is_asked(question, best.section)
    picked = {best.section.label: _answer(question, wanted, best)}
    for candidate in candidates[1:]:
        elsewhere = candidate.section is not best.section
        keep = _KEEP_OTHER_SECTION if elsewhere else _KEEP_SAME_SECTION
        if (
            candidate.score < keep * best.score
            or (alone and elsewhere)
            or not _adds(candidate, picked.values(), wanted)
        ):
            continue
        section, places = _in_context(wanted, candidate)
        merged = picked.get(section.label, (section, set()))[1] | places
        together = picked | {section.label: (section, merged)}
        if sum(count_words(*pick) for pick in together.values()) > MAX_WORDS or len(together) > MAX_PICKS:
            break
        picked = together
    return picked.values()


def _answer(question: ParsedQuestion, wanted: WantedTerms, best: Candidate) -> Picked:
    """Return the best unit with what it needs, and what a reader of its section would read on to."""
    section, places = _in_context(wanted, best)
    if question.word or best.unit.kind is not Kind.SENTENCE:
        return section, places
    steps = asks_steps(question.form)
    if steps or is_asked(question, section):
        places = places | paragraph_around(section, places, from_start=steps)
    return section, places | (short_code_after(section, max(places), wanted.weights) if steps else set())


def _in_context(wanted: WantedTerms, candidate: Candidate) -> Picked:
    section = candidate.section
    return section, with_context(section, candidate.place, specific_terms(wanted, section))


def _adds(candidate: Candidate, picked: Iterable[Picked], wanted: WantedTerms) -> bool:
    """Say whether a unit has a wanted term that no picked one has, and is not nearly the same as one."""
    terms = candidate.section.terms[candidate.place]
    said = [section.terms[place] for section, places in picked for place in places]
    new = (terms & wanted.weights.keys()).difference(*said)
    return bool(new) and not any(len(terms & other) >= _SAME * len(terms | other) for other in said)
