"""A page as it was built: the ids in its HTML, and its headings in order."""

from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from booklight_ingest.html import heading_text


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
    """Read an HTML file; whatever is wrong with its markup, it is read as browsers read it."""
    tree = LexborHTMLParser(file.read_text(encoding="utf-8", errors="replace"))
    ids = (node.attributes.get("id") for node in tree.css("[id]"))
    headings = ((node.attributes.get("id"), heading_text(node)) for node in tree.css("h1, h2, h3, h4, h5, h6"))
    return BuiltPage(frozenset(filter(None, ids)), tuple(headings))
