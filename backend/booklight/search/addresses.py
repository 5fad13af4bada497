"""Headings are addresses: the sections that a question names, by their heading or by the address that came with it.

What readers are offered to ask is made from headings and comes back with the address of its section; and a reader may
copy a heading. Such a question needs no ranking: its section stands first.
"""

import re
from collections.abc import Iterable

from booklight.contracts import SectionAddress
from booklight.search.places import ReaderPlace
from booklight_ingest.index.filters import Filter
from booklight_ingest.index.manifest import Manifest, page_key
from booklight_ingest.index.rows import heading_hash, section_hash

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
    found = _at_address(manifest, about, only) if about else []
    numbers = found or _under_headings(manifest, place, queries, only)
    return [point.decode() for point in manifest.rows.ids[numbers].tolist()] if numbers else []


def _at_address(manifest: Manifest, about: SectionAddress, only: Filter) -> list[int]:
    pages = manifest.pages_at.get(page_key(about.path), ())
    hashes = [section_hash(page.id, about.anchor) for page in pages]
    return _inside(manifest, manifest.rows.of_section(hashes), only)[:MOST_CHUNKS]


def _under_headings(manifest: Manifest, place: ReaderPlace, queries: Iterable[str], only: Filter) -> list[int]:
    rows = manifest.rows
    words = [words for query in queries for words in (query, *_QUOTED.findall(query))]
    editions = {page.id.edition for page in manifest.first_pages}
    hashes = {heading_hash(edition, each) for edition in editions for each in words} - {0}
    found = _inside(manifest, rows.under_heading(hashes), only)
    found = [number for number in found if rows.page_ids[rows.pages[number]].path == place.path] or found
    sections = [int(rows.sections[number]) for number in found]
    if len(set(sections)) > MOST_SECTIONS:
        return []
    return [number for at, number in enumerate(found) if sections[:at].count(sections[at]) < MOST_CHUNKS]


def _inside(manifest: Manifest, numbers: list[int], only: Filter) -> list[int]:
    """Return the rows that pass `only`; to know the pages that do takes a moment, which most questions are spared."""
    pages = manifest.pages_in(only) if numbers else frozenset()
    return [number for number in numbers if int(manifest.rows.pages[number]) in pages]
