"""Reading on: what a reader of a section would take in besides the one sentence that answers."""

from collections.abc import Mapping

from booklight.extractive.context import block_around, is_short_answer
from booklight.extractive.section import ParsedSection, count_words
from booklight.extractive.units import Kind

PARAGRAPH_WORDS = 45
CODE_LINES = 12


def paragraph_around(section: ParsedSection, places: set[int], *, from_start: bool) -> set[int]:
    """Return the rest of the paragraph of `places`, as many sentences as stay short, or all of it `from_start`.

    A yes or no at its start is left out unless it is in `places`: it answers the heading, perhaps not the reader.
    """
    paragraph = sorted(block_around(section.units, max(places)))
    if is_short_answer(section.units[paragraph[0]]) and paragraph[0] not in places:
        paragraph = paragraph[1:]
    begin = paragraph[0] if from_start else min(places)
    for end in reversed(paragraph):
        part = set(range(begin, end + 1))
        if end >= max(places) and count_words(section, part | places) <= PARAGRAPH_WORDS:
            return part
    return set()


def short_code_after(section: ParsedSection, place: int, weights: Mapping[str, float]) -> set[int]:
    """Return the place of the code after `place`: of several under labels the one that was asked for, else the next."""
    units = section.units
    short = [
        later
        for later in range(place + 1, len(units))
        if units[later].kind is Kind.CODE and units[later].text.count("\n") <= CODE_LINES
    ]
    if not short:
        return set()
    chosen = max(short, key=lambda later: (_label_weight(section, later, weights), -later))
    return {chosen, chosen - 1} if units[chosen - 1].kind is Kind.LABEL else {chosen}


def _label_weight(section: ParsedSection, place: int, weights: Mapping[str, float]) -> float:
    """Return the weight of the wanted terms in the label above a block, 0 if it has none."""
    if section.units[place - 1].kind is not Kind.LABEL:
        return 0.0
    return sum(weights.get(term, 0.0) for term in section.terms[place - 1])
