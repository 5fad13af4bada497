"""What an index knows beside its points: what it was made from, its pages, and the figures that ranking needs.

One manifest belongs to one generation and is published with it, so that a reader never mixes two.
"""

import io
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

from booklight_ingest.bm25 import NO_COUNTS, TermCounts
from booklight_ingest.errors import IndexMismatch
from booklight_ingest.index.damage import as_damage
from booklight_ingest.index.filters import Fields, Filter, edition_filter, editions_seen
from booklight_ingest.index.rows import NO_ROWS, Arrays, Rows
from booklight_ingest.pages import Edition, PageId

SCHEMA_VERSION = 5
KEYWORD_FIELDS = ("path", "chapter_path", "lesson_slug", *Edition._fields)
INTEGER_FIELDS = ("chapter_number",)


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """What an index was made from. `built_at` is in UTC; `embedding` is `none` where the index is BM25 alone."""

    schema_version: int
    commit: str | None
    built_at: datetime
    pages: int
    chunks: int
    embedding: str
    size: int
    site_title: str
    site_url: str
    base_url: str


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page of the book, whether or not it has any text. `source` is relative to the site's folder."""

    site: str
    locale: str
    docs_instance: str
    docs_version: str
    path: str
    chapter_number: int | None
    chapter_path: str | None
    lesson_slug: str | None
    source: str | None
    last_version: bool

    @property
    def id(self) -> PageId:
        """What tells the page from every other."""
        return PageId(self.site, self.locale, self.docs_instance, self.docs_version, self.path)


@dataclass(frozen=True, slots=True)
class KnownSite:
    """A site in one locale: `address` is its origin and baseUrl, as pages and chunks name their `site`."""

    address: str
    locale: str
    title: str
    url: str
    base_url: str


@dataclass(frozen=True)
class Manifest:
    """Everything of one generation but its points.

    `sites` begin with the one that readers of no known page are taken to be on. `pages` follow that order, and within
    a site the order of reading, in which the last docs version comes first.
    `mean_length`, BM25's, stays as it is until a tenth of the chunks has changed since it was worked out; `drift`
    counts those changes. `counts` are always current. `fingerprints` tell which pages have to be read again.
    """

    info: IndexInfo
    sites: tuple[KnownSite, ...]
    pages: tuple[KnownPage, ...]
    rows: Rows = NO_ROWS
    counts: TermCounts = NO_COUNTS
    mean_length: float = 1.0
    drift: int = 0
    fingerprints: Mapping[PageId, str] = field(default_factory=dict)

    @cached_property
    def pages_at(self) -> Mapping[str, Sequence[KnownPage]]:
        """The pages by `page_key` of their path: sites and locales may have the same paths."""
        found: defaultdict[str, list[KnownPage]] = defaultdict(list)
        for page in self.pages:
            found[page_key(page.path)].append(page)
        return dict(found)

    @cached_property
    def pages_with(self) -> Mapping[tuple[str, str | int], frozenset[int]]:
        """The pages that hold chunks, as numbers of `rows.page_ids`, by each field to filter by and its value."""
        number_of = {page: number for number, page in enumerate(self.rows.page_ids)}
        found: defaultdict[tuple[str, str | int], set[int]] = defaultdict(set)
        for page in self.pages:
            for name, value in asdict(page).items() if page.id in number_of else ():
                if name in KEYWORD_FIELDS + INTEGER_FIELDS and value is not None:
                    found[name, value].add(number_of[page.id])
        return {named: frozenset(numbers) for named, numbers in found.items()}

    @cached_property
    def first_pages(self) -> Sequence[KnownPage]:
        """The first page of each edition, in order."""
        return list({page.id.edition: page for page in reversed(self.pages)}.values())[::-1]

    @cached_property
    def filters(self) -> Mapping[Edition, Filter]:
        """What keeps a search to what readers of each edition should see."""
        editions = [page.id.edition for page in self.first_pages]
        last = {page.id.edition for page in self.pages if page.last_version}
        return {reader: edition_filter(editions_seen(reader, editions, last), editions) for reader in editions}

    def pages_in(self, only: Filter) -> frozenset[int]:
        """Return the pages, as numbers of `rows.page_ids`, whose chunks pass `only`."""
        found = self._pages_having(only.all_of)
        return found & frozenset[int]().union(*map(self._pages_having, only.any_of)) if only.any_of else found

    def _pages_having(self, fields: Fields) -> frozenset[int]:
        if not fields:
            return frozenset(range(len(self.rows.page_ids)))
        first, *others = sorted((self.pages_with.get(named, frozenset()) for named in fields.items()), key=len)
        return first.intersection(*others)

    def prepare(self) -> None:
        """Work out what searches look up, which takes too long to leave to the first of them."""
        _ = self.pages_at, self.pages_with, self.filters
        self.rows.prepare()


def page_key(path: str) -> str:
    """Return `path` as pages are compared: decoded, without host, query, fragment, `index.html` or last slash."""
    try:
        bare = urlsplit(path.strip()).path
    except ValueError:
        bare = path
    return "/" + unquote(bare).removesuffix("index.html").strip("/")


def dump_manifest(manifest: Manifest) -> bytes:
    """Return `manifest` as bytes for `load_manifest`."""
    info = {**asdict(manifest.info), "built_at": manifest.info.built_at.isoformat()}
    head = {
        "info": info,
        "mean_length": manifest.mean_length,
        "drift": manifest.drift,
        "fingerprints": [[*page, fingerprint] for page, fingerprint in manifest.fingerprints.items()],
        "page_ids": manifest.rows.page_ids,
    }
    head |= {"sites": [*map(asdict, manifest.sites)], "pages": [*map(asdict, manifest.pages)]}
    arrays: dict[str, Any] = {
        "head": np.frombuffer(json.dumps(head).encode(), dtype=np.uint8),
        **manifest.rows.arrays(),
        "term_hashes": manifest.counts.hashes,
        "term_counts": manifest.counts.counts,
    }
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def load_manifest(data: bytes, where: str) -> Manifest:
    """Read what `dump_manifest` wrote; `where` names the index to its operator.

    Raises IndexMissing when it is damaged, IndexMismatch when another version of Booklight wrote it.
    """
    with as_damage(where), np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        head = json.loads(arrays["head"].tobytes())
        if head["info"]["schema_version"] == SCHEMA_VERSION:
            return _manifest_of(head, arrays)
    raise made_by_another_version(where)


def made_by_another_version(where: str) -> IndexMismatch:
    """Return the error for an index of another schema."""
    return IndexMismatch(f"the index in {where} was made by another version of Booklight: run `booklight index` again")


def _manifest_of(head: dict[str, Any], arrays: Arrays) -> Manifest:
    info = IndexInfo(**head["info"] | {"built_at": datetime.fromisoformat(head["info"]["built_at"])})
    return Manifest(
        info=info,
        sites=tuple(KnownSite(**site) for site in head["sites"]),
        pages=tuple(KnownPage(**page) for page in head["pages"]),
        rows=Rows.load((PageId(*page) for page in head["page_ids"]), arrays),
        counts=TermCounts(info.chunks, arrays["term_hashes"], arrays["term_counts"]),
        mean_length=head["mean_length"],
        drift=head["drift"],
        fingerprints={PageId(*page): fingerprint for *page, fingerprint in head["fingerprints"]},
    )
