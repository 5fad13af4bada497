"""Rendering: the chosen units of a section as one quotation in Markdown, with the mark of the passage."""

import re
from collections.abc import Sequence

from booklight.extractive.context import needs_context
from booklight.extractive.section import ParsedSection
from booklight.extractive.units import Kind, Unit

_BLOCKS = {Kind.CODE, Kind.ROW}
_MARKUP = re.compile(r"([\\`*_\[\]<>#])")


def render(section: ParsedSection, places: Sequence[int]) -> str:
    """Return the units at `places`, which are in order, as Markdown; what is left out between sentences shows as “…”.

    The heading leads in what says nothing without it. The mark stands after the last prose, else after the heading.
    """
    units = [section.units[place] for place in places]
    prose = [at for at, unit in enumerate(units) if unit.kind not in _BLOCKS]
    marked = next((at for at in reversed(prose) if units[at].kind is not Kind.LABEL), None)
    text = _lead_in(section, units[0], marked)
    margin = min(unit.indent for unit in units)
    for at, unit in enumerate(units):
        before = units[at - 1] if at else None
        skipped = at > 0 and places[at] > places[at - 1] + 1
        text += _joint(text, before, unit, skipped=skipped) + "  " * (unit.indent - margin) + _text(unit)
        text += section.label if at == marked else ""
    return text


def escape(text: str) -> str:
    """Return plain text such that Markdown shows it as it is."""
    return _MARKUP.sub(r"\\\1", text)


def _lead_in(section: ParsedSection, first: Unit, marked: int | None) -> str:
    heading = f"**{escape(section.heading)}**"
    if marked is None:
        return heading + section.label
    return heading if needs_context(first) else ""


def _text(unit: Unit) -> str:
    """Return a unit's Markdown; a label is set off from the sentences around it."""
    if unit.kind is Kind.LABEL and not unit.text.startswith(("*", "_")):
        return f"**{unit.text}**"
    return unit.text


def _joint(text: str, before: Unit | None, unit: Unit, *, skipped: bool) -> str:
    """Return what goes between two units, or between a heading and the first of them."""
    if before is None:
        return _after_heading(text, unit)
    same = before.kind is unit.kind and before.block == unit.block
    match unit.kind:
        case Kind.ROW:
            return "\n" if same else f"\n\n{unit.head}\n"
        case Kind.ITEM if same:
            return "\n"
        case Kind.SENTENCE if same:
            return " … " if skipped else " "
        case _:
            return "\n\n"


def _after_heading(text: str, unit: Unit) -> str:
    if unit.kind is Kind.ROW:
        return f"\n\n{unit.head}\n" if text else f"{unit.head}\n"
    if not text:
        return ""
    return " " if unit.kind is Kind.SENTENCE else "\n\n"
