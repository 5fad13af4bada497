"""The language that a book is written in, where that is plainly not the one that its locale says.

A site without `i18n` has the locale `en` whatever it is written in, and its words would be stemmed as English.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from booklight_ingest.languages import STOP_WORDS, base_language
from booklight_ingest.mdx import read_source
from booklight_ingest.sources import BookSource

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

PAGES, LETTERS = 40, 2_000
# Fewer bytes of UTF-8 than this in one half of the sample tell nothing.
FEWEST = 150
CERTAIN = 0.95
# English prose is stop words to a third at least; that is seen much sooner than the model of languages is loaded.
ENGLISH_FROM = 0.25
FRONT_MATTER = re.compile(r"\A\ufeff?---\s*\n.*?\n---\s*\n", re.DOTALL)
NO_PROSE = re.compile(
    r"^[ >]*(`{3,}|~{3,}).*?^[ >]*\1|`[^`\n]*`|<[^>]*>|\{[^}]*\}|^(?:import|export)\s.*$|\]\([^)]*\)|https?://\S+",
    re.MULTILINE | re.DOTALL,
)
WORD = re.compile(r"[^\W\d_]+")
# What the model tells apart and a locale does not.
SAME = {"nb": "no", "nn": "no", "wuu": "zh", "yue": "zh", "bs": "hr", "sr": "hr", "ms": "id", "pcm": "en"}


def plain_language(source: BookSource) -> str | None:
    """Return the language, as ISO 639 codes it, that the sources of a book are plainly written in.

    None where that is the book's own, or another one of its site, as in pages that have yet to be translated, or where
    the sources do not tell. A book that is said to be in another language than English is looked at for English alone,
    and only where all locales of its site are known.
    """
    site = source.book.site
    said = {_base(locale) for locale in (site.locale, *site.locales)}
    halves = _halves(source)
    if any(len(half.encode()) < FEWEST for half in halves):
        return None
    english = all(map(_is_english, halves))
    if "en" not in said:
        return "en" if english and site.locales else None
    if english:
        return None
    found = {_detect(half) for half in halves}
    return found.pop() if len(found) == 1 and not found & {None, *said} else None


def as_written(source: BookSource, language: str) -> BookSource:
    """Return the book with `language` for the locale of all its pages."""
    book = source.book
    site = book.site.model_copy(update={"locale": language})
    pages = tuple(page.model_copy(update={"locale": language}) for page in book.pages)
    return replace(source, book=book.model_copy(update={"site": site, "pages": pages}))


def _halves(source: BookSource) -> tuple[str, str]:
    """Prose from pages all over the book, every other page in each half; of a single page its halves."""
    given = [source.root / page.source for page in source.book.pages if page.source]
    files = [file for file in given if file.suffix in {".md", ".mdx"}]
    chosen = files[:: max(1, len(files) // PAGES)][:PAGES]
    words = [_prose(read_source(file) or "") for file in chosen]
    if len(words) == 1:
        middle = len(words[0]) // 2
        words = [words[0][:middle], words[0][middle:]]
    return " ".join(chain(*words[::2])), " ".join(chain(*words[1::2]))


def _prose(text: str) -> Sequence[str]:
    return list(_words(NO_PROSE.sub(" ", FRONT_MATTER.sub("", text))))


def _words(text: str) -> Iterator[str]:
    left = LETTERS
    for word in WORD.findall(text):
        left -= len(word)
        if left < 0:
            return
        yield word


def _is_english(text: str) -> bool:
    words = text.casefold().split()
    return sum(word in STOP_WORDS for word in words) >= ENGLISH_FROM * len(words)


def _detect(text: str) -> str | None:
    """The language of a text, None where it is not certain."""
    language, certainty = _identifier().classify(text)
    return _base(language) if certainty >= CERTAIN else None


def _base(locale: str) -> str:
    language = base_language(locale)
    return SAME.get(language, language)


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
