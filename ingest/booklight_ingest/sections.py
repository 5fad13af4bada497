"""Sections: the text under one heading of a page, and the anchor that leads to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from booklight_ingest.anchors import match_headings, normal
from booklight_ingest.mdx import Block, SourceHeading
from booklight_ingest.pages import Page


@dataclass(frozen=True, slots=True)
class Section:
    """The blocks under one heading.

    `heading` is None before the first heading; the page's own title is not one. `trail` are the headings above and
    including this one. `anchor` is the id of the heading on the page, or of the nearest one before it that has any.
    """

    heading: str | None
    trail: tuple[str, ...]
    anchor: str | None
    blocks: tuple[Block, ...]


def split_sections(items: Sequence[Block | SourceHeading], page: Page) -> list[Section]:
    """Return the sections of a page in order, those without text left out."""
    headings = [item for item in items if isinstance(item, SourceHeading)]
    anchors = iter(match_headings(headings, page.headings))
    sections: list[Section] = []
    trail: list[SourceHeading] = []
    anchor: str | None = None
    for number, (heading, blocks) in enumerate(_by_heading(items)):
        own = next(anchors) if heading else None
        if heading and not (number == 1 and _is_title(heading, page)):
            trail = [*(above for above in trail if above.level < heading.level), heading]
            anchor = own or anchor
        if blocks:
            names = tuple(above.text for above in trail)
            sections.append(Section(names[-1] if names else None, names, anchor, tuple(blocks)))
    return sections


def _by_heading(items: Sequence[Block | SourceHeading]) -> list[tuple[SourceHeading | None, list[Block]]]:
    """The blocks under each heading; first those under none."""
    parts: list[tuple[SourceHeading | None, list[Block]]] = [(None, [])]
    for item in items:
        match item:
            case SourceHeading():
                parts.append((item, []))
            case Block():
                parts[-1][1].append(item)
    return parts


def _is_title(heading: SourceHeading, page: Page) -> bool:
    return heading.level == 1 and normal(heading.text) == normal(page.title)
