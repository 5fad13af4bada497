"""Filters: which points a search is about, and how to keep one to the editions that a reader should see."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from itertools import combinations

from booklight_ingest.pages import Edition

# Fields of pages and chunks, and the values they must have, all of them.
Fields = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Filter:
    """What points must have: the fields `all_of`, and those of one alternative of `any_of` where there are any."""

    all_of: Fields = field(default_factory=dict)
    any_of: tuple[Fields, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.all_of or self.any_of)

    def narrowed(self, fields: Fields) -> "Filter":
        """Return the filter that also demands `fields`."""
        return Filter({**self.all_of, **fields}, self.any_of)


def editions_seen(reader: Edition, editions: Iterable[Edition], last: Set[Edition]) -> frozenset[Edition]:
    """Return the editions that a reader in `reader` sees: it, and the last version of every other docs instance.

    Other sites and other locales are none of theirs.
    """
    return frozenset(
        edition
        for edition in editions
        if edition[:2] == reader[:2]
        and (edition == reader if edition.docs_instance == reader.docs_instance else edition in last)
    )


def edition_filter(wanted: Set[Edition], editions: Iterable[Edition]) -> Filter:
    """Return a filter that passes the `wanted` of all `editions`, by as few fields as tell them from the others.

    Every condition costs time, so what all points meet is not asked.
    """
    others = set(editions) - wanted
    for number in range(len(Edition._fields) + 1):
        for names in combinations(reversed(Edition._fields), number):
            values = {_values(edition, names) for edition in wanted}
            if values.isdisjoint(_values(edition, names) for edition in others):
                alternatives: list[Fields] = [dict(zip(names, value, strict=True)) for value in sorted(values)]
                return Filter(alternatives[0]) if len(alternatives) == 1 else Filter(any_of=tuple(alternatives))
    raise AssertionError("all the fields of an edition tell it from every other")


def _values(edition: Edition, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(getattr(edition, name) for name in names)
