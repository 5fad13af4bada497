"""Sections: the passages a search returned, taken apart for quoting."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from booklight.extractive.units import Kind, Unit, split_units
from booklight_ingest.terms import split_terms

_NOTE = re.compile(r"\s*\[note [^\]\s]+\]|(?<=[.!?,;:])\[\d{1,3}\](?!\()")


@dataclass(frozen=True, slots=True)
class ParsedSection:
    """A passage with its units and their terms; `rank` counts from 0 and `label` is its mark.

    `heading` is the one it stands under; `heading_terms` are those of all headings above it, `title_terms` of the last.
    `above` has, for each unit, the heading terms and those of the head of its table.
    """

    label: str
    rank: int
    heading: str
    heading_terms: frozenset[str]
    title_terms: frozenset[str]
    units: tuple[Unit, ...]
    terms: tuple[frozenset[str], ...]
    above: tuple[frozenset[str], ...]


def parse_section(rank: int, label: str, where: Sequence[str], text: str) -> ParsedSection:
    """Return the passage `text`, which stands at `where` (breadcrumbs, outermost first), as a section."""
    units = tuple(_without_notes(unit) for unit in split_units(text))
    heading_terms = frozenset(split_terms(" ".join(where)))
    return ParsedSection(
        label=label,
        rank=rank,
        heading=where[-1] if where else "",
        heading_terms=heading_terms,
        title_terms=frozenset(split_terms(where[-1] if where else "")),
        units=units,
        terms=tuple(frozenset(split_terms(unit.text)) for unit in units),
        above=tuple(heading_terms.union(split_terms(unit.head)) for unit in units),
    )


def count_words(section: ParsedSection, places: set[int]) -> int:
    """Return how many words the units at `places` have."""
    return sum(len(section.units[place].text.split()) for place in places)


def _without_notes(unit: Unit) -> Unit:
    """Drop the book's own footnote marks, which point nowhere in an answer."""
    return unit if unit.kind is Kind.CODE else replace(unit, text=_NOTE.sub("", unit.text))
