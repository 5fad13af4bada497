"""Spelling: a word of a question that nobody knows becomes the book's commonest word one edit away.

An edit is a letter too few, too many or another one, or two letters that have changed places. The index keeps hashes of
stems and no words, so every word one edit away is made and looked up, which takes a millisecond a word and no memory.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence

from booklight_ingest.bm25 import TermCounts, hash_term
from booklight_ingest.embed.embedder import Embedder
from booklight_ingest.terms import split_terms, stem_word

# Shorter words have too many neighbours.
FEWEST_LETTERS = 4
# What a reader pastes may hold any number of unknown words; a question has few.
MOST_WORDS = 4
# Words that are looked up before others get a turn on the event loop.
AT_ONCE = 100

_WORD = re.compile(r"(?<![\w.`/\-])[^\W\d_]+(?![\w`/\-]|\.\w)")
# The letters that another may be mistaken for; stems have no accents.
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρστυφχψω")


async def correct(text: str, counts: TermCounts, embedder: Embedder, locale: str) -> str:
    """Return `text` with the words corrected that neither the book nor the embedding's vocabulary knows."""
    corrected: dict[str, str] = {}
    for word in dict.fromkeys(_WORD.findall(text)):
        if len(corrected) == MOST_WORDS:
            break
        if _is_unknown(word, counts, embedder, locale):
            corrected[word] = await nearest_word(word, counts, locale) or word
    return _WORD.sub(lambda found: corrected.get(found[0], found[0]), text)


async def nearest_word(word: str, counts: TermCounts, locale: str) -> str | None:
    """Return the book's commonest word one edit away from `word`, None when it has none.

    The first letter is seldom mistaken, so a word that has it too goes first.
    """
    lower = word.lower()
    words = list(dict.fromkeys(_one_edit_away(lower)))
    if not words:
        return None
    found: list[int] = []
    for start in range(0, len(words), AT_ONCE):
        found += counts.counts_of([hash_term(stem_word(each, locale)) for each in words[start : start + AT_ONCE]])
        await asyncio.sleep(0)
    best = max(range(len(words)), key=lambda at: (found[at] > 0 and words[at][0] == lower[0], found[at], -at))
    if not found[best]:
        return None
    return words[best].capitalize() if word[0].isupper() else words[best]


def _is_unknown(word: str, counts: TermCounts, embedder: Embedder, locale: str) -> bool:
    # Capitals within a word make it an identifier or an acronym, which is not a slip of the pen.
    if len(word) < FEWEST_LETTERS or not word[1:].islower():
        return False
    terms: Sequence[str] = split_terms(word, locale)
    if not terms or any(counts.counts_of([hash_term(term) for term in terms])):
        return False
    return not embedder.knows(word)


def _one_edit_away(word: str) -> Iterator[str]:
    """Yield what `word` may have been meant to be: letters that changed places, then one missing, too many, other."""
    alphabet = next((letters for letters in _ALPHABETS if word[-1] in letters), "")
    if not alphabet:
        return
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    yield from (before + after[1] + after[0] + after[2:] for before, after in splits if len(after) > 1)
    yield from (before + letter + after for before, after in splits for letter in alphabet)
    yield from (before + after[1:] for before, after in splits if after)
    yield from (before + letter + after[1:] for before, after in splits if after for letter in alphabet)
