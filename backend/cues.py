"""Cues: what kind of answer a question asks for, and which pieces of a book look like it."""

import re

from backend.sentences import Kind, Unit
from ingest.terms import split_terms

_FIT = 0.22
_STEP_FIT = 0.11
_DEFINITION_FIT = 0.5


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b", re.IGNORECASE)


_ASKS_MEANING = re.compile(r"\W*(?:so\W+)?(?:what(?:[’']s| is| are| was| does)|define|explain|who is)\b", re.IGNORECASE)
_ASKS_CAUSE = _words("why", "how come", "reason", "what for")
_ASKS_QUANTITY = _words("how (?:many|much|long|often|big|large|old|far|fast)", "(?:which|what) [a-z.]+ version", "when")
_ASKS_STEPS = _words("how (?:do|can|to|should|would|could|does)", "steps?", "install", "set ?up", "configure", "enable")
_ASKS_CODE = _words("example", "show me", "code", "snippet", "commands?", "syntax", "look like", "write")

_GIVES_CAUSE = _words("because", "since", "so that", "in order to", "otherwise", "reasons?", "as a result", "this way")
_GIVES_NUMBER = re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|never|always)\b", re.IGNORECASE)

_SUBJECT = re.compile(
    r"(.*?)\b(?:is|are|means?|refers? to|stands? for|describes?|denotes?|allows?|lets?)\b", re.IGNORECASE
)
_FIRST_CELL = re.compile(r"\|([^|]*)\|")
_ITEM_NAME = re.compile(r"\W*(.{1,60}?)(?::| [–—-] )")
_POINTS_BACK = re.compile(
    r"\W*(?:this|that|these|those|it|its|they|he|she|such|however|therefore|thus|hence|instead|otherwise|but|and|also"
    r"|then|so|for example|for instance|in this case|in that case|similarly|likewise|moreover|as a result|here)\b",
    re.IGNORECASE,
)


def points_back(unit: Unit) -> bool:
    """Say whether a unit begins in a way that needs what stands before it."""
    return unit.kind is Kind.SENTENCE and bool(_POINTS_BACK.match(unit.text))


def fit(question: str, subject: frozenset[str], unit: Unit) -> float:
    """Return how far a unit has the form of the answer that is asked for: 0 for not at all, about 0.5 at most.

    `subject` holds the terms of what is asked about.
    """
    if _ASKS_MEANING.match(question) and unit.kind is not Kind.CODE:
        return _DEFINITION_FIT * likeness(subject, _defined_terms(unit))
    if _ASKS_CAUSE.search(question) and _GIVES_CAUSE.search(unit.text):
        return _FIT
    if _ASKS_QUANTITY.search(question) and unit.kind is not Kind.CODE and _GIVES_NUMBER.search(unit.text):
        return _FIT
    if _ASKS_CODE.search(question) and unit.kind is Kind.CODE:
        return _FIT
    if _ASKS_STEPS.search(question) and (unit.kind in {Kind.CODE, Kind.ITEM} or unit.leads_in):
        return _STEP_FIT
    return 0.0


def likeness(some: frozenset[str], others: frozenset[str]) -> float:
    """Return how far two sets of terms are the same, between 0 and 1."""
    return len(some & others) / len(some | others) if some and others else 0.0


def _defined_terms(unit: Unit) -> frozenset[str]:
    """Return the terms of what a unit says the meaning of: a sentence's subject, a row's first cell, an item's name."""
    defined = {Kind.ROW: _FIRST_CELL, Kind.ITEM: _ITEM_NAME}.get(unit.kind, _SUBJECT).match(unit.text)
    return frozenset(split_terms(defined[1])) if defined else frozenset()
