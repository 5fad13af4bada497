"""Context: what has to stand beside a unit for a reader to understand it."""

import re
from collections.abc import Sequence

from booklight.extractive.section import ParsedSection
from booklight.extractive.units import Kind, Unit

_WHOLE_LIST_WORDS = 120
_WHOLE_TABLE_ROWS = 12

_SHORT_ANSWER = re.compile(r"\W*(?:yes|no)\b(?=\W*$|[.,:;!—–])", re.IGNORECASE)
_LEANS = re.compile(
    r"\W*(?:this|that|these|those|it|its|they|their|he|she|such|both|each|another|neither"
    r"|the (?:new|other|same|latter|former|first|second|next|last|rest|following|above|resulting)"
    r"|however|therefore|thus|hence|instead|otherwise|but|and|or|so|also|then|there|here|afterwards|only then"
    r"|for (?:example|instance)|in (?:this|that) case|similarly|likewise|moreover|as a result)\b",
    re.IGNORECASE,
)
_THERE_IS = re.compile(r"\W*there (?:is|are|was|were|has|have|can|may|must|will)\b", re.IGNORECASE)


def is_short_answer(unit: Unit) -> bool:
    """Say whether a unit is or begins with a yes or a no, and so answers its own heading and nothing else."""
    return unit.kind is Kind.SENTENCE and bool(_SHORT_ANSWER.match(unit.text))


def needs_context(unit: Unit) -> bool:
    """Say whether a unit begins in a way that needs what stands before it."""
    if unit.kind is not Kind.SENTENCE:
        return False
    return is_short_answer(unit) or bool(_LEANS.match(unit.text) and not _THERE_IS.match(unit.text))


def start_of(section: ParsedSection, place: int) -> int:
    """Return where a quotation of the unit has to begin, within its paragraph."""
    units = section.units
    while needs_context(units[place]) and place and units[place - 1].block == units[place].block:
        place -= 1
    return place


def is_self_contained(section: ParsedSection, place: int, *, asked: bool) -> bool:
    """Say whether a unit can be understood, with the sentences before it and perhaps its heading.

    `asked` says whether the heading asks what the reader asks; only then does a yes or no answer it.
    """
    start = start_of(section, place)
    if is_short_answer(section.units[start]):
        return asked and start == 0
    return start == 0 or not needs_context(section.units[start])


def with_context(section: ParsedSection, place: int, specific: frozenset[str]) -> set[int]:
    """Return the places of a unit and of what it needs to be understood.

    That is the sentences it depends on, what a colon announces, the line above code, and a list or table as a whole
    unless it is long. `specific` are wanted terms that no heading has: rows that have as many of them are enough.
    """
    units = section.units
    places = _with_block(section, place, specific)
    last = max(places)
    return places | _announced(units, last) if units[last].leads_in else places


def block_around(units: Sequence[Unit], place: int) -> set[int]:
    """Return the places of the paragraph, list or table that a unit stands in."""
    return {other for other, unit in enumerate(units) if unit.block == units[place].block}


def _with_block(section: ParsedSection, place: int, specific: frozenset[str]) -> set[int]:
    match section.units[place].kind:
        case Kind.SENTENCE | Kind.LABEL:
            return set(range(start_of(section, place), place + 1))
        case Kind.CODE:
            return {place} | _announcement(section, place)
        case Kind.ITEM:
            return _list_around(section, place)
        case Kind.ROW:
            return _table_around(section, place, specific)


def _announced(units: Sequence[Unit], place: int) -> set[int]:
    """Return the code, table or list after a colon."""
    following = place + 1
    if following == len(units) or units[following].kind in {Kind.SENTENCE, Kind.LABEL}:
        return set()
    return {following} if units[following].kind is Kind.CODE else block_around(units, following)


def _announcement(section: ParsedSection, place: int) -> set[int]:
    """Return the sentence or label right above a block, which says what the block is."""
    if place == 0 or section.units[place - 1].kind not in {Kind.SENTENCE, Kind.LABEL}:
        return set()
    return set(range(start_of(section, place - 1), place))


def _list_around(section: ParsedSection, place: int) -> set[int]:
    """Return the list an item stands in with the line above it, or the item with its children if that is too long."""
    units = section.units
    whole = block_around(units, place)
    if sum(len(units[item].text.split()) for item in whole) <= _WHOLE_LIST_WORDS:
        return whole | _announcement(section, min(whole))
    last = place + 1
    while last in whole and units[last].indent > units[place].indent:
        last += 1
    return set(range(place, last))


def _table_around(section: ParsedSection, place: int, specific: frozenset[str]) -> set[int]:
    """Return the rows of a table that say what is asked; its head comes with them."""
    whole = block_around(section.units, place)
    wanted = section.terms[place] & specific
    if wanted or len(whole) > _WHOLE_TABLE_ROWS:
        return {row for row in whole if wanted and wanted <= section.terms[row]} or {place}
    return whole
