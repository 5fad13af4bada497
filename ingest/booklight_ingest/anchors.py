"""Match the headings of a source with those of the built page.

Both are in reading order, but neither is complete: a component puts headings on the page that no source shows, and a
source can hold some that the page leaves out. So the two are aligned as a whole, by text, level and id.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from booklight_ingest.mdx import SourceHeading
from booklight_ingest.pages import Heading

MAX_CELLS = 1_000_000
# What React's server rendering can leave in a text, and no browser keeps in an id.
CONTROL = re.compile("[\0-\x08\x0e-\x1f\x7f\ufffd]")
SAME_TEXT, SAME_ID, SAME_LEVEL = 4, 3, 1
CERTAIN = SAME_TEXT + SAME_ID + SAME_LEVEL


@dataclass(frozen=True, slots=True)
class _Key:
    """What a heading is recognised by."""

    text: str
    level: int
    id: str | None


def match_headings(source: Sequence[SourceHeading], built: Sequence[Heading] | None) -> list[str | None]:
    """Return, for each heading of the source, its id on the page, None if it has none there, empty if none works.

    Without a built page (`built` is None) these are the ids that the slug rules give.
    """
    if built is None:
        return [heading.slug for heading in source]
    right = [_Key(normal(heading.text), heading.level, heading.id) for heading in built]
    ids: list[str | None] = [None] * len(source)
    for here, there in _align(_keys(source), right):
        ids[here] = "" if CONTROL.search(built[there].id) else built[there].id
    return ids


def align(source: Sequence[SourceHeading], built: Sequence[SourceHeading]) -> list[tuple[int, int]]:
    """Return the pairs of headings of the source and of the built page that are the same, in order."""
    return _align(_keys(source), _keys(built))


def normal(text: str) -> str:
    """Return a heading's text without what differs between source and page: case, spaces, zero-width marks."""
    return " ".join(CONTROL.sub("", text.replace("\u200b", "")).casefold().split())


def _keys(headings: Sequence[SourceHeading]) -> list[_Key]:
    return [_Key(normal(heading.text), heading.level, heading.slug) for heading in headings]


def _align(left: list[_Key], right: list[_Key]) -> list[tuple[int, int]]:
    """Return the pairs of the best alignment, in order."""
    start = 0
    while start < min(len(left), len(right)) and _likeness(left[start], right[start]) == CERTAIN:
        start += 1
    left_rest, right_rest = left[start:], right[start:]
    small = len(left_rest) * len(right_rest) <= MAX_CELLS
    rest = (_align_best if small else _align_forward)(left_rest, right_rest)
    return [(number, number) for number in range(start)] + [(start + here, start + there) for here, there in rest]


def _align_best(left: list[_Key], right: list[_Key]) -> list[tuple[int, int]]:
    """The alignment whose pairs are most alike in sum."""
    table = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for here in range(len(left) - 1, -1, -1):
        row, below = table[here], table[here + 1]
        for there in range(len(right) - 1, -1, -1):
            likeness = _likeness(left[here], right[there])
            row[there] = max(row[there + 1], below[there], likeness and likeness + below[there + 1])
    pairs, here, there = [], 0, 0
    while here < len(left) and there < len(right):
        if table[here][there] == table[here + 1][there]:
            here += 1
        elif table[here][there] == table[here][there + 1]:
            there += 1
        else:
            pairs.append((here, there))
            here, there = here + 1, there + 1
    return pairs


def _align_forward(left: list[_Key], right: list[_Key]) -> list[tuple[int, int]]:
    """For pages of thousands of headings: each goes with the next one of its text."""
    places: dict[tuple[str, int], list[int]] = defaultdict(list)
    for there, key in enumerate(right):
        places[key.text, key.level].append(there)
    pairs, reached = [], 0
    for here, key in enumerate(left):
        candidates = places[key.text, key.level]
        following = bisect_left(candidates, reached)
        if following < len(candidates):
            pairs.append((here, candidates[following]))
            reached = candidates[following] + 1
    return pairs


def _likeness(source: _Key, built: _Key) -> int:
    """How sure it is that the two are the same heading, 0 if nothing says so. A page's title matches no other level."""
    alike = SAME_TEXT * (source.text == built.text) + SAME_ID * (source.id is not None and source.id == built.id)
    if not alike or (source.level == 1) != (built.level == 1):
        return 0
    return alike + SAME_LEVEL * (source.level == built.level)
