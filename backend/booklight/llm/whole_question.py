"""A question made whole: one that points back to an earlier one is searched for together with it."""

import re
from collections.abc import Sequence

from booklight_ingest.terms import cut_text, split_terms

_POINTS_BACK = re.compile(
    r"^\W*(?:and|but|so|or|also|then|what about|how about|what if|why not|why so|how so)\b", re.IGNORECASE
)
_PRONOUN = re.compile(r"\b(?:it|its|that|this|they|them|their|those|these|there|one)\b", re.IGNORECASE)
_FEW_TERMS = 3
_LONGEST = 600


def points_back(text: str, locale: str = "en") -> bool:
    """Say whether a question cannot be understood without what was said before."""
    text = cut_text(text, _LONGEST)
    terms = split_terms(text, locale)
    return not terms or bool(_POINTS_BACK.match(text)) or (len(terms) <= _FEW_TERMS and bool(_PRONOUN.search(text)))


def whole_question(asked: Sequence[str]) -> str:
    """Return the last of the questions `asked`, after the latest one before it that it points back to."""
    if not asked:
        return ""
    latest = asked[-1]
    standing = next((text for text in reversed(asked[:-1]) if not points_back(text)), "") if points_back(latest) else ""
    return cut_text(" ".join(text for text in (standing, latest) if text), _LONGEST).strip()
