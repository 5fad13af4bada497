"""How well a ranking answers questions: recall, nDCG, MRR by section and page, and AUC of the answerability.

A section is named by its page's source and its heading, and headings are compared as a person would: without
formatting, explicit ids, case, accents, punctuation and emoji.
"""

import html
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

CUTS = (1, 5, 10)
DEPTH = 10

# What can be all that tells two headings apart: `<Root>` and Root, C and C++.
_SYMBOLS = "{}<>|&+#$=@%/\\"
_AROUND_SYMBOLS = re.compile(rf"\s*([{re.escape(_SYMBOLS)}])\s*")
_EXPLICIT_ID = re.compile(r"\s*(?:\{#[^}]*\}|\{/\*\s*#.*?\*/\})\s*$")
_ATX = re.compile(r"^\s*#{1,6}\s+|\s+#+\s*$")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")

# A page's source and a heading, both as they are compared; the heading of an introduction is empty.
SectionKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over questions, each from 0 to 1."""

    recall: dict[int, float]
    ndcg: float
    mrr: float


def section(source: str, heading: str | None) -> SectionKey:
    """Return a section as sections are compared."""
    return normal_source(source), normal_heading(heading)


def accepted_sections(source: str, heading: str | None, title: str | None) -> frozenset[SectionKey]:
    """Return the ways to name an expected section: symbols may be lost, an introduction goes by the title too."""
    names = [heading, title] if heading is None and title else [heading]
    return frozenset((normal_source(source), normal_heading(name, keep)) for name in names for keep in (_SYMBOLS, ""))


def normal_source(source: str) -> str:
    """Return a page's source as sources are compared: forward slashes, no leading `./` or `docs/`, no fragment."""
    path = re.split("[#?]", unicodedata.normalize("NFC", source).replace("\\", "/").strip(), maxsplit=1)[0]
    return re.sub(r"^(?:\./|/)+", "", path).removeprefix("docs/")


def normal_heading(heading: str | None, keep: str = _SYMBOLS) -> str:
    """Return a heading as headings are compared. Only a heading of nothing but symbols keeps them all the same."""
    text = _ESCAPE.sub(r"\1", _LINK.sub(r"\1", _ATX.sub("", _EXPLICIT_ID.sub("", html.unescape(heading or "")))))
    folded = unicodedata.normalize("NFKD", text).casefold()
    letters = (c if c.isalnum() or c in keep else "" if unicodedata.combining(c) else " " for c in folded)
    words = " ".join(_AROUND_SYMBOLS.sub(r"\1", "".join(letters)).split())
    return words if words or keep else normal_heading(heading)


def found_at(ranking: Iterable[SectionKey], expected: Sequence[frozenset[SectionKey]]) -> list[bool]:
    """Say for each different section of a ranking whether it is an expected one not found before."""
    left = list(expected)
    found = []
    for key in dict.fromkeys(ranking):
        match = next((accepted for accepted in left if key in accepted), None)
        found.append(match is not None)
        if match is not None:
            left.remove(match)
    return found


def pages_of(expected: Iterable[frozenset[SectionKey]]) -> list[frozenset[SectionKey]]:
    """Return the expected pages of expected sections."""
    return [frozenset({(source, "")}) for source in sorted({source for names in expected for source, _ in names})]


def score(found: Sequence[bool], expected: int) -> Scores:
    """Score one question's ranking, in which `expected` sections could be found."""
    gain = sum(1 / math.log2(rank + 2) for rank, hit in enumerate(found[:DEPTH]) if hit)
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(DEPTH, expected)))
    first = next((rank for rank, hit in enumerate(found, start=1) if hit), None)
    recall = {cut: sum(found[:cut]) / min(cut, expected) for cut in CUTS}
    return Scores(recall, gain / ideal, 1 / first if first else 0.0)


def mean(scores: Sequence[Scores]) -> Scores:
    """Return the mean of several questions' scores; all 0 when there are none."""
    if not scores:
        return Scores(dict.fromkeys(CUTS, 0.0), 0.0, 0.0)
    recall = {cut: fmean(one.recall[cut] for one in scores) for cut in CUTS}
    return Scores(recall, fmean(one.ndcg for one in scores), fmean(one.mrr for one in scores))


def auc(answerable: Sequence[float], unanswerable: Sequence[float]) -> float | None:
    """Return the chance that an answerable question gets the higher figure; None when either kind is missing."""
    if not answerable or not unanswerable:
        return None
    wins = sum((good > bad) + 0.5 * (good == bad) for good in answerable for bad in unanswerable)
    return wins / (len(answerable) * len(unanswerable))
