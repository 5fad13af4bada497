"""Grounding: whether what an answer says rests on a passage.

A citation counts where its passage has the sentence's numbers and some of its words. A sentence without one is cited by
its words where nearly all of them, with its numbers, names and negations, stand in one passage.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from booklight.contracts import Passage
from booklight.llm.notices import every_language
from booklight_ingest.terms import split_names, split_terms

_WORDS_SHARE, _LEAST_TERMS = 0.7, 3
_MARK_SHARE, _MARK_TERMS = 0.25, 2
_SENTENCE = re.compile(r"(?:[^.!?。！？\n]++|[.!?](?!\s|\Z|[*_\"'”’)\]]))+[.!?。！？]*[*_\"'”’)\]]*")
_FENCED = re.compile(r"(`{3,}|~{3,})[^\n]*\n(.*?)\n[ \t]*\1\s*\Z", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LIST_NUMBER = re.compile(r"^\s*\d{1,3}[.)]\s", re.MULTILINE)
NEGATION = re.compile(
    r"\b(?:no|not|never|none|nor|neither|without|cannot|nothing|nobody|\w+n['’]t|nicht|kein\w*|nie|ohne|pas|jamais|sans"
    r"|nunca|sin|não|sem|non|senza|niet|geen|не|нет|без|ні|nichts|rien|nada|niente|niets|nic|ничего|нічого)\b|ない|ません|没有|不",
    re.IGNORECASE,
)
"""A word that denies, in the languages that have one."""
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text, and where it ends there, its full stop included."""

    text: str
    end: int


@dataclass(frozen=True, slots=True)
class _Said:
    """A text as it is compared."""

    terms: frozenset[str]
    numbers: frozenset[str]


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a text in order, code left out."""
    for found in _SENTENCE.finditer(_without_code(text)):
        if found[0].strip():
            yield Sentence(text[found.start() : found.end()], found.end())


def sentence_before(text: str, end: int) -> str:
    """Return what a citation that stands at `end` is about: the sentence before it, or the code that ends there."""
    before = text[:end].rstrip()
    if fenced := _FENCED.search(before):
        return fenced[2]
    last = ""
    for found in _SENTENCE.finditer(before[-2_000:]):
        last = found[0] if found[0].strip() else last
    return last


def may_cite(passage: Passage, sentence: str, passages: Sequence[Passage]) -> bool:
    """Say whether `sentence` may cite `passage`, one of the `passages` that were given.

    Its numbers have to stand there, and some of its words. The words of another language cannot be compared.
    """
    said, there = _said(sentence, passage.chunk.locale), _passage(passage)
    if not said.numbers <= there.numbers:
        return False
    if len(said.terms) < _MARK_TERMS or not _same_language(sentence, passages):
        return True
    shared = len(said.terms & there.terms)
    return shared >= _MARK_TERMS or shared / len(said.terms) >= _MARK_SHARE


def find_support(sentence: str, passages: Sequence[Passage]) -> int | None:
    """Return the label of the passage that says in nearly the same words what `sentence` says, None without one."""
    best: tuple[float, int] | None = None
    for label, passage in enumerate(passages, start=1):
        share = _share(sentence, passage)
        if share >= _WORDS_SHARE and (best is None or share > best[0]) and _agrees(sentence, passage):
            best = (share, label)
    return None if best is None else best[1]


def without_caveat(text: str) -> str:
    """Return an answer as the model gave it, without what was put around it for readers."""
    for said in every_language():
        if text.startswith(said.caveat):
            return text.removeprefix(said.caveat).partition(f"\n\n{said.nearest}")[0].strip()
    return text


def _share(sentence: str, passage: Passage) -> float:
    said, there = _said(sentence, passage.chunk.locale), _passage(passage)
    if len(said.terms) < _LEAST_TERMS or not said.numbers <= there.numbers:
        return 0.0
    return len(said.terms & there.terms) / len(said.terms)


def _agrees(sentence: str, passage: Passage) -> bool:
    """Say whether a passage has the sentence's names, and denies where the sentence denies."""
    locale = passage.chunk.locale
    if not split_names(sentence, locale) <= _passage(passage).terms:
        return False
    terms = _said(sentence, locale).terms
    nearest = max(
        sentences(passage.chunk.text), key=lambda one: len(terms & _said(one.text, locale).terms), default=None
    )
    return nearest is None or bool(NEGATION.search(nearest.text)) == bool(NEGATION.search(sentence))


@lru_cache(maxsize=512)
def _said(text: str, locale: str) -> _Said:
    plain = _LIST_NUMBER.sub("", text)
    numbers = {number.replace(",", "") for number in _NUMBER.findall(plain)}
    return _Said(frozenset(split_terms(plain, locale)), frozenset(numbers))


@lru_cache(maxsize=64)
def _passage(passage: Passage) -> _Said:
    chunk = passage.chunk
    return _said(" ".join([*chunk.breadcrumbs, chunk.text]), chunk.locale)


@lru_cache(maxsize=64)
def _words(passage: Passage) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(passage.chunk.text))


def _same_language(sentence: str, passages: Sequence[Passage]) -> bool:
    """Say whether a sentence is in the passages' language, as far as small words tell; a short one is taken to be."""
    words = [word.casefold() for word in _WORD.findall(sentence)]
    known = frozenset[str]().union(*map(_words, passages))
    small = [word for word in words if len(word) <= 4]
    if len(words) < 4 or not small:
        return not words or any(word in known for word in words)
    return sum(word in known for word in small) * 3 >= len(small)


def _without_code(text: str) -> str:
    """Return a text of the same length with its fences blanked."""
    return re.sub(r"(?ms)^[ \t]*(`{3,}|~{3,}).*?(?:^[ \t]*\1|\Z)", lambda found: "\n" * len(found[0]), text)
