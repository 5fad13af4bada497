"""A question as the extractive model reads it: what to search for, and which terms an answer should have."""

import re
from dataclasses import dataclass

from booklight_ingest.terms import split_terms

_QUERY_LENGTH = 400
_TOPIC_SHARE = 0.6
_SELECTION_SHARE = 0.3
_SHORT_SELECTION_TERMS = 5
_ASKING_SHARE = 0.25
# A book often has another verb for what a reader wants to do, and seldom another name for the thing.
VERB_SHARE = 0.5
_FEW_WORDS = 3

# Words that ask, and say nothing of what is asked about.
_ASKING = frozenset(
    split_terms(
        "mean explain define describe tell know understand difference different example work happen show give book page"
    )
)
_HOW_MUCH = re.compile(r"\bhow (long|often|big|large|old|far|fast)\b", re.IGNORECASE)
_HOW_TO = re.compile(r"\W*how (?:do|can|to|should|would|could)(?: (?:i|you|we|one))? ([\w-]+)", re.IGNORECASE)
_DEFINITION = re.compile(
    r"\W*(?:what(?:[’']s| is) an? ([^?.!,]+)|what is (?!the\b|not\b)([^\s?]+(?: [^\s?]+)?)"
    r"|what (?:does|do) (?:an? )?(.+?) (?:mean|do)|define (.+?))\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """What is asked: the reader's words, the earlier question they point back to, and what was selected."""

    text: str
    topic: str | None = None
    selection: str | None = None

    @property
    def query(self) -> str:
        """What to search for; empty if there is nothing to search for."""
        parts = [self.topic or "", self.text]
        text = " ".join(part for part in parts if split_terms(part)) or (self.selection or "")
        return text[:_QUERY_LENGTH].strip() if split_terms(text) else ""

    @property
    def word(self) -> str | None:
        """The word or phrase whose meaning is asked, as in "What is a …?", or None."""
        asked = _DEFINITION.fullmatch(self.text)
        word = next((group for group in asked.groups() if group), "") if asked else ""
        return word if split_terms(word) else None

    @property
    def shares(self) -> dict[str, float]:
        """The terms wanted in an answer, each with how much it counts: 1 for what was asked about in so many words."""
        selected = split_terms(self.selection or "")
        shares = dict.fromkeys(selected, _SELECTION_SHARE if len(selected) > _SHORT_SELECTION_TERMS else 1.0)
        shares |= dict.fromkeys(split_terms(self.topic or ""), _TOPIC_SHARE)
        asked = set(split_terms(self.text))
        asking = _ASKING.union(*map(split_terms, _HOW_MUCH.findall(self.text)))
        pointing = bool(shares) or bool(asked - asking)
        return shares | {term: _ASKING_SHARE if pointing and term in asking else 1.0 for term in asked}

    @property
    def required(self) -> frozenset[str]:
        """The wanted terms of which an answer must have one: all but those that only ask, if there are others."""
        shares = self.shares
        return frozenset(term for term, share in shares.items() if share > _ASKING_SHARE)

    @property
    def form(self) -> str:
        """The text that shows what form of answer is asked for: a very short one asks as the question before it."""
        return f"{self.text} {self.topic}" if self.topic and len(self.text.split()) <= _FEW_WORDS else self.text

    def similarity(self, terms: frozenset[str]) -> float:
        """Return how far the terms of a heading are those of the question, between 0 and 1."""
        asked = {term: VERB_SHARE if term in self.verb else 1.0 for term in self.subject}
        together = sum(asked.values()) + len(terms - asked.keys())
        return sum(asked.get(term, 0.0) for term in terms) / together if together else 0.0

    @property
    def verb(self) -> frozenset[str]:
        """The term of what a reader wants to do, if the question is how."""
        asked = _HOW_TO.match(self.text)
        return frozenset(split_terms(asked[1])) if asked else frozenset()

    @property
    def subject(self) -> frozenset[str]:
        """The terms of what is asked about."""
        return frozenset(term for term, share in self.shares.items() if share == 1.0)
