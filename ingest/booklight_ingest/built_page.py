"""A page as it was built: the ids in its HTML, and its headings in order."""

from html.parser import HTMLParser
from pathlib import Path

LEVELS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)


class BuiltPage:
    """The ids of a page, and the text of each heading with its id, None if it has none."""

    def __init__(self, ids: frozenset[str], headings: tuple[tuple[str | None, str], ...]) -> None:
        self.ids = ids
        self.headings = headings

    def headings_at(self, anchor: str) -> list[str]:
        """Return the texts of the headings that a link to `anchor` brings into view: its own, and those right below
        it that cannot be linked to."""
        found: list[str] = []
        following = False
        for identity, text in self.headings:
            following = identity == anchor or (following and identity is None)
            if following:
                found.append(text)
        return found


def read_built_page(file: Path) -> BuiltPage:
    """Read an HTML file; whatever is wrong with its markup, what can be read of it is."""
    parser = _Parser()
    parser.feed(file.read_text(encoding="utf-8", errors="replace"))
    parser.close()
    return BuiltPage(frozenset(parser.ids), tuple((identity, "".join(text)) for identity, text in parser.headings))


class _Parser(HTMLParser):
    """Gathers ids and headings. Within a heading, links to itself, footnote numbers and typeset formulas are skipped;
    a formula is read from the TeX that stands beside it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.headings: list[tuple[str | None, list[str]]] = []
        self._heading: str | None = None
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        identity = attributes.get("id")
        if identity:
            self.ids.append(identity)
        if tag in LEVELS:
            self._heading = tag
            self._skipped = []
            self.headings.append((identity, []))
        elif self._heading and tag not in VOID and (self._skipped or _is_skipped(attributes)):
            self._skipped.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._heading:
            self._heading = None
        elif self._skipped and tag == self._skipped[-1]:
            self._skipped.pop()

    def handle_data(self, data: str) -> None:
        in_formula = self._skipped[-1:] == ["annotation"]
        if self._heading and (not self._skipped or in_formula):
            self.headings[-1][1].append(data)


def _is_skipped(attributes: dict[str, str | None]) -> bool:
    classes = (attributes.get("class") or "").split()
    return "hash-link" in classes or "katex" in classes or "data-footnote-ref" in attributes
