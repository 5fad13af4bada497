"""Books made of words drawn at random, a few of them often and most of them rarely, the same in every run."""

import random
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from booklight_ingest.chunks import Chunk
from booklight_ingest.pages import Book, Page, Site

VOCABULARY = 20_000
SYLLABLES = ("ba", "co", "di", "fu", "ga", "hel", "in", "jo", "ker", "lu", "mo", "nat", "or", "pe", "qui", "ras", "ten")
SECTIONS = 10
WORDS = 90


class Words:
    """Sentences of made-up words, the common ones first as in any language."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._words = list(dict.fromkeys(self._word() for _ in range(2 * VOCABULARY)))[:VOCABULARY]

    def sentence(self, length: int) -> str:
        """Return `length` words."""
        # A Pareto draw gives the long tail that real text has.
        ranks = (int(self._random.paretovariate(0.6)) % len(self._words) for _ in range(length))
        return " ".join(self._words[rank] for rank in ranks)

    def _word(self) -> str:
        return "".join(self._random.choices(SYLLABLES, k=self._random.randint(1, 4)))


def write_site(folder: Path, pages: int) -> Path:
    """Write MDX sources and their `pages.json`, without built headings, and return the latter."""
    words = Words()
    (folder / "docs").mkdir(parents=True)
    for at in range(pages):
        (folder / source(at)).write_text(page_text(words), encoding="utf-8")
    pages_json = folder / "pages.json"
    pages_json.write_text(make_book(pages).model_dump_json(by_alias=True), encoding="utf-8")
    return pages_json


def make_chunks(count: int) -> list[Chunk]:
    """Return the first `count` chunks of a book, without any MDX being read."""
    words, pages = Words(), [make_page(at) for at in range(-(-count // SECTIONS))]
    return [_make_chunk(pages[at // SECTIONS], at, words) for at in range(count)]


def rewritten(chunk: Chunk, text: str) -> Chunk:
    """Return a chunk as it would be after its author changed the text."""
    return replace(chunk, text=text, content_hash=sha256(text.encode()).hexdigest())


SITE = Site(title="Bench", url="https://bench.example", base_url="/", locale="en", site_dir=".", commit="bench")


def make_book(pages: int) -> Book:
    """Return a book of as many pages, ten to a chapter."""
    return Book(version=1, site=SITE, pages=tuple(map(make_page, range(pages))))


def make_page(at: int) -> Page:
    """Return one page."""
    chapter = at // 10
    return Page(
        path=f"/docs/chapter-{chapter}/page-{at}",
        source=source(at),
        title=f"Page {at}",
        chapter=chapter,
        chapter_path=f"/docs/chapter-{chapter}",
        lesson=f"page-{at}",
    )


def source(at: int) -> str:
    """Return the source of a page."""
    return f"docs/page-{at}.mdx"


def page_text(words: Words) -> str:
    """Return a page of sections with a paragraph, a list and now and then some code."""
    return "\n".join(_section(words, at) for at in range(SECTIONS))


def questions(count: int) -> list[str]:
    """Return questions of a reader's length, in the words of the book."""
    words = Words(seed=2)
    return [words.sentence(7) for _ in range(count)]


def _section(words: Words, at: int) -> str:
    items = "\n".join(f"- {words.sentence(6)} with `{words.sentence(1)}`" for _ in range(3))
    code = f'```python title="{words.sentence(1)}.py"\nprint("{words.sentence(4)}")\n```\n' if at % 3 == 0 else ""
    return f"## {words.sentence(4).capitalize()}\n\n{words.sentence(WORDS)}.\n\n{items}\n\n{code}"


def _make_chunk(page: Page, at: int, words: Words) -> Chunk:
    heading = words.sentence(4).capitalize()
    text = f"{words.sentence(WORDS)}. `{words.sentence(1)}`"
    return Chunk(
        id=str(UUID(int=at + 1)),
        path=page.path,
        url=f"{page.path}#section-{at}",
        anchor=f"section-{at}",
        heading=heading,
        breadcrumbs=(page.title, heading),
        page_title=page.title,
        chapter_number=page.chapter,
        chapter_path=page.chapter_path,
        chapter_title=f"Chapter {page.chapter}",
        lesson_slug=page.lesson,
        source=page.source,
        position=0,
        text=text,
        token_count=WORDS,
        content_hash=sha256(text.encode()).hexdigest(),
        site=SITE.address,
        locale=page.locale,
        docs_instance=page.docs_instance,
        docs_version=page.docs_version,
    )
