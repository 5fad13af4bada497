"""Rows: what is known of each stored chunk without asking the engine, enough to compare and to rank it.

They are kept as columns. As objects those of a large book would be most of an open index, and every collection of
garbage would walk through them while readers wait.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from booklight_ingest.pages import Edition, PageId
from booklight_ingest.terms import plain_words

Numbers = npt.NDArray[np.intp]
Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """What is known of one stored chunk.

    `recurring` says that its heading stands over four sections or more, and so tells little. `section` and `heading`
    are hashes that chunks of the same section, or under the same words, share; `heading` is 0 where there is none.
    `said` is one that chunks share which say the same to a reader: those of a file that several pages import.
    """

    id: str
    content_hash: str
    page: PageId
    recurring: bool
    section: int = 0
    heading: int = 0
    said: int = 0


@dataclass(frozen=True, eq=False)
class Rows:
    """All rows of a manifest. A row's number is its place among them; `pages` are numbers of `page_ids`."""

    ids: npt.NDArray[np.bytes_]
    content_hashes: npt.NDArray[np.bytes_]
    page_ids: tuple[PageId, ...]
    pages: npt.NDArray[np.uint32]
    recurring: npt.NDArray[np.bool_]
    sections: npt.NDArray[np.uint64]
    headings: npt.NDArray[np.uint64]
    said: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, rows: Iterable[ChunkRow]) -> Self:
        """Return rows as columns, in the same order."""
        given = list(rows)
        page_ids = tuple(dict.fromkeys(row.page for row in given))
        number = {page: at for at, page in enumerate(page_ids)}
        return cls(
            ids=np.array([row.id for row in given], dtype="S36"),
            content_hashes=np.array([row.content_hash for row in given], dtype="S"),
            page_ids=page_ids,
            pages=np.array([number[row.page] for row in given], dtype=np.uint32),
            recurring=np.array([row.recurring for row in given], dtype=np.bool_),
            sections=np.array([row.section for row in given], dtype=np.uint64),
            headings=np.array([row.heading for row in given], dtype=np.uint64),
            said=np.array([row.said for row in given], dtype=np.uint64),
        )

    @classmethod
    def load(cls, page_ids: Iterable[PageId], arrays: Arrays) -> Self:
        """Return the rows whose columns `arrays` made. Raises KeyError when one is missing."""
        columns = ("ids", "content_hashes", "pages", "recurring", "sections", "headings", "said")
        ids, content_hashes, pages, *marks = (arrays[name] for name in columns)
        return cls(ids, content_hashes, tuple(page_ids), pages, *marks)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the columns by the names they are stored under, all but `page_ids`."""
        columns = {"ids": self.ids, "content_hashes": self.content_hashes, "pages": self.pages}
        marks = {"recurring": self.recurring, "sections": self.sections, "headings": self.headings, "said": self.said}
        return columns | marks

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[ChunkRow]:
        return self._at(slice(None))

    def on(self, page: PageId) -> Iterator[ChunkRow]:
        """Yield the rows of one page, in reading order."""
        return self._at(np.flatnonzero(self.pages == self._page_number.get(page, len(self.page_ids))))

    @cached_property
    def number_of(self) -> Mapping[int, int]:
        """The numbers of rows by their id, which is read as a number itself (`UUID.int`)."""
        return {number: at for at, number in enumerate(map(id_number, self.ids.tolist()))}

    @cached_property
    def in_id_order(self) -> Numbers:
        """For each row its place in the order of ids, which decides where scores are equal."""
        places = np.empty(len(self), dtype=np.intp)
        places[np.argsort(self.ids)] = np.arange(len(self))
        return places

    def of_section(self, hashes: Iterable[int]) -> list[int]:
        """Return the numbers of the rows whose `section` is one of `hashes`, in order."""
        return _find(self.sections, self._by_section, hashes)

    def under_heading(self, hashes: Iterable[int]) -> list[int]:
        """Return the numbers of the rows whose `heading` is one of `hashes`, in order."""
        return _find(self.headings, self._by_heading, hashes)

    def prepare(self) -> None:
        """Work out what is looked up, which takes too long to leave to the first search."""
        _ = self.number_of, self.in_id_order, self._by_section, self._by_heading

    @cached_property
    def _by_section(self) -> Numbers:
        return np.argsort(self.sections, kind="stable")

    @cached_property
    def _by_heading(self) -> Numbers:
        return np.argsort(self.headings, kind="stable")

    @cached_property
    def same_text(self) -> Numbers:
        """For each row the number of the first one that says the same, which may be itself."""
        _, first, group = np.unique(self.said, return_index=True, return_inverse=True)
        return np.where(self.said == 0, np.arange(len(self)), first[group]).astype(np.intp)

    @cached_property
    def most_repeated(self) -> int:
        """How many rows say the same as another, at most: 0 where none does."""
        return int(np.bincount(self.same_text).max()) - 1 if len(self) else 0

    @cached_property
    def _page_number(self) -> Mapping[PageId, int]:
        return {page: at for at, page in enumerate(self.page_ids)}

    def _at(self, where: slice | Numbers) -> Iterator[ChunkRow]:
        columns = (column[where].tolist() for column in self.arrays().values())
        for point, content_hash, page, *marks in zip(*columns, strict=True):
            yield ChunkRow(point.decode(), content_hash.decode(), self.page_ids[page], *marks)


def _find(column: npt.NDArray[np.uint64], order: Numbers, hashes: Iterable[int]) -> list[int]:
    """Return the places in `column` of any of `hashes`, by its `order`."""
    wanted = np.array([*hashes], dtype=np.uint64)
    first = np.searchsorted(column, wanted, side="left", sorter=order)
    last = np.searchsorted(column, wanted, side="right", sorter=order)
    return sorted(number for at, end in zip(first, last, strict=True) for number in order[at:end].tolist())


def section_hash(page: PageId, anchor: str | None) -> int:
    """Return what stands for the section at `anchor` of `page`; without one, for what precedes its first heading."""
    return _hash(*page, anchor or "")


def heading_hash(edition: Edition, heading: str) -> int:
    """Return what stands for a heading, whatever its case and its punctuation; 0 for one without words."""
    words = plain_words(heading)
    return _hash(*edition, words) if words else 0


def said_hash(site: str, locale: str, text: str, heading: str | None) -> int:
    """Return the hash that chunks of one text share in a site and a locale; `heading` is given where it matters."""
    return _hash(site, locale, text, (heading or "").casefold().strip())


def _hash(*parts: str) -> int:
    return int.from_bytes(blake2b("\0".join(parts).encode(), digest_size=8).digest(), "big")


def id_number(point: str | bytes) -> int:
    """Return a point's id as a number, which is quicker to look up: `UUID(point).int`."""
    return int(point.replace(b"-", b"") if isinstance(point, bytes) else point.replace("-", ""), 16)


NO_ROWS = Rows.of(())
