"""Sections: the passages a search returned, taken apart for quoting and put together as quotations."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend.cues import points_back
from backend.sentences import Kind, Unit, split_units
from ingest.terms import split_terms

_WHOLE_LIST_WORDS = 120
_WHOLE_TABLE_ROWS = 8
_BLOCKS = {Kind.CODE, Kind.ROW}
_MARKUP = re.compile(r"([\\`*_\[\]<>#])")
_NOTE = re.compile(r"\s*\[note [^\]\s]+\]|(?<=[.!?,;:])\[\d{1,3}\](?!\()")


@dataclass(frozen=True, slots=True)
class Section:
    """A passage with its units and their terms; `rank` counts from 0 and `label` is its mark.

    `heading` is the one it stands under; `heading_terms` are those of all headings above it, `title_terms` of the last.
    """

    label: str
    rank: int
    heading: str
    heading_terms: frozenset[str]
    title_terms: frozenset[str]
    units: tuple[Unit, ...]
    terms: tuple[frozenset[str], ...]


def open_section(rank: int, label: str, where: Sequence[str], text: str) -> Section:
    """Return the passage `text`, which stands at `where` (breadcrumbs, outermost first), as a section."""
    units = tuple(_without_notes(unit) for unit in split_units(text))
    return Section(
        label=label,
        rank=rank,
        heading=where[-1] if where else "",
        heading_terms=frozenset(split_terms(" ".join(where))),
        title_terms=frozenset(split_terms(where[-1] if where else "")),
        units=units,
        terms=tuple(frozenset(split_terms(unit.text)) for unit in units),
    )


def with_context(section: Section, place: int) -> set[int]:
    """Return the places of a unit and of what it needs to be understood.

    That is the sentence before one that points back, what a colon announces, the line above code or a table, and a
    list or table as a whole unless it is long.
    """
    units = section.units
    places = _with_block(units, place)
    last = max(places)
    return places | _announced(units, last) if units[last].leads_in else places


def render(section: Section, places: Sequence[int]) -> str:
    """Return the units at `places` as Markdown; each run of neighbouring ones carries the mark of the passage."""
    runs: list[list[Unit]] = []
    last = -1
    for place in places:
        unit = section.units[place]
        if runs and _together(runs[-1][-1], unit, neighbours=place == last + 1):
            runs[-1].append(unit)
        else:
            runs.append([unit])
        last = place
    return "\n\n".join(_render_run(section, run) for run in runs)


def escape(text: str) -> str:
    """Return plain text such that Markdown shows it as it is."""
    return _MARKUP.sub(r"\\\1", text)


def _with_block(units: Sequence[Unit], place: int) -> set[int]:
    match units[place].kind:
        case Kind.SENTENCE:
            return {place} | _antecedent(units, place)
        case Kind.CODE:
            return {place} | _announcement(units, place)
        case Kind.ITEM:
            return _list_around(units, place)
        case Kind.ROW:
            return _table_around(units, place)


def _without_notes(unit: Unit) -> Unit:
    """Drop the book's own footnote marks, which point nowhere in an answer."""
    if unit.kind is Kind.CODE:
        return unit
    return Unit(unit.kind, _NOTE.sub("", unit.text), unit.block, unit.indent, unit.head)


def _antecedent(units: Sequence[Unit], place: int) -> set[int]:
    """Return the sentence that one points back to, if it stands in the same paragraph."""
    if place and points_back(units[place]) and units[place - 1].block == units[place].block:
        return {place - 1}
    return set()


def _announced(units: Sequence[Unit], place: int) -> set[int]:
    """Return the code, table or list after a colon."""
    following = place + 1
    if following == len(units) or units[following].kind is Kind.SENTENCE:
        return set()
    return {following} if units[following].kind is Kind.CODE else _block_around(units, following)


def _announcement(units: Sequence[Unit], place: int) -> set[int]:
    """Return the sentence right above a block, which says what the block is."""
    return {place - 1} if place and units[place - 1].kind is Kind.SENTENCE else set()


def _list_around(units: Sequence[Unit], place: int) -> set[int]:
    """Return the list an item stands in with the line above it, or the item with its children if that is too long."""
    whole = _block_around(units, place)
    if sum(len(units[item].text.split()) for item in whole) <= _WHOLE_LIST_WORDS:
        return whole | _announcement(units, min(whole))
    last = place + 1
    while last in whole and units[last].indent > units[place].indent:
        last += 1
    return set(range(place, last))


def _table_around(units: Sequence[Unit], place: int) -> set[int]:
    """Return the table a row stands in, or the row alone (its head comes with it) if the table is long."""
    whole = _block_around(units, place)
    return whole if len(whole) <= _WHOLE_TABLE_ROWS else {place}


def _block_around(units: Sequence[Unit], place: int) -> set[int]:
    return {other for other, unit in enumerate(units) if unit.block == units[place].block}


def _together(before: Unit, unit: Unit, *, neighbours: bool) -> bool:
    """Say whether two units make one quotation: neighbours, unless prose follows, and items or rows of one block."""
    same = before.block == unit.block
    return (same and unit.kind in {Kind.ITEM, Kind.ROW}) or (neighbours and (same or unit.kind is not Kind.SENTENCE))


def _render_run(section: Section, run: Sequence[Unit]) -> str:
    """Return neighbouring units, with the mark after the last prose before any code or table."""
    prose = [unit for unit in run if unit.kind not in _BLOCKS]
    margin = min(unit.indent for unit in run)
    text = "" if prose else f"From “{escape(section.heading)}”:{section.label}"
    before: Unit | None = None
    for unit in run:
        text += _joint(text, before, unit) + "  " * (unit.indent - margin) + unit.text
        text += section.label if prose and unit is prose[-1] else ""
        before = unit
    return text


def _joint(text: str, before: Unit | None, unit: Unit) -> str:
    """Return what goes between two units, or between the name of a section and its table or code."""
    same = before is not None and before.kind is unit.kind and before.block == unit.block
    match unit.kind:
        case Kind.ROW:
            return "\n" if same else f"\n\n{unit.head}\n"
        case Kind.ITEM if same:
            return "\n"
        case Kind.SENTENCE if same:
            return " "
        case _:
            return "\n\n" if text else ""
