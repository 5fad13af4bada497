"""Chunks: the pieces of a page that are embedded, found and cited."""

import hashlib
import logging
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from booklight_ingest.errors import PagesUnreadable
from booklight_ingest.html import content_of, file_of, read_html
from booklight_ingest.mdx import Item, Library, Problem, SourceReading, parse, read, read_source, render
from booklight_ingest.packing import pack
from booklight_ingest.pages import Book, Page, PageId
from booklight_ingest.sections import Section, sections_of, split_sections
from booklight_ingest.witnesses import Tally, choose, without_title

MARKDOWN = frozenset({".md", ".mdx"})
# Pages of fewer words and marks than this are named: something on them may not have been read.
NEARLY_EMPTY = 5
NAMESPACE = uuid.UUID("5d1b7a52-6f6e-5c55-9c0e-2f6f3a1f0b0c")
TOKEN = re.compile(r"\w+|[^\w\s]")
# The same for ASCII, many times as quick: a table that leaves words and spaces, and what is no punctuation.
WORDS = bytes(code if code < 128 and re.match(r"\w", chr(code)) else ord(" ") for code in range(256))
NO_MARKS = bytes(code for code in range(128) if re.match(r"\w|\s", chr(code)))
# What a browser leaves as it is in the fragment of an address.
FRAGMENT = "!$&'()*+,;=:@/?-._~"

Report = Callable[[Problem], None]
logger = logging.getLogger(__name__)


def warn(problem: Problem) -> None:
    """Report a problem to the log."""
    logger.warning("%s", problem)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A section of a page, or a part of a long one, with all that a citation needs.

    `text` is CommonMark as a reader sees it: no JSX, no ESM. `anchor` and `heading` are None for what stands before
    the page's first heading. `breadcrumbs` are the page's own, its title, then the headings above and including this
    one and the titles of the tabs, details and admonitions around the text. `position` counts the chunks of a page
    that share an anchor, from 0. `id` is a UUIDv5 of the page's id, anchor and position; `content_hash` covers
    everything that is stored or embedded. `token_count` counts words and punctuation. `site` is the origin and baseUrl
    of the book.
    """

    id: str
    path: str
    url: str
    anchor: str | None
    heading: str | None
    breadcrumbs: tuple[str, ...]
    page_title: str
    chapter_number: int | None
    chapter_path: str | None
    chapter_title: str | None
    lesson_slug: str | None
    source: str
    position: int
    text: str
    token_count: int
    content_hash: str
    site: str
    locale: str
    docs_instance: str
    docs_version: str

    @property
    def page_id(self) -> PageId:
        """What tells the chunk's page from every other."""
        return PageId(self.site, self.locale, self.docs_instance, self.docs_version, self.path)

    @property
    def address(self) -> str:
        """The chunk's URL with the origin of its site."""
        site = urlsplit(self.site)
        return f"{site.scheme}://{site.netloc}{self.url}"


def split_book(
    book: Book, root: Path, *, build: Path | None = None, report: Report = warn, tally: Tally | None = None
) -> Iterator[Chunk]:
    """Yield the chunks of every page, in reading order; `root` is the folder that sources are relative to.

    `build` is the folder that the site was built into. What was built is the index's measure; pages that are neither
    made from Markdown nor built have no chunks. What could not be understood goes to `report`, what was read from
    where is added to `tally`. Raises PagesUnreadable for a source that is not there.
    """
    splitter = _Splitter(book, Library(root), build, report, tally or Tally())
    for page in book.pages:
        text = read_page(page, root)
        yield from splitter.split(page, text, read_built(book, page, build))
    for problem in splitter.library.problems():
        report(problem)


def read_items(book: Book, root: Path, *, build: Path | None = None) -> Iterator[tuple[Page, list[Item]]]:
    """Yield every page with its headings and blocks, in reading order: those that `split_book` makes chunks of.

    The heading that is the page's title is left out. Raises PagesUnreadable for a source that is not there.
    """
    splitter = _Splitter(book, Library(root), build, _pass_over, Tally())
    for page in book.pages:
        text, html = read_page(page, root), read_built(book, page, build)
        if text is not None or html is not None:
            yield page, [*without_title(splitter.items(page, text, html)[0], page.title)]


def split_page(book: Book, page: Page, text: str, root: Path, *, html: str | None = None) -> list[Chunk]:
    """Return the chunks of one page whose source is `text` and whose built page is `html`; the files it imports are
    read from below `root`."""
    return list(_Splitter(book, Library(root), None, warn, Tally()).split(page, text, html))


def read_page(page: Page, root: Path) -> str | None:
    """Return the source of a page, None if it is not made from Markdown. Raises PagesUnreadable."""
    if not page.source or Path(page.source).suffix not in MARKDOWN:
        return None
    text = read_source(root / page.source)
    if text is None:
        raise unreadable(page, root / page.source)
    return text


