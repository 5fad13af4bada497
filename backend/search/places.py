"""Where a reader is, as the index knows it, and which chunks that leaves or favours."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import assert_never

from backend.contracts import PageContext, Scope
from backend.search.ranking import Boost, Boosts
from ingest.catalogue import Catalogue, KnownPage, page_key
from ingest.engine import Filter


@dataclass(frozen=True, slots=True)
class Place:
    """A reader's page, chapter and lesson. `path` and `chapter_path` are None unless the index knows the page.

    `edition` is the docs version and locale to keep to, and empty where the book has but one.
    """

    path: str | None
    chapter_path: str | None
    chapter_number: int | None
    lesson_slug: str | None
    locale: str
    edition: Filter


def find_place(page: PageContext, catalogue: Catalogue) -> Place:
    """Look the page up by its path; what the request says is used as sent only where the index does not know it."""
    known = catalogue.page_of.get(page_key(page.path)) if page.path else None
    home = known or catalogue.home
    locale = home.locale if home else "en"
    # Every condition costs time, so what all chunks meet is not asked.
    edition = {"docs_version": home.docs_version, "locale": locale} if home and catalogue.editions > 1 else {}
    if known is None:
        return Place(None, None, page.current_chapter, page.current_lesson, locale, edition)
    return Place(known.path, known.chapter_path, known.chapter_number, known.lesson_slug, locale, edition)


def scope_filter(scope: Scope, place: Place) -> Filter | None:
    """Return what chunks must have to be in `scope`; None when the place is too little known for it to have any."""
    match scope:
        case "full_book":
            return place.edition
        case "current_chapter":
            named = _present({"chapter_path": place.chapter_path}) or _chapter_number(place)
        case "current_page":
            named = _present({"path": place.path}) or _lesson(place)
        case _:
            assert_never(scope)
    return {**place.edition, **named} if named else None


def in_filter(page: KnownPage, only: Filter) -> bool:
    """Say whether the chunks of `page` pass `only`."""
    fields = asdict(page)
    return all(fields[name] == value for name, value in only.items())


def boost_near(place: Place, boosts: Boosts, page_at: Mapping[str, KnownPage]) -> Boost:
    """Return the factor of each page's chunks for a reader at `place`."""

    @cache
    def factor(path: str) -> float:
        page = page_at.get(path)
        if page is None:
            return 1.0
        in_chapter = boosts.chapter if _in_chapter(page, place) else 1.0
        return in_chapter * (boosts.lesson if _on_page(page, place) else 1.0)

    return factor


def _in_chapter(page: KnownPage, place: Place) -> bool:
    if place.path is not None:
        return place.chapter_path is not None and page.chapter_path == place.chapter_path
    return place.chapter_number is not None and page.chapter_number == place.chapter_number


def _on_page(page: KnownPage, place: Place) -> bool:
    if place.path is not None:
        return page.path == place.path
    chapter_fits = place.chapter_number is None or _in_chapter(page, place)
    return place.lesson_slug is not None and page.lesson_slug == place.lesson_slug and chapter_fits


def _chapter_number(place: Place) -> Filter:
    return _present({"chapter_number": place.chapter_number}) if place.path is None else {}


def _lesson(place: Place) -> Filter:
    if place.lesson_slug is None:
        return {}
    return _present({"lesson_slug": place.lesson_slug, "chapter_number": place.chapter_number})


def _present(fields: Mapping[str, str | int | None]) -> Filter:
    return {name: value for name, value in fields.items() if value is not None}
