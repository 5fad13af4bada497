"""Chunks: the pieces of a page that are embedded, found and cited."""

import hashlib
import logging
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from booklight_ingest.errors import PagesUnreadable
from booklight_ingest.mdx import Document, Library, Problem, parse, read, read_source, render
from booklight_ingest.packing import pack
from booklight_ingest.pages import Book, Page, PageId
from booklight_ingest.sections import Section, split_sections

MARKDOWN = frozenset({".md", ".mdx"})
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
    one. `position` counts the chunks of a page that share an anchor, from 0. `id` is a UUIDv5 of the page's id, anchor
    and position; `content_hash` covers everything that is stored or embedded. `token_count` counts words and
    punctuation. `site` is the origin and baseUrl of the book.
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


def split_book(book: Book, root: Path, *, report: Report = warn) -> Iterator[Chunk]:
    """Yield the chunks of every page, in reading order; `root` is the folder that sources are relative to.

    Pages that are not made from Markdown, or from no file, have none. What could not be understood goes to `report`.
    Raises PagesUnreadable for a source that is not there.
    """
    library, titles = Library(root), _chapter_titles(book)
    for page in book.pages:
        file = root / (page.source or "")
        if file.suffix not in MARKDOWN:
            continue
        text = read_source(file)
        if text is None:
            raise unreadable(page, file)
        yield from _split(book, page, titles, parse(text, file), library, report)
    for problem in library.problems():
        report(problem)


def split_page(book: Book, page: Page, text: str, root: Path) -> list[Chunk]:
    """Return the chunks of one page whose source is `text`; the files it imports are read from below `root`."""
    document = parse(text, root / (page.source or ""))
    return list(_split(book, page, _chapter_titles(book), document, Library(root), warn))


def unreadable(page: Page, file: Path) -> PagesUnreadable:
    """Return the error for a page whose source is not there."""
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


def _chapter_titles(book: Book) -> dict[str, str]:
    return {chapter.path: chapter.title for chapter in reversed(book.chapters)}


def _split(
    book: Book, page: Page, titles: Mapping[str, str], document: Document, library: Library, report: Report
) -> Iterator[Chunk]:
    title = titles.get(page.chapter_path) if page.chapter_path else None
    sections = split_sections(read(document, library), page)
    positions: Counter[str | None] = Counter()
    for section in sections:
        for part in pack(section.blocks):
            yield _build(book, page, title, section, positions[section.anchor], render(part))
            positions[section.anchor] += 1
    for problem in document.source.problems:
        report(problem)


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
        source=page.source or page.path,
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
