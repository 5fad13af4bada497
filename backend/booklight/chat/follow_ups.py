"""Follow-up questions: what a reader may ask next, made from the book's own headings near what an answer cited.

Each carries the address of its section, which answers it without a search. A heading stays what it is, in whatever
language: only "How to" becomes a question, since a template around any other reads badly sooner or later.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from booklight.contracts import SectionAddress
from booklight_ingest.chunks import Chunk
from booklight_ingest.index.live import Index
from booklight_ingest.index.manifest import Manifest
from booklight_ingest.pages import PageId
from booklight_ingest.terms import cut_text, split_terms

EFFECT = "booklight.follow_ups"
MAX_FOLLOW_UPS = 3

_HOW_TO = re.compile(r"how to (?=\S)", re.IGNORECASE)
_MAX_CITED = 8
_PER_PAGE = 24
_PER_CHAPTER = 24
# A heading that was asked about stands at the beginning of its question.
_QUESTION_READ = 400


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may be asked next, and the section that it was made from."""

    text: str
    about: SectionAddress


async def suggest(index: Index, cited: Sequence[Chunk], asked: Sequence[str]) -> list[Suggestion]:
    """Return up to three suggestions of sections near those `cited`: of the same page first, then of the chapter.

    Sections that are cited, or that a question in `asked` was about, are left out. Raises IndexUnavailable.
    """
    if not cited:
        return []
    async with index.reading() as reading:
        ids = _nearby(reading.generation.manifest, cited[:_MAX_CITED])
        near = await reading.generation.engine.load(ids)
    return await asyncio.to_thread(pick, near, cited, asked)


def pick(near: Sequence[Chunk], cited: Sequence[Chunk], asked: Sequence[str]) -> list[Suggestion]:
    """Return suggestions of the sections of `near`, in that order, each about another heading."""
    known = {_key(chunk.heading) for chunk in cited if chunk.heading}
    locale = cited[0].locale if cited else "en"
    said = [set(split_terms(cut_text(question, _QUESTION_READ), locale)) for question in asked]
    suggestions: dict[str, Suggestion] = {}
    for chunk in near:
        heading = (chunk.heading or "").strip()
        terms = set(split_terms(heading, chunk.locale))
        if not terms or _key(heading) in known or any(terms <= words for words in said):
            continue
        about = SectionAddress(path=chunk.path, anchor=chunk.anchor)
        suggestions.setdefault(_key(heading), Suggestion(phrase(heading, chunk.locale), about))
    return list(suggestions.values())[:MAX_FOLLOW_UPS]


def phrase(heading: str, locale: str) -> str:
    """Return the heading, in plain words and as a question where English has "How to"."""
    plain = heading.replace("`", "")
    if locale.startswith("en") and _HOW_TO.match(plain):
        return _HOW_TO.sub("How do I ", plain).rstrip("?") + "?"
    return plain


def effect_data(suggestions: Sequence[Suggestion]) -> dict[str, object]:
    """Return what clients get: the questions for those that can only ask, and each with its address."""
    addressed = [{"text": each.text, **each.about.model_dump()} for each in suggestions]
    return {"questions": [each.text for each in suggestions], "suggestions": addressed}


def _nearby(manifest: Manifest, cited: Sequence[Chunk]) -> list[str]:
    """Return the ids of chunks on the cited pages, what follows a citation first, then of others in their chapters."""
    pages = list(dict.fromkeys(chunk.page_id for chunk in cited))
    ids = {chunk.id for chunk in cited}
    near = [row for page in pages for row in _from(manifest, page, ids)]
    chapters = {(*chunk.page_id.edition, chunk.chapter_path) for chunk in cited if chunk.chapter_path}
    known = (page for page in manifest.pages if (*page.id.edition, page.chapter_path) in chapters)
    within = (page.id for page in known if page.id not in pages)
    further = (row.id for page in within for row in manifest.rows.on(page) if not row.recurring)
    return [*near, *islice(further, _PER_CHAPTER)]


def _from(manifest: Manifest, page: PageId, cited: set[str]) -> Iterator[str]:
    rows = list(manifest.rows.on(page))
    start = next((place for place, row in enumerate(rows) if row.id in cited), -1) + 1
    around = [*rows[start:], *rows[:start]]
    return iter([row.id for row in around if not row.recurring and row.id not in cited][:_PER_PAGE])


def _key(heading: str) -> str:
    return heading.strip().casefold()
