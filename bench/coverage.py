"""How much of what readers see is in the index: the words of each built page next to those of its chunks.

A word that the page shows and no chunk holds is lost; one that a chunk holds and the page does not show is foreign,
unless it stands in a lazy tab or a diagram, which no HTML holds. What the page shows is worked out here by another
parser, Python's own, and by other rules than those of the package. Ends with 1 if a book keeps less than 99.5 % of its
words, or if its chunks hold a foreign one.

    coverage.py [SITE …]      folders of built sites; the handbook without any
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from booklight_ingest.chunks import Chunk, read_built, read_page, split_book
from booklight_ingest.mdx import Block, Library, SourceHeading, parse, read
from booklight_ingest.pages import Book, Page, load_book

HANDBOOK = Path(__file__).resolve().parent.parent / "book"
KEPT = 0.995
# What the text of a chunk has beside its words: the language of code and the word before its title, numbers of items,
# marks in the middle of a word.
FENCE = re.compile(r"^[^`\n]*(`{3,})[^\s`]*(?: title=([^\n]*))?\n(.*?)^[ >]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
NUMBERS = re.compile(r"^[ >]*(?:\d+\. )+", re.MULTILINE)
MARKS = re.compile(r"(?<=\w)`(?=\w)")
WORD = re.compile(r"[^\W_]+")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
INLINE = {"a", "b", "code", "em", "mark", "span", "strong", "sub", "sup"}
SILENT = {"audio", "button", "iframe", "nav", "noscript", "script", "select", "style", "svg", "textarea", "video"}
CHROME = {"hash-link", "katex-html", "pagination-nav", "table-of-contents"} | {
    f"theme-doc-{name}" for name in ("footer", "toc-mobile", "toc-desktop", "version-badge")
}
# An element that may be left open ends where one of these begins, or its parent ends.
ENDS = {
    "li": {"li"},
    "tr": {"tr", "tbody", "tfoot"},
    "td": {"td", "th", "tr", "tbody"},
    "th": {"td", "th", "tr", "tbody"},
}


@dataclass
class Coverage:
    """Words counted over all pages."""

    shown: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    foreign: Counter[str] = field(default_factory=Counter)
    worst: list[tuple[float, str]] = field(default_factory=list)

    @property
    def kept(self) -> float:
        """The share of the words shown that chunks hold."""
        return 1 - self.lost.total() / max(1, self.shown)


def main(arguments: Sequence[str]) -> int:
    """Print a line for each book and what it lost; return 1 if one keeps too little or holds what is not shown."""
    found = [tell(Path(site)) for site in arguments or [str(HANDBOOK)]]
    return int(any(coverage.kept < KEPT or coverage.foreign for coverage in found))


def tell(site: Path) -> Coverage:
    """Measure a book and print what was found."""
    book = load_book(site / "build/booklight/pages.json")
    coverage = measure(book, site, site / "build")
    print(
        f"{site.name}: {len(book.pages)} pages, {coverage.shown:,} words shown, {coverage.kept:.3%} of them in chunks"
    )
    for name, words in (("lost", coverage.lost), ("foreign", coverage.foreign)):
        print(f"  {name:<8}{words.total():6,}  {' '.join(word for word, _ in words.most_common(12))}")
    for share, path in sorted(coverage.worst)[:5]:
        print(f"  {share:.2%} of {path}")
    return coverage


def measure(book: Book, site: Path, build: Path) -> Coverage:
    """Compare every page that was built with its chunks."""
    coverage = Coverage()
    chunks: dict[str, list[Chunk]] = {}
    for chunk in split_book(book, site, build=build, report=lambda problem: None):
        chunks.setdefault(chunk.path, []).append(chunk)
    for page in book.pages:
        html = read_built(book, page, build)
        if html is None:
            continue
        shown, held = count(visible(html)), count(said(page, chunks.get(page.path, [])))
        allowed = count([*lazy(page, site), page.title, *page.breadcrumbs])
        lost = shown - held - count([page.title])
        coverage.shown += shown.total()
        coverage.lost += lost
        coverage.foreign += Counter(dict.fromkeys(held.keys() - shown.keys() - allowed.keys(), 1))
        if lost:
            coverage.worst.append((1 - lost.total() / shown.total(), page.path))
    return coverage


def said(page: Page, chunks: Iterable[Chunk]) -> Iterator[str]:
    """The texts of a page's chunks, and their trails, each once for the headings that it adds."""
    above: tuple[str, ...] = ()
    anchor: str | None = None
    for chunk in chunks:
        trail = chunk.breadcrumbs[len(page.breadcrumbs) + 1 :]
        same = next((at for at, (one, two) in enumerate(zip(trail, above, strict=False)) if one != two), len(above))
        yield from trail[same if trail != above or chunk.anchor == anchor else -1 :]
        yield plain(chunk.text)
        above, anchor = trail, chunk.anchor


