"""Headings are addresses: the sections that a question names, by their heading or by the address that came with it.

What readers are offered to ask is made from headings and comes back with the address of its section; and a reader may
copy a heading. Such a question needs no ranking: its section stands first.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from booklight.contracts import SectionAddress
from booklight.search.places import ReaderPlace
from booklight_ingest.index.filters import Filter
from booklight_ingest.index.manifest import Manifest, page_key
from booklight_ingest.index.rows import Numbers, heading_hash, section_hash

# A heading over more sections than this tells nothing of any of them.
MOST_SECTIONS = 3
# The first chunks of a named section; what else there is of it is found by ranking.
MOST_CHUNKS = 3

_QUOTED = re.compile('[“„«「『"]([^“”„«»「」『』"]{2,200})[”“»」』"]')


def named_chunks(
    manifest: Manifest, place: ReaderPlace, only: Filter, queries: Iterable[str], about: SectionAddress | None
) -> list[str]:
    """Return the ids of the first chunks of the sections that are asked for by name, none outside of `only`.

    `about` counts before words. A heading is named by a query that is nothing else, or that has it in quotation marks;
    where the reader's page has such a heading, that one is meant.
    """
    rows = manifest.rows
    inside = np.isin(rows.pages, [*manifest.pages_in(only)])
    found = _at_address(manifest, about, inside) if about else _NONE
    if not len(found):
        found = _under_headings(manifest, place, queries, inside)
    return [point.decode() for point in rows.ids[found].tolist()]


def _at_address(manifest: Manifest, about: SectionAddress, inside: npt.NDArray[np.bool_]) -> Numbers:
    pages = manifest.pages_at.get(page_key(about.path), ())
    hashes = np.array([section_hash(page.id, about.anchor) for page in pages], dtype=np.uint64)
    return np.flatnonzero(np.isin(manifest.rows.sections, hashes) & inside)[:MOST_CHUNKS]


def _under_headings(
    manifest: Manifest, place: ReaderPlace, queries: Iterable[str], inside: npt.NDArray[np.bool_]
) -> Numbers:
    rows = manifest.rows
    words = [words for query in queries for words in (query, *_QUOTED.findall(query))]
    editions = {page.edition for page in rows.page_ids}
    hashes = {heading_hash(edition, each) for edition in editions for each in words} - {0}
    found = np.flatnonzero(np.isin(rows.headings, np.array([*hashes], dtype=np.uint64)) & inside)
    here = np.array([at for at in found.tolist() if rows.page_ids[rows.pages[at]].path == place.path], dtype=np.intp)
    found = here if len(here) else found
    sections: Sequence[int] = rows.sections[found].tolist()
    if len(set(sections)) > MOST_SECTIONS:
        return _NONE
    first = [number for at, number in enumerate(found.tolist()) if sections[:at].count(sections[at]) < MOST_CHUNKS]
    return np.array(first, dtype=np.intp)


_NONE: Numbers = np.empty(0, dtype=np.intp)
