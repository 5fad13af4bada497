"""Quoting: the few pieces of the passages that answer a question best, as an answer.

A unit earns its place by the question's words in it (rare ones count more), by its section's headings, by the rank of
its passage, and by having the form of the answer asked for. What it needs to be understood comes with it.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from backend.cues import fit, likeness, points_back
from backend.sections import Section, render, with_context
from backend.sentences import Kind
from ingest.terms import split_terms

MAX_WORDS = 110
MAX_PICKS = 4

# How sure a quotation is to answer: the score of its best unit, and a share of how likely the book is to answer at all.
# Set by reading the answers to 75 questions on two books: all but one above SURE_FROM had their answer in the book.
SURE_FROM = 0.55
NEAR_FROM = 0.37

_ANSWERABILITY_SHARE = 0.3
_TOPIC_SHARE = 0.6
_SELECTION_SHARE = 0.3
_SHORT_SELECTION_TERMS = 5
_ASKING_SHARE = 0.25
_HEADING_SHARE = 0.55
_CODE_SHARE = 0.6
_RANK_COST = 0.4
_LEAD_BONUS = 0.14
_TITLE_BONUS = 0.25
_POINTING_COST = 0.12
_LONG_WORDS = 45
_LONG_COST = 0.12
_SHORT_WORDS = 4
_SHORT_COST = 0.3
_LONG_CODE_LINES = 30
_KEEP_SAME_SECTION = 0.8
_KEEP_OTHER_SECTION = 0.85
_SAME = 0.7


# Words that ask, and say nothing of what is asked about.
_ASKING = frozenset(
    split_terms(
        "mean explain define describe tell know understand difference different example work happen show give book page"
    )
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the reader's words, the earlier question they point back to, and what was selected."""

    text: str
    topic: str | None = None
    selection: str | None = None

    @property
    def shares(self) -> dict[str, float]:
        """The terms wanted in an answer, each with how much it counts: 1 for what was asked about in so many words."""
        selected = split_terms(self.selection or "")
        shares = dict.fromkeys(selected, _SELECTION_SHARE if len(selected) > _SHORT_SELECTION_TERMS else 1.0)
        shares |= dict.fromkeys(split_terms(self.topic or ""), _TOPIC_SHARE)
        asked = set(split_terms(self.text))
        pointing = bool(shares) or bool(asked - _ASKING)
        return shares | {term: _ASKING_SHARE if pointing and term in _ASKING else 1.0 for term in asked}

    @property
    def subject(self) -> frozenset[str]:
        """The terms of what is asked about."""
        return frozenset(term for term, share in self.shares.items() if share == 1.0)


@dataclass(frozen=True, slots=True)
class Quotation:
    """Quotations as Markdown with their marks; `sure` says whether they are likely to answer, or only near."""

    text: str
    sure: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    section: Section
    place: int
    score: float


def quote(question: Question, sections: Sequence[Section], answerability: float) -> Quotation | None:
    """Return the best quotations from `sections`, best section first, or None when nothing there comes near.

    `answerability` is how likely the book is to answer, between 0 and 1.
    """
    candidates = sorted(_score_units(question, sections), key=lambda candidate: -candidate.score)
    confidence = candidates[0].score + _ANSWERABILITY_SHARE * answerability if candidates else 0.0
    if confidence < NEAR_FROM:
        return None
    sure = confidence >= SURE_FROM
    picked = _pick(candidates if sure else candidates[:1])
    return Quotation("\n\n".join(render(section, sorted(places)) for section, places in picked), sure)


def _score_units(question: Question, sections: Sequence[Section]) -> Iterator[_Candidate]:
    wanted = _weigh(question, sections)
    whole = sum(wanted.values())
    for section in sections:
        prior = 1 / (1 + _RANK_COST * section.rank)
        for place in range(len(section.units)):
            overlap = _overlap(section, place, wanted)
            if overlap > 0 and not _unfit(question, section, place):
                yield _Candidate(section, place, prior * (overlap / whole + _merit(question, section, place)))


def _weigh(question: Question, sections: Sequence[Section]) -> dict[str, float]:
    """Return the weight of each wanted term: its rarity among the units, less if it was not asked for literally."""
    found = Counter(term for section in sections for terms in section.terms for term in terms)
    total = sum(len(section.units) for section in sections)
    return {term: share * math.log(1 + (total + 1) / (found[term] + 0.5)) for term, share in question.shares.items()}


def _overlap(section: Section, place: int, wanted: dict[str, float]) -> float:
    """Return the weight of the wanted terms in a unit, and in part of those in the headings above it."""
    body = section.terms[place] & wanted.keys()
    above = (section.heading_terms & wanted.keys()) - body
    share = _CODE_SHARE if section.units[place].kind is Kind.CODE else 1.0
    return share * sum(wanted[term] for term in body) + _HEADING_SHARE * sum(wanted[term] for term in above)


def _unfit(question: Question, section: Section, place: int) -> bool:
    """Say whether a unit is no answer whatever its words.

    That is what the reader selected, code too long to quote, and a line that announces something that is not there.
    """
    unit = section.units[place]
    if unit.leads_in and max(with_context(section, place)) == place:
        return True
    if unit.kind is Kind.CODE and unit.text.count("\n") > _LONG_CODE_LINES:
        return True
    return _plain(unit.text) in _plain(question.selection or "")


def _merit(question: Question, section: Section, place: int) -> float:
    """Return what speaks for a unit besides the words it shares with the question."""
    unit = section.units[place]
    leads = place == 0 and not section.heading_terms.isdisjoint(question.subject)
    merit = fit(question.text, question.subject, unit) + (_LEAD_BONUS if leads else 0.0)
    merit += _TITLE_BONUS * likeness(question.subject, section.title_terms)
    if points_back(unit):
        merit -= _POINTING_COST
    if unit.kind is not Kind.SENTENCE:
        return merit
    words = len(unit.text.split())
    if words > _LONG_WORDS:
        merit -= _LONG_COST
    if words < _SHORT_WORDS or unit.text.endswith("?"):
        merit -= _SHORT_COST
    return merit


def _pick(candidates: Sequence[_Candidate]) -> Iterable[tuple[Section, set[int]]]:
    """Return the sections to quote, best first, with the places of the units to quote from each."""
    best = candidates[0]
    picked: dict[str, tuple[Section, set[int]]] = {best.section.label: (best.section, _places(best))}
    words = _count_words(best.section, _places(best))
    for candidate in candidates[1:]:
        keep = _KEEP_SAME_SECTION if candidate.section is best.section else _KEEP_OTHER_SECTION
        if candidate.score < keep * best.score or _said(candidate, picked.values()):
            continue
        section, places = picked.get(candidate.section.label, (candidate.section, set()))
        added = _places(candidate) - places
        words += _count_words(section, added)
        if words > MAX_WORDS or len(picked) == MAX_PICKS:
            break
        picked[section.label] = (section, places | added)
    return picked.values()


def _places(candidate: _Candidate) -> set[int]:
    return with_context(candidate.section, candidate.place)


def _count_words(section: Section, places: set[int]) -> int:
    return sum(len(section.units[place].text.split()) for place in places)


def _said(candidate: _Candidate, picked: Iterable[tuple[Section, set[int]]]) -> bool:
    """Say whether a picked unit has nearly the same words as `candidate`, or is it."""
    terms = candidate.section.terms[candidate.place]
    return any(
        len(terms & section.terms[place]) >= _SAME * len(terms | section.terms[place])
        for section, places in picked
        for place in places
    )


def _plain(text: str) -> str:
    return " ".join("".join(letter for letter in text if letter not in "*_`").split())
