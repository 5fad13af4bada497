"""Where a reader is, as the index knows it, and which chunks that leaves or favours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

import numpy as np

from booklight.contracts import PageContext, Scope
from booklight.search.ranking import Boosts, ScoreArray
from booklight_ingest.index.manifest import Filter, Manifest, page_key


@dataclass(frozen=True, slots=True)
class ReaderPlace:
    """A reader's page, chapter and lesson. `path` and `chapter_path` are None unless the index knows the page.

    `edition` is the docs version and locale to keep to, and empty where the book has but one.
    """

    path: str | None
    chapter_path: str | None
    chapter_number: int | None
    lesson_slug: str | None
    locale: str
    edition: Filter


def find_place(page: PageContext, manifest: Manifest) -> ReaderPlace:
    """Look the page up by its path; what the request says is used as sent only where the index does not know it."""
    known = manifest.page_of.get(page_key(page.path)) if page.path else None
    home = known or manifest.home
    locale = home.locale if home else "en"
    # Every condition costs time, so what all chunks meet is not asked.
    edition = {"docs_version": home.docs_version, "locale": locale} if home and manifest.editions > 1 else {}
    if known is None:
        return ReaderPlace(None, None, page.current_chapter, page.current_lesson, locale, edition)
    return ReaderPlace(known.path, known.chapter_path, known.chapter_number, known.lesson_slug, locale, edition)


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
    return {**place.edition, **named} if named else None


def holds_chunks(scope: Scope, only: Filter, manifest: Manifest) -> bool:
    """Say whether there is anything in `scope`, for which `only` filters; the full book counts as one."""
    return bool(manifest.rows if scope == "full_book" else manifest.pages_in(only))


def boost_near(place: ReaderPlace, boosts: Boosts, manifest: Manifest) -> ScoreArray:
    """Return the factor of each page's chunks for a reader at `place`, in the order of the rows' `paths`."""
    factors = np.ones(len(manifest.rows.paths))
    for near, boost in ((_chapter(place), boosts.chapter), (_page(place), boosts.lesson)):
        if near:
            factors[[*manifest.pages_in(near)]] *= boost
    return factors


def _chapter(place: ReaderPlace) -> Filter:
    return _present({"chapter_path": place.chapter_path}) or _chapter_number(place)


def _page(place: ReaderPlace) -> Filter:
    return _present({"path": place.path}) or _lesson(place)


def _chapter_number(place: ReaderPlace) -> Filter:
    return _present({"chapter_number": place.chapter_number}) if place.path is None else {}


def _lesson(place: ReaderPlace) -> Filter:
    if place.lesson_slug is None:
        return {}
    return _present({"lesson_slug": place.lesson_slug, "chapter_number": place.chapter_number})


def _present(fields: Mapping[str, str | int | None]) -> Filter:
    return {name: value for name, value in fields.items() if value is not None}
