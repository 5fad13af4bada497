"""Sections: the text under one heading of a page, and the anchor that leads to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from booklight_ingest.anchors import match_headings, normal
from booklight_ingest.mdx import Block, Computed, Item, SourceHeading, Title
from booklight_ingest.packing import introduces
from booklight_ingest.pages import Page


@dataclass(frozen=True, slots=True)
class Section:
    """The blocks under one heading, and within the same tab, details or admonition.

    `heading` is None before the first heading; the page's own title is not one. `trail` are the headings above and
    including this one, and the titles of what stands around the blocks. `anchor` is the id of the heading on the page,
    or of the nearest one before it that has any; None under a heading that no link can lead to.
    """

    heading: str | None
    trail: tuple[str, ...]
    anchor: str | None
    blocks: tuple[Block, ...]


def split_sections(items: Sequence[Item], page: Page) -> list[Section]:
    """Return the sections of a page in order, those without text left out.

    Headings take their anchors from the page's entry, as far as it has any.
    """
    headings = [item for item in items if isinstance(item, SourceHeading)]
    ids = iter(match_headings(headings, page.headings))
    return sections_of(
        [replace(item, slug=next(ids)) if isinstance(item, SourceHeading) else item for item in items], page
    )


def sections_of(items: Sequence[Item], page: Page) -> list[Section]:
    """Return the sections of a page whose headings have the ids that they have on the page."""
    sections: list[Section] = []
    trail: list[SourceHeading] = []
    anchor: str | None = None
    for number, (heading, blocks) in enumerate(_by_heading(items)):
        if heading and not (number == 1 and _is_title(heading, page)):
            trail = [*(above for above in trail if above.level < heading.level), heading]
            anchor = anchor if heading.slug is None else heading.slug or None
        for part in _by_title(blocks):
            name = trail[-1].text if trail else None
            sections.append(Section(name, _names(trail, part[-1].titles), anchor, tuple(part)))
    return sections


def _by_heading(items: Sequence[Item]) -> list[tuple[SourceHeading | None, list[Block]]]:
    """The blocks under each heading; first those under none."""
    parts: list[tuple[SourceHeading | None, list[Block]]] = [(None, [])]
    for item in items:
        match item:
            case SourceHeading():
                parts.append((item, []))
            case Block():
                parts[-1][1].append(item)
            case Computed():
                pass
    return parts


def _by_title(blocks: Iterable[Block]) -> list[list[Block]]:
    """The blocks that stand under the same titles. What introduces a tab or the like goes with the first of it."""
    parts: list[list[Block]] = []
    for block in blocks:
        if parts and _own(parts[-1][-1].titles) == _own(block.titles):
            parts[-1].append(block)
            continue
        leading: list[Block] = []
        while parts and parts[-1] and introduces(parts[-1][-1]):
            leading.insert(0, parts[-1].pop())
        if parts and not parts[-1]:
            parts.pop()
        parts.append([*leading, block])
    return parts


def _own(titles: Iterable[Title]) -> list[Title]:
    return [title for title in titles if title.own]


def _names(trail: Sequence[SourceHeading], titles: Sequence[Title]) -> tuple[str, ...]:
    """The headings above, each after the titles that stand around both it and the block, then the other titles."""
    names: list[str] = []
    left = _own(titles)
    for heading in trail:
        names += [title.text for title in left if title in heading.titles]
        left = [title for title in left if title not in heading.titles]
        names.append(heading.text)
    return (*names, *(title.text for title in left))


def _is_title(heading: SourceHeading, page: Page) -> bool:
    return heading.level == 1 and normal(heading.text) == normal(page.title)