def read_built(book: Book, page: Page, build: Path | None) -> str | None:
    """Return the HTML of a page, None if it has not been built."""
    file = file_of(build, book.site.base_url, page.path) if build else None
    return read_source(file) if file else None


def unreadable(page: Page, file: Path) -> PagesUnreadable:
    """Return the error for a page whose source is not there."""
    if not file.parent.is_dir():
        place = "put the book's sources where they were when it was built, or name the site's folder with --source"
        return PagesUnreadable(
            f"{file}, the source of {page.path}, is not there, and its folder is not either: {place}"
        )
    return PagesUnreadable(f"{file}, the source of {page.path}, cannot be read: build the book again")


def link(path: str, anchor: str | None) -> str:
    """Return the address of a section; `path` is percent-encoded already, the anchor is not."""
    return f"{path}#{quote(anchor, safe=FRAGMENT)}" if anchor else path


def count_tokens(text: str) -> int:
    """Return how many words and marks `text` has."""
    if not text.isascii():
        lines = text.split("\n")
        return sum(count_tokens(line) if line.isascii() else len(TOKEN.findall(line)) for line in lines)
    data = text.encode()
    return len(data.translate(WORDS).split()) + len(data.translate(None, NO_MARKS))


def _pass_over(problem: Problem) -> None:
    """Say nothing: the same was said when the chunks were made."""


def _chapter_titles(book: Book) -> dict[str, str]:
    return {chapter.path: chapter.title for chapter in reversed(book.chapters)}


class _Splitter:
    """Splits the pages of one book."""

    def __init__(self, book: Book, library: Library, build: Path | None, report: Report, tally: Tally) -> None:
        self.library, self.build, self.report, self.tally = library, build, report, tally
        self.book, self.titles = book, _chapter_titles(book)

    def split(self, page: Page, text: str | None, html: str | None) -> Iterator[Chunk]:
        if text is None and html is None:
            return
        title = self.titles.get(page.chapter_path) if page.chapter_path else None
        positions: Counter[str | None] = Counter()
        words = 0
        for section in self.sections(page, text, html):
            for part in pack(section.blocks):
                chunk = _build(self.book, page, title, section, positions[section.anchor], render(part))
                words += chunk.token_count
                positions[section.anchor] += 1
                yield chunk
        if words < NEARLY_EMPTY:
            self.tally.nearly_empty.append(page.path)

    def sections(self, page: Page, text: str | None, html: str | None) -> list[Section]:
        items, built = self.items(page, text, html)
        if built:
            return sections_of(items, page)
        found = split_sections(items, page)
        self.tally.from_source += len(found)
        return found

    def items(self, page: Page, text: str | None, html: str | None) -> tuple[list[Item], bool]:
        """Return what stands on the page, and whether headings have the ids of the built page."""
        reading = self.read_source(page, text, html) if text is not None else SourceReading([], [], [])
        content = content_of(html) if html is not None else None
        if content is None:
            return reading.items, False
        return choose(reading.items, read_html(content, reading.tab_labels), page.title, self.tally), True

    def read_source(self, page: Page, text: str, html: str | None) -> SourceReading:
        document = parse(text, self.library.root / (page.source or ""), page.format or "mdx")
        reading = read(document, self.library)
        # What only a build can know is lost where there is none.
        for problem in [*document.source.problems, *(reading.computed if html is None else [])]:
            self.report(problem)
        return reading


def _build(book: Book, page: Page, chapter_title: str | None, section: Section, position: int, text: str) -> Chunk:
    page_id = book.page_id(page)
    chunk = Chunk(
        id=_id(page_id, section.anchor, position),
        path=page.path,
        url=link(page.path, section.anchor),
        anchor=section.anchor,
        heading=section.heading,
        breadcrumbs=(*page.breadcrumbs, page.title, *section.trail),
        page_title=page.title,
        chapter_number=page.chapter,
        chapter_path=page.chapter_path,
        chapter_title=chapter_title,
        lesson_slug=page.lesson,
        source=page.source or "",
        position=position,
        text=text,
        token_count=count_tokens(text),
        content_hash="",
        site=page_id.site,
        locale=page.locale,
        docs_instance=page.docs_instance,
        docs_version=page.docs_version,
    )
    # Nobody else has the chunk yet, and to build it a second time would take as long as all its other fields.
    object.__setattr__(chunk, "content_hash", hashlib.sha256(repr(chunk).encode()).hexdigest())
    return chunk


def _id(page: PageId, anchor: str | None, position: int) -> str:
    return str(uuid.uuid5(NAMESPACE, "\n".join([*page, anchor or "", str(position)])))
