"""Where a reader is, as the index knows it, and which chunks that leaves or favours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never
from urllib.parse import urlsplit

import numpy as np

from booklight.contracts import PageContext, Scope
from booklight.search.equal_passages import ScoreArray
from booklight.search.ranking import Boosts
from booklight_ingest.index.filters import Fields, Filter
from booklight_ingest.index.manifest import KnownPage, Manifest, page_key


@dataclass(frozen=True, slots=True)
class ReaderPlace:
    """A reader's page, chapter and lesson. `path` and `chapter_path` are None unless the index knows the page.

    `docs_instance` is None where nothing says which. `locale` is the book's there. `edition`
    keeps to what readers there should see: their locale, their version of their docs instance and the last of the
    others.
    """

    path: str | None
    chapter_path: str | None
    chapter_number: int | None
    lesson_slug: str | None
    docs_instance: str | None
    locale: str
    edition: Filter


def find_place(page: PageContext, manifest: Manifest) -> ReaderPlace:
    """Look the page up by its path; what the request says is used as sent only where the index does not know it.

    The same path in several locales or on several domains is told apart by the request's locale, docs instance, or the
    origin in its path.
    """
    known = _likeliest(manifest.pages_at.get(page_key(page.path), ()), page) if page.path else None
    home = known or _likeliest(manifest.first_pages, page)
    locale = home.locale if home else "en"
    edition = manifest.filters[home.id.edition] if home else Filter()
    if known is None:
        instance = page.docs_instance if home and page.docs_instance == home.docs_instance else None
        return ReaderPlace(None, None, page.current_chapter, page.current_lesson, instance, locale, edition)
    number, lesson = known.chapter_number, known.lesson_slug
    return ReaderPlace(known.path, known.chapter_path, number, lesson, known.docs_instance, locale, edition)


def _likeliest(pages: Sequence[KnownPage], said: PageContext) -> KnownPage | None:
    """Return the page that agrees most with what a request said, one of a last version and the first where alike."""
    origin = _origin(said.path or "")

    def agreement(page: KnownPage) -> tuple[bool, bool, bool, bool]:
        same_origin = origin is not None and _origin(page.site) == origin
        same_instance = page.docs_instance == said.docs_instance
        return same_origin, page.locale == said.locale, same_instance, page.last_version

    return max(pages, key=agreement, default=None)


def _origin(address: str) -> tuple[str, str] | None:
    """Return the scheme and host of an address, None where it has no host."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    return (parts.scheme, parts.netloc.lower()) if parts.netloc else None


def scope_filter(scope: Scope, place: ReaderPlace) -> Filter | None:
    """Return what chunks must have to be in `scope`; None when the place is too little known for it to have any."""
    match scope:
        case "full_book":
            return place.edition
        case "current_chapter":
            named = _chapter(place)
        case "current_page":
            named = _page(place)
        case _:
            assert_never(scope)
    return place.edition.narrowed(named) if named else None


def holds_chunks(scope: Scope, only: Filter, manifest: Manifest) -> bool:
    """Say whether there is anything in `scope`, for which `only` filters; the full book counts as one."""
    return bool(manifest.rows if scope == "full_book" else manifest.pages_in(only))


def boost_near(place: ReaderPlace, boosts: Boosts, manifest: Manifest) -> ScoreArray:
    """Return the factor of each page's chunks for a reader at `place`, in the order of the rows' `page_ids`."""
    factors = np.ones(len(manifest.rows.page_ids))
    for near, boost in ((_chapter(place), boosts.chapter), (_page(place), boosts.lesson)):
        if near:
            factors[[*manifest.pages_in(Filter(near))]] *= boost
    return factors


def _chapter(place: ReaderPlace) -> Fields:
    return _present({"chapter_path": place.chapter_path}) or _chapter_number(place)


def _page(place: ReaderPlace) -> Fields:
    return _present({"path": place.path}) or _lesson(place)


def _chapter_number(place: ReaderPlace) -> Fields:
    if place.path is not None or place.chapter_number is None:
        return {}
    return _present({"chapter_number": place.chapter_number, "docs_instance": place.docs_instance})


def _lesson(place: ReaderPlace) -> Fields:
    if place.lesson_slug is None:
        return {}
    named = {"lesson_slug": place.lesson_slug, "chapter_number": place.chapter_number}
    return _present({**named, "docs_instance": place.docs_instance})


def _present(fields: Mapping[str, str | int | None]) -> Fields:
    return {name: value for name, value in fields.items() if value is not None}
