"""What an index knows beside its points: what it was made from, its pages, and the figures that ranking needs.

One catalogue belongs to one generation and is published with it, so that a reader never mixes two.
"""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import numpy.typing as npt

from ingest.bm25 import NO_COUNTS, TermCounts
from ingest.embed import Floats
from ingest.errors import IndexMismatch, IndexMissing

Arrays = Mapping[str, npt.NDArray[Any]]

SCHEMA_VERSION = 2


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


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of a stored chunk without asking the engine.

    `recurring` says that its heading stands over four sections or more, and so tells little. `section` and `heading`
    are hashes that chunks of the same section, or under the same words, share; `heading` is 0 where there is none.
    """

    id: str
    content_hash: str
    path: str
    recurring: bool
    section: int = 0
    heading: int = 0


@dataclass(frozen=True)
class Catalogue:
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
    rows: tuple[Row, ...]
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
    def row_of(self) -> Mapping[str, Row]:
        """The rows by the chunk's id."""
        return {row.id: row for row in self.rows}

    @cached_property
    def page_at(self) -> Mapping[str, KnownPage]:
        """The pages by their path as it is stored."""
        return {page.path: page for page in self.pages}

    @cached_property
    def editions(self) -> int:
        """How many combinations of docs version and locale there are."""
        return len({(page.docs_version, page.locale) for page in self.pages})

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


def dump_catalogue(catalogue: Catalogue) -> bytes:
    """Return `catalogue` as bytes for `load_catalogue`."""
    info = {**asdict(catalogue.info), "built_at": catalogue.info.built_at.isoformat()}
    head = {
        "info": info,
        "bases": dict(catalogue.bases),
        "mean_length": catalogue.mean_length,
        "drift": catalogue.drift,
        "fingerprints": dict(catalogue.fingerprints),
    }
    head["pages"] = [asdict(page) for page in catalogue.pages]
    paths = sorted({row.path for row in catalogue.rows})
    place = {path: at for at, path in enumerate(paths)}
    arrays: dict[str, Any] = {
        "head": np.frombuffer(json.dumps(head | {"paths": paths}).encode(), dtype=np.uint8),
        "ids": np.array([row.id for row in catalogue.rows], dtype="S"),
        "content_hashes": np.array([row.content_hash for row in catalogue.rows], dtype="S"),
        "places": np.array([place[row.path] for row in catalogue.rows], dtype=np.uint32),
        "recurring": np.array([row.recurring for row in catalogue.rows], dtype=np.bool_),
        "sections": np.array([row.section for row in catalogue.rows], dtype=np.uint64),
        "headings": np.array([row.heading for row in catalogue.rows], dtype=np.uint64),
        "term_hashes": catalogue.counts.hashes,
        "term_counts": catalogue.counts.counts,
    }
    if catalogue.weights is not None:
        arrays["weights"] = catalogue.weights
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def load_catalogue(data: bytes, where: str) -> Catalogue:
    """Read what `dump_catalogue` wrote; `where` names the index to its operator.

    Raises IndexMissing when it is damaged, IndexMismatch when another version of Booklight wrote it.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            head = json.loads(arrays["head"].tobytes())
            if head["info"]["schema_version"] == SCHEMA_VERSION:
                return _catalogue_of(head, arrays)
    except (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise IndexMissing(f"the index in {where} is damaged: run `booklight index` to build it anew") from error
    raise IndexMismatch(f"the index in {where} was made by another version of Booklight: run `booklight index` again")


def _catalogue_of(head: dict[str, Any], arrays: Arrays) -> Catalogue:
    info = IndexInfo(**head["info"] | {"built_at": datetime.fromisoformat(head["info"]["built_at"])})
    ids, hashes = _texts(arrays["ids"]), _texts(arrays["content_hashes"])
    paths = [head["paths"][place] for place in arrays["places"].tolist()]
    marks = (arrays[name].tolist() for name in ("recurring", "sections", "headings"))
    rows = map(Row, ids, hashes, paths, *marks)
    return Catalogue(
        info=info,
        bases=head["bases"],
        pages=tuple(KnownPage(**page) for page in head["pages"]),
        rows=tuple(rows),
        counts=TermCounts(info.chunks, arrays["term_hashes"], arrays["term_counts"]),
        mean_length=head["mean_length"],
        weights=arrays.get("weights"),
        drift=head["drift"],
        fingerprints=head["fingerprints"],
    )


def _texts(array: npt.NDArray[Any]) -> Sequence[str]:
    texts: list[str] = array.astype(np.str_).tolist()
    return texts
