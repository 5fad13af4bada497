"""Follow-up questions: what a reader may ask next, made from the book's own headings near what an answer cited."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from booklight_ingest.chunks import Chunk
from booklight_ingest.index.live import Index
from booklight_ingest.index.manifest import Manifest
from booklight_ingest.pages import PageId
from booklight_ingest.terms import split_terms

EFFECT = "booklight.follow_ups"
MAX_FOLLOW_UPS = 3

_GERUND = re.compile(r"[A-Z][a-z]*[aeiouy][a-z]*ing|[AEIOU][a-z]*ing")
_MAX_CITED = 8
_PER_PAGE = 24
_PER_CHAPTER = 24


async def suggest(index: Index, cited: Sequence[Chunk], asked: Sequence[str]) -> list[str]:
    """Return up to three questions about sections near those `cited`: of the same page first, then of the chapter.

    Sections that are cited, or that a question in `asked` was about, are left out. Raises IndexUnavailable.
    """
    if not cited:
        return []
    async with index.reading() as reading:
        ids = _nearby(reading.generation.manifest, cited[:_MAX_CITED])
        near = await reading.generation.engine.load(ids)
    return pick(near, cited, asked)


def pick(near: Sequence[Chunk], cited: Sequence[Chunk], asked: Sequence[str]) -> list[str]:
    """Return questions about the sections of `near`, in that order, each about another heading."""
    known = {_key(chunk.heading) for chunk in cited if chunk.heading}
    said = [set(split_terms(question)) for question in asked]
    questions: dict[str, str] = {}
    for chunk in near:
        heading = (chunk.heading or "").strip()
        terms = set(split_terms(heading))
        if not terms or _key(heading) in known or any(terms <= words for words in said):
            continue
        questions.setdefault(_key(heading), phrase(heading, chunk.locale))
    return list(questions.values())[:MAX_FOLLOW_UPS]


def phrase(heading: str, locale: str) -> str:
    """Return a question about the section under `heading`; in a language other than English, the heading itself."""
    if heading.endswith(("?", "？", "؟")) or not locale.startswith("en"):
        return heading
    first, _, rest = heading.partition(" ")
    if heading.lower().startswith("how to ") and rest:
        return f"How do I {heading[len('how to ') :]}?"
    if _GERUND.fullmatch(first) and rest:
        return f"What does the book say about {first.lower()} {rest}?"
    return f"What does the book say about “{heading}”?"


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
