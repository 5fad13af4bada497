"""Prove every link of an index against the built site: the page is there, and so is the heading on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from booklight_ingest.anchors import normal
from booklight_ingest.built_page import BuiltPage, read_built_page
from booklight_ingest.chunks import Chunk
from booklight_ingest.html import file_of
from booklight_ingest.pages import Book


@dataclass(frozen=True, slots=True)
class Broken:
    """A link that a reader would follow in vain, why, and the source it was made from."""

    url: str
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """How many links were followed, and those that are broken, each once."""

    checked: int
    broken: tuple[Broken, ...]


def audit(build_dir: Path, book: Book, chunks: Iterable[Chunk]) -> AuditReport:
    """Follow the link of every chunk of `book` into the site built at `build_dir`.

    A page may be a file or a folder with an index, whatever the site's trailing slashes. The heading that the link
    leads to must be the chunk's, or directly precede it where the chunk's own has no id.
    """

    @cache
    def built(path: str) -> BuiltPage | None:
        file = file_of(build_dir, book.site.base_url, path)
        return read_built_page(file) if file else None

    broken: dict[Broken, None] = {}
    checked = 0
    for chunk in chunks:
        checked += 1
        address = urlsplit(chunk.url)
        reason = _fault(built(address.path), unquote(address.fragment), chunk)
        if reason:
            broken[Broken(chunk.url, reason, chunk.source)] = None
    return AuditReport(checked, tuple(broken))


def _fault(page: BuiltPage | None, anchor: str, chunk: Chunk) -> str | None:
    """What is wrong with a link, None if nothing is."""
    if page is None:
        return "the built site has no such page"
    if not anchor:
        return None
    if anchor not in page.ids:
        return f"the page has no element with the id {anchor!r}"
    found = page.headings_at(anchor)
    if chunk.heading and found and not any(_same(chunk.heading, text) for text in found):
        return f"the id leads to {found[0]!r}, not to {chunk.heading!r}"
    return None


def _same(heading: str, built: str) -> bool:
    """Whether two headings agree in their words, as far as both show them: the page may have worked out more."""
    ours, theirs = _words(heading), _words(built)
    return ours <= theirs or theirs <= ours


def _words(text: str) -> set[str]:
    return set("".join(character if character.isalnum() else " " for character in normal(text)).split())
