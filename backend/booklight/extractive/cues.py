"""Cues: what kind of answer a question asks for, and which pieces of a book look like it."""

import re
from collections.abc import Sequence

from booklight.extractive.units import Kind, Unit
from booklight_ingest.terms import split_terms

_FIT = 0.22
_STEP_FIT = 0.11
_DEFINITION_FIT = 0.5
_SAME_WORD = 0.6
_BEGINNING_WORDS = 5
_CLOSE = 5


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b", re.IGNORECASE)


_ASKS_MEANING = re.compile(r"\W*(?:so\W+)?(?:what(?:[’']s| is| are| was| does)|define|explain|who is)\b", re.IGNORECASE)
_ASKS_CAUSE = _words("why", "how come", "reason", "what for")
_ASKS_QUANTITY = _words("how (?:many|much|long|often|big|large|old|far|fast)", "(?:which|what) [a-z.]+ version")
_ASKS_WHICH = re.compile(
    r"\W*(?:which|what) (?!else\b)([\w-]+)"
    r" (?:is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have)\b",
    re.IGNORECASE,
)
_ASKS_STEPS = _words("how (?:do|can|to|should|would|could|does)", "steps?", "install", "set ?up", "configure", "enable")
_ASKS_WHO = re.compile(r"\W*who(?:se|m)?\b", re.IGNORECASE)
_ASKS_WHETHER = re.compile(
    r"\W*(?:is|are|was|were|do|does|did|can|could|may|must|will|would|should|has|have)\b", re.IGNORECASE
)
_ASKS_NEED = _words("without", "need", "needed", "required?", "have to")
_ASKS_LIST = re.compile(r"\W*(?:(?:which|what) .*\b(?:are there|exist|available)\b|list\b)", re.IGNORECASE)
_ASKS_CODE = _words("example", "show me", "code", "snippet", "commands?", "syntax", "look like", "write")

_GIVES_CAUSE = _words(
    "because", "since", "so that", "in order to", "otherwise", "reasons?", "as a result", "this way", "causes?"
)
_GIVES_NEED = _words(
    "no", "not", "nothing", "none", "without", "left out", "optional", "needs?", "required?", "requires?"
)
_GIVES_NUMBER = re.compile(r"\d")
_GIVES_NAME = re.compile(r"`|\d|(?<=\w )[A-Z]")
_CLAUSE_END = re.compile(r"[,;:()–—]+(?= |$)")

_SUBJECT = re.compile(
    r"(.*?)\b(?:(?:is|are)(?!\W+(?:not|\w+ed|\w+ing)\b)"
    r"|means?|refers? to|stands? for|describes?|denotes?|allows?|lets?)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_FIRST_CELL = re.compile(r"\|([^|]*)\|")
_ITEM_NAME = re.compile(r"\W*(.{1,60}?)(?::| [–—-] )")


def asks_whether(question: str) -> bool:
    """Say whether a question asks for a yes or a no."""
    return bool(_ASKS_WHETHER.match(question))


def asks_steps(question: str) -> bool:
    """Say whether a question asks how to do something."""
    return bool(_ASKS_STEPS.search(question))


def fit(question: str, subject: frozenset[str], unit: Unit) -> float:
    """Return how far a unit has the form of the answer that is asked for: 0 for not at all, 0.5 at most.

    `subject` holds the terms of what is asked about.
    """
    if _ASKS_MEANING.match(question) and unit.kind is not Kind.CODE:
        return _DEFINITION_FIT * similarity(subject, _defined_terms(unit))
    if _ASKS_CAUSE.search(question) and _GIVES_CAUSE.search(unit.text):
        return _FIT
    if _ASKS_QUANTITY.search(question) and unit.kind is not Kind.CODE and _GIVES_NUMBER.search(unit.text):
        return _FIT
    if _ASKS_NEED.search(question) and _GIVES_NEED.search(unit.text):
        return _FIT
    if _ASKS_LIST.match(question) and unit.kind in {Kind.ITEM, Kind.ROW}:
        return _FIT
    if _ASKS_CODE.search(question) and unit.kind is Kind.CODE:
        return _FIT
    if _ASKS_STEPS.search(question) and (unit.kind in {Kind.CODE, Kind.ITEM} or unit.leads_in):
        return _STEP_FIT
    return 0.0


def lacks_form(question: str, heading: str, unit: Unit) -> bool:
    """Say whether a unit lacks what every answer has: a number, a reason, a person, a need or its absence.

    A heading that asks for a reason or a person says that its section has it.
    """
    if _ASKS_QUANTITY.search(question):
        return not _GIVES_NUMBER.search(unit.text)
    if _ASKS_CAUSE.search(question):
        return not (_GIVES_CAUSE.search(f"{unit.head} {unit.text}") or _ASKS_CAUSE.search(heading))
    if _ASKS_WHO.match(question):
        return not (_ASKS_WHO.match(heading) or _names_who(question, unit))
    return bool(_ASKS_NEED.search(question)) and not _GIVES_NEED.search(unit.text)


def lacks_name(question: str, subject: frozenset[str], unit: Unit) -> bool:
    """Say whether a question is which of a kind ("Which databases can I use?") and a sentence tells none of them.

    It tells one where the kind stands close to what else is asked, or in one clause with a name, a number or code.
    """
    asked = _ASKS_WHICH.match(question)
    kind = frozenset(split_terms(asked[1])) if asked else frozenset()
    if not kind or unit.kind is not Kind.SENTENCE or _close(split_terms(unit.text), kind, subject - kind):
        return False
    clauses = _CLAUSE_END.split(unit.text)
    return not any(_GIVES_NAME.search(clause) and not kind.isdisjoint(split_terms(clause)) for clause in clauses)


def _close(terms: Sequence[str], some: frozenset[str], others: frozenset[str]) -> bool:
    places = [place for place, term in enumerate(terms) if term in some]
    return any(not others.isdisjoint(terms[max(0, place - _CLOSE) : place + _CLOSE + 1]) for place in places)


def _names_who(question: str, unit: Unit) -> bool:
    """Say whether a unit begins with somebody who does what is asked ("Workers feed …"), or says by whom it is done."""
    beginning = split_terms(" ".join(unit.text.split()[:_BEGINNING_WORDS]))
    return " by " in unit.text or any(term in beginning for term in split_terms(question)[:1])


def defines(word: str, unit: Unit) -> bool:
    """Say whether a unit says what `word` means."""
    terms, defined = frozenset(split_terms(word)), _defined_terms(unit)
    column = _FIRST_CELL.match(unit.head)
    if column and defined & terms:
        defined |= terms.intersection(split_terms(column[1]))
    return unit.kind is not Kind.CODE and similarity(terms, defined) >= _SAME_WORD


def wording(text: str) -> frozenset[str]:
    """Return the words of a question or a heading as they are, the small ones that ask included."""
    return frozenset(_WORD.findall(text.casefold()))


def similarity(some: frozenset[str], others: frozenset[str]) -> float:
    """Return how far two sets of terms are the same, between 0 and 1."""
    return len(some & others) / len(some | others) if some and others else 0.0


def _defined_terms(unit: Unit) -> frozenset[str]:
    """Return the terms of what a unit says the meaning of: a sentence's subject, a row's first cell, an item's name."""
    defined = {Kind.ROW: _FIRST_CELL, Kind.ITEM: _ITEM_NAME}.get(unit.kind, _SUBJECT).match(unit.text)
    return frozenset(split_terms(defined[1])) if defined else frozenset()
