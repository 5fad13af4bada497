"""Words as BM25 counts them: stems, identifiers whole and in parts, pairs of characters where nobody writes spaces.

`setChunkSize`, `set_chunk_size` and `set-chunk-size` all yield `setchunks` (the whole, stemmed) and the stems of their
parts. Stems and stop words are those of a word's language. Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese are
cut into overlapping pairs of characters, which needs no dictionary; other scripts are split at white space and
punctuation.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

import Stemmer

from booklight_ingest.languages import SNOWBALL, base_language, language_of_word, stop_words

MAX_TERM = 64

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"  # noqa: E501
# Vowel signs and accents that stand apart are marks, which \w leaves out: without them Hindi falls to pieces.
_MARKS = "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u0f00-\u0fff"
_WORD = rf"(?:[^\W{_UNSPACED}]|[{_MARKS}])+"
_TOKEN = re.compile(rf"[{_UNSPACED}]+|{_WORD}(?:[.\-]{_WORD})*")
# What that comes to in plain English text, several times as fast.
_ASCII_TOKEN = re.compile(r"\w+(?:[.\-]\w+)*", re.ASCII)
_PARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_.\-]+")
_FIRST_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_ACCENTS = re.compile("[\u0300-\u036f]")

_BEGINNINGS = frozenset(".!?:\n")
# Where every noun is written with a capital, a capital does not make a name.
CAPITALIZING = frozenset({"de"})


def split_terms(text: str, locale: str = "en") -> list[str]:
    """Return the terms of `text` in order, repeats included; empty when it has none (emoji, punctuation)."""
    normal = unicodedata.normalize("NFKC", text)
    return [term for token in _pattern(normal).findall(normal) for term in _terms_of_token(token, locale)]


def cut_text(text: str, most: int) -> str:
    """Return the beginning of `text` in which at most `most` characters are read; one may stand for eighteen."""
    text = text[:most]
    while not text.isascii() and (length := len(unicodedata.normalize("NFKC", text))) > most:
        text = text[: len(text) * most // length]
    return text


def plain_words(text: str) -> str:
    """Return the words of `text` as they stand, in lower case and without the marks between them."""
    normal = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_pattern(normal).findall(normal))


def stem_word(word: str, locale: str) -> str:
    """Return the term of one word in lower case, as `split_terms` does for a word that is no stop word."""
    return _stem(word[:MAX_TERM], language_of_word(word, locale))


def split_names(text: str, locale: str = "en") -> frozenset[str]:
    """Return the terms of `text` that are names, as far as capitals tell: `Vim` and `CrewAI` within a sentence.

    A name of several parts counts by its parts: `GitHubActions` is known to a book that knows GitHub and actions.
    """
    normal = unicodedata.normalize("NFKC", text)
    if normal.islower():
        return frozenset()
    tokens = [*_tokens_with_capital(normal)]
    capitals = [token for token, capital in tokens if capital]
    if base_language(locale) in CAPITALIZING or 2 * len(capitals) > len(tokens):
        return frozenset()  # in a title, or among capitals only, they tell nothing
    named = [_terms_of_token(token, locale) for token in capitals]
    return frozenset(term for terms in named for term in terms[1:] or terms)


def _tokens_with_capital(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each token and whether it has a capital that the beginning of a sentence does not explain."""
    end = 0
    for match in _pattern(text).finditer(text):
        token, before, end = match[0], end, match.end()
        if token.islower():
            yield token, False
            continue
        begins = before == 0 or not _BEGINNINGS.isdisjoint(text[before : match.start()])
        yield token, any(map(str.isupper, token[begins:]))


def _pattern(text: str) -> re.Pattern[str]:
    return _ASCII_TOKEN if text.isascii() else _TOKEN


def _terms_of_token(token: str, locale: str) -> tuple[str, ...]:
    # What readers type can be long, and would fill the memory that the cache may take.
    return _known_terms(token, locale) if len(token) <= MAX_TERM else _split_token(token, locale)


@lru_cache(maxsize=65_536)
def _known_terms(token: str, locale: str) -> tuple[str, ...]:
    return _split_token(token, locale)


def _split_token(token: str, locale: str) -> tuple[str, ...]:
    if _FIRST_UNSPACED.match(token):
        return tuple(token[at : at + 2] for at in range(max(1, len(token) - 1)))
    parts = [part for part in _PARTS.split(token) if part]
    words = [word.casefold() for word in (parts if len(parts) < 2 else ["".join(parts), *parts])]
    language = language_of_word(token, locale)
    stops = stop_words(language)
    return tuple(_stem(word[:MAX_TERM], language) for word in words if word not in stops)


def _stem(word: str, language: str) -> str:
    stem = _stemmer(language).stemWord(word)
    return _ACCENTS.sub("", unicodedata.normalize("NFD", stem))


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    # Threads may share one, since a call keeps the interpreter to itself; a cache of its own would be a second one.
    return Stemmer.Stemmer(SNOWBALL.get(language, "english"), 0)