def plain(text: str) -> str:
    """A chunk's text without what is not a word of it."""
    kept, end = [], 0
    for fence in FENCE.finditer(text):
        kept += [text[end : fence.start()], fence[2] or "", fence[3]]
        end = fence.end()
    prose = [*kept[::3], text[end:]]
    return "\n".join([*(MARKS.sub("", NUMBERS.sub("", part)) for part in prose), *kept[1::3], *kept[2::3]])


def lazy(page: Page, site: Path) -> Iterator[str]:
    """What a page's source says in lazy tabs and diagrams, and the labels of its tabs."""
    text = read_page(page, site)
    if text is None:
        return
    reading = read(parse(text, site / (page.source or ""), page.format or "mdx"), Library(site))
    for labels in reading.tab_labels:
        yield from labels
    for item in reading.items:
        if isinstance(item, Block | SourceHeading) and item.unbuilt:
            yield item.text


def count(texts: Iterable[str]) -> Counter[str]:
    """The words of `texts`, in lower case."""
    return Counter(word for text in texts for word in WORD.findall(text.casefold()))


def visible(html: str) -> list[str]:
    """The texts that a reader sees in the main part of a page."""
    start = html.find("<main")
    article = html.find('<div class="theme-doc-markdown', start)
    parser = _Visible()
    parser.feed(html[article if article >= 0 else start : html.rfind("</main>")])
    return ["".join(parser.texts)]


class _Visible(HTMLParser):
    """Gathers text outside silent elements; the TeX of a formula stands for it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.ended = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "img":
            self.texts.append(f" {attributes.get('alt') or ''} " if self.heard else "")
        if tag in VOID or tag == "path":
            self.texts.append(" " if tag == "br" else "")
            return
        self.texts.append("" if tag in INLINE and (not self.ended or self.in_code) else " ")
        while self.open and tag in ENDS.get(self.open[-1][0], ()):
            self.open.pop()
        classes = set((attributes.get("class") or "").split())
        silent = tag in SILENT or bool(classes & CHROME) or "data-footnote-backref" in attributes
        formula = tag == "math" or any(name == "math" for name, _ in self.open)
        hidden = "hidden" in attributes and attributes.get("role") != "tabpanel"
        heard = tag == "annotation" or (self.heard and not (silent or formula or hidden))
        self.open.append((tag, heard))

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _ in self.open):
            while self.open.pop()[0] != tag:
                pass
        self.texts.append("" if tag in INLINE else " ")
        self.ended = True

    def handle_data(self, data: str) -> None:
        self.ended = False
        if self.heard:
            self.texts.append(data)

    @property
    def in_code(self) -> bool:
        """Whether the parser stands in a code block, whose words are split for their colours."""
        return any(name == "pre" for name, _ in self.open)

    @property
    def heard(self) -> bool:
        """Whether text that comes now is seen."""
        return self.open[-1][1] if self.open else True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
