"""What an index knows beside its points: what it was made from, its pages, and the figures that ranking needs.

One manifest belongs to one generation and is published with it, so that a reader never mixes two.
"""

import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

from booklight_ingest.bm25 import NO_COUNTS, TermCounts
from booklight_ingest.embed.embedder import Floats
from booklight_ingest.errors import IndexMismatch, IndexMissing
from booklight_ingest.index.rows import NO_ROWS, Arrays, Rows

SCHEMA_VERSION = 2
KEYWORD_FIELDS = ("path", "chapter_path", "lesson_slug", "docs_version", "locale")
INTEGER_FIELDS = ("chapter_number",)

# Fields of pages and chunks, and the values they must have, all of them.
Filter = Mapping[str, str | int]


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

    path: str
    chapter_number: int | None
    chapter_path: str | None
    lesson_slug: str | None
    docs_version: str
    locale: str
    source: str = ""


@dataclass(frozen=True)
class Manifest:
    """Everything of one generation but its points.

    `bases` are the base URLs of the locales, the default one's first. `pages` follow that order, and within a locale
    the order of reading, in which the last docs version comes first.
    `weights` (the embedder's) and `mean_length` (BM25's) stay as they are until a tenth of the chunks has changed since
    they were worked out; `drift` counts those changes. `counts` are always current. `fingerprints` tell by path which
    pages have to be read again.
    """

    info: IndexInfo
    bases: Mapping[str, str]
    pages: tuple[KnownPage, ...]
    rows: Rows = NO_ROWS
    counts: TermCounts = NO_COUNTS
    mean_length: float = 1.0
    weights: Floats | None = None
    drift: int = 0
    fingerprints: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def page_of(self) -> Mapping[str, KnownPage]:
        """The pages by `page_key` of their path."""
        return {page_key(page.path): page for page in self.pages}

    @cached_property
    def pages_with(self) -> Mapping[tuple[str, str | int], frozenset[int]]:
        """The pages that hold chunks, as numbers of `rows.paths`, by each field to filter by and its value."""
        number_of = {path: number for number, path in enumerate(self.rows.paths)}
        found: defaultdict[tuple[str, str | int], set[int]] = defaultdict(set)
        for page in self.pages:
            for name, value in asdict(page).items() if page.path in number_of else ():
                if name in KEYWORD_FIELDS + INTEGER_FIELDS and value is not None:
                    found[name, value].add(number_of[page.path])
        return {named: frozenset(numbers) for named, numbers in found.items()}

    @cached_property
    def editions(self) -> int:
        """How many combinations of docs version and locale there are."""
        return len({(page.docs_version, page.locale) for page in self.pages})

    def pages_in(self, only: Filter) -> frozenset[int]:
        """Return the pages, as numbers of `rows.paths`, whose chunks pass `only`, which must not be empty."""
        first, *others = sorted((self.pages_with.get(named, frozenset()) for named in only.items()), key=len)
        return first.intersection(*others)

    def prepare(self) -> None:
        """Work out what searches look up, which takes too long to leave to the first of them."""
        _ = self.page_of, self.pages_with, self.editions, self.rows.number_of, self.rows.in_id_order

    @property
    def home(self) -> KnownPage | None:
        """The first page, whose docs version and locale are those of readers who are on no known page."""
        return next(iter(self.pages), None)


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
        "bases": dict(manifest.bases),
        "mean_length": manifest.mean_length,
        "drift": manifest.drift,
        "fingerprints": dict(manifest.fingerprints),
    }
    head["pages"] = [asdict(page) for page in manifest.pages]
    arrays: dict[str, Any] = {
        "head": np.frombuffer(json.dumps(head | {"paths": manifest.rows.paths}).encode(), dtype=np.uint8),
        **manifest.rows.arrays(),
        "term_hashes": manifest.counts.hashes,
        "term_counts": manifest.counts.counts,
    }
    if manifest.weights is not None:
        arrays["weights"] = manifest.weights
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def load_manifest(data: bytes, where: str) -> Manifest:
    """Read what `dump_manifest` wrote; `where` names the index to its operator.

    Raises IndexMissing when it is damaged, IndexMismatch when another version of Booklight wrote it.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            head = json.loads(arrays["head"].tobytes())
            if head["info"]["schema_version"] == SCHEMA_VERSION:
                return _manifest_of(head, arrays)
    except (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise IndexMissing(f"the index in {where} is damaged: run `booklight index` to build it anew") from error
    raise IndexMismatch(f"the index in {where} was made by another version of Booklight: run `booklight index` again")


def _manifest_of(head: dict[str, Any], arrays: Arrays) -> Manifest:
    info = IndexInfo(**head["info"] | {"built_at": datetime.fromisoformat(head["info"]["built_at"])})
    return Manifest(
        info=info,
        bases=head["bases"],
        pages=tuple(KnownPage(**page) for page in head["pages"]),
        rows=Rows.load(head["paths"], arrays),
        counts=TermCounts(info.chunks, arrays["term_hashes"], arrays["term_counts"]),
        mean_length=head["mean_length"],
        weights=arrays.get("weights"),
        drift=head["drift"],
        fingerprints=head["fingerprints"],
    )
