"""Scoring: how well each unit of the passages found answers a question.

A unit earns its place by the question's words in it (rare ones count more), by its section's headings, by the rank of
its passage, and by having the form of the answer asked for.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from booklight.extractive.context import is_self_contained, is_short_answer, needs_context, with_context
from booklight.extractive.cues import asks_whether, defines, fit, lacks_form, lacks_name, similarity, wording
from booklight.extractive.question import VERB_SHARE, ParsedQuestion
from booklight.extractive.section import ParsedSection
from booklight.extractive.units import Kind, Unit

ASKED_FROM = 0.5

_HEADING_SHARE = 0.55
_CODE_SHARE = 0.6
_SMOOTHING = 2.0
_RANK_COST = 0.25
_LEAD_BONUS = 0.14
_TITLE_BONUS = 0.5
_WORDING_BONUS = 0.25
_LEANING_COST = 0.12
_WHETHER_BONUS = 0.6
_FORMLESS = 0.6
_LONG_WORDS = 45
_LONG_COST = 0.12
_SHORT_WORDS = 4
_SHORT_COST = 0.3
_LONG_CODE_LINES = 30


@dataclass(frozen=True, slots=True)
class WantedTerms:
    """The terms wanted in an answer with their weights, and those of them that any passage has."""

    weights: dict[str, float]
    known: frozenset[str]

    @property
    def unknown(self) -> float:
        """The share of the weight that lies on terms no passage has, between 0 and 1."""
        whole = sum(self.weights.values())
        return sum(weight for term, weight in self.weights.items() if term not in self.known) / whole if whole else 0.0

    def covered_by(self, section: ParsedSection) -> bool:
        """Say whether a heading has all that is known of the question, and more than one term of it."""
        return len(self.known) > 1 and self.known <= section.title_terms


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that may be quoted, where it stands, and how well it answers: 0 for not at all, about 1 for well.

    `fits` says whether it has what every answer to such a question has.
    """

    section: ParsedSection
    place: int
    score: float
    fits: bool

    @property
    def unit(self) -> Unit:
        """The unit itself."""
        return self.section.units[self.place]


def weigh_terms(question: ParsedQuestion, sections: Sequence[ParsedSection]) -> WantedTerms:
    """Return the weight of each wanted term: its rarity among the units, less if it was not asked for literally."""
    found = Counter(term for section in sections for terms in section.terms for term in terms)
    known = frozenset(found).union(*(terms for section in sections for terms in section.above))
    total = sum(len(section.units) for section in sections)
    shares = question.shares | dict.fromkeys(question.verb - known, VERB_SHARE)
    weights = {term: share * math.log(1 + (total + 1) / (found[term] + 0.5)) for term, share in shares.items()}
    return WantedTerms(weights, known & weights.keys())


def score_units(question: ParsedQuestion, wanted: WantedTerms, sections: Sequence[ParsedSection]) -> list[Candidate]:
    """Return the units that may be quoted, best first; where a word is to be defined, no others than definitions."""
    candidates = sorted(_score(question, wanted, sections), key=lambda candidate: -candidate.score)
    word = question.word
    defining = [candidate for candidate in candidates if word and defines(word, candidate.unit)]
    return defining or candidates


def is_asked(question: ParsedQuestion, section: ParsedSection) -> bool:
    """Say whether the heading of a section asks what the reader asks, or names it."""
    return question.similarity(section.title_terms) >= ASKED_FROM


def specific_terms(wanted: WantedTerms, section: ParsedSection) -> frozenset[str]:
    """Return the wanted terms that the headings of a section do not have."""
    return frozenset(wanted.weights) - section.heading_terms


def _score(question: ParsedQuestion, wanted: WantedTerms, sections: Sequence[ParsedSection]) -> Iterator[Candidate]:
    whole = sum(wanted.weights.values()) + _SMOOTHING
    for section in sections:
        prior = 1 / (1 + _RANK_COST * section.rank)
        heading_share = max(_HEADING_SHARE, question.similarity(section.title_terms))
        for place in range(len(section.units)):
            overlap = _overlap(section, place, wanted.weights, heading_share)
            if overlap > 0 and not _unfit(question, wanted, section, place):
                fits = _fits(question, section, place)
                score = prior * (overlap / whole + _merit(question, section, place))
                yield Candidate(section, place, score if fits else _FORMLESS * score, fits)


def _fits(question: ParsedQuestion, section: ParsedSection, place: int) -> bool:
    unit, asked = section.units[place], is_asked(question, section)
    if question.word and not asked:
        return defines(question.word, unit)
    if not asked and lacks_name(question.form, question.subject, unit):
        return False
    heading = "" if section.title_terms.isdisjoint(question.subject) else section.heading
    return not lacks_form(question.form, heading, unit)


def _overlap(section: ParsedSection, place: int, weights: dict[str, float], heading_share: float) -> float:
    """Return the weight of the wanted terms in a unit, and in part of those in the headings above it."""
    body, above = section.terms[place], section.above[place]
    share = _CODE_SHARE if section.units[place].kind is Kind.CODE else 1.0
    return sum(
        weight * max(share if term in body else 0.0, heading_share if term in above else 0.0)
        for term, weight in weights.items()
    )


def _unfit(question: ParsedQuestion, wanted: WantedTerms, section: ParsedSection, place: int) -> bool:
    """Say whether a unit is no answer whatever its words.

    That is a label, what the reader selected, what cannot be understood by itself, code too long to quote, and a line
    that announces something that is not there.
    """
    unit, asked = section.units[place], is_asked(question, section)
    if unit.kind is Kind.LABEL or not is_self_contained(section, place, asked=asked):
        return True
    if not asked and section.terms[place].isdisjoint(question.required & wanted.weights.keys()):
        return True
    if unit.leads_in and max(with_context(section, place, specific_terms(wanted, section))) == place:
        return True
    if unit.kind is Kind.CODE and unit.text.count("\n") > _LONG_CODE_LINES:
        return True
    return _plain(unit.text) in _plain(question.selection or "")


def _merit(question: ParsedQuestion, section: ParsedSection, place: int) -> float:
    """Return what speaks for a unit besides the words it shares with the question."""
    unit = section.units[place]
    leads = place == 0 and not section.heading_terms.isdisjoint(question.subject)
    merit = fit(question.form, question.subject, unit) + (_LEAD_BONUS if leads else 0.0)
    echo = similarity(wording(question.text), wording(section.heading))
    merit += question.similarity(section.title_terms) * (_TITLE_BONUS + _WORDING_BONUS * echo)
    if unit.kind is not Kind.SENTENCE:
        return merit
    if is_short_answer(unit):
        return merit + (_WHETHER_BONUS if asks_whether(question.text) else 0.0) - _SHORT_COST
    if needs_context(unit):
        merit -= _LEANING_COST
    words = len(unit.text.split())
    if words > _LONG_WORDS:
        merit -= _LONG_COST
    if words < _SHORT_WORDS or unit.text.endswith("?"):
        merit -= _SHORT_COST
    return merit


def _plain(text: str) -> str:
    return " ".join("".join(letter for letter in text if letter not in "*_`").split())
