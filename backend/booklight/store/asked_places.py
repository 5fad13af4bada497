"""Where on a page a reader has asked before: the passages they selected, and those that answers to them cited.

Only the newest of what is kept is read, and each row up to a length, so that many long conversations cost no more than
a few.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from pydantic_core import from_json
from sqlalchemy import JSON, Column, ColumnElement, Row, Select, Text, case, cast, func, select, type_coerce

from booklight.context import RequestContext
from booklight.contracts import AskedPlace, Selection
from booklight.store.database import OnDatabase
from booklight.store.question_metadata import AnswerMetadata
from booklight.store.tables import Values, items, threads
from booklight_ingest.index.manifest import page_key

MAX_PLACES = 50
MAX_THREADS, MAX_ITEMS = 200, 400
"""How much is read: the newest items of the newest threads."""
MAX_JSON = 20_000
"""Characters of what is kept beside an item; where it is longer, the item has no place."""
MAX_SHOWN = 200
"""Characters of a question that are sent."""


class AskedPlacesStore(OnDatabase):
    """Finds where a reader has asked."""

    async def load_asked_places(self, context: RequestContext) -> list[AskedPlace]:
        """Return up to MAX_PLACES on `context.page` that the reader asked about or was led to, the latest first."""
        async with self._database.statement() as connection:
            rows = (await connection.execute(_newest_items(context.owner))).all()
        # In a thread: all that is read may be some megabytes of JSON.
        return await asyncio.to_thread(_find_places, rows, page_key(context.page.path or ""), context.page.locale)


class _Target(NamedTuple):
    anchor: str | None
    text: str | None
    selected: bool


class _Question:
    """A question with what was answered to it."""

    def __init__(self, row: Row[Any]) -> None:
        self.row = row
        self.metadata: Values = from_json(row.metadata or "{}")
        self.answers: list[Row[Any]] = []

    def is_in(self, locale: str | None) -> bool:
        """Say whether it was asked in a locale, which not every client names."""
        asked_in = self.metadata.get("page_context", {}).get("locale")
        return locale is None or asked_in in (None, locale)

    def targets_on(self, key: str) -> Iterator[_Target]:
        """Yield what it was about on the page of that key, then what its answers cited there."""
        for given in self.metadata.get("selections", ()):
            selection = Selection.model_validate(given)
            if page_key(selection.path or self.row.path or "") == key:
                yield _Target(selection.anchor or None, selection.text, selected=True)
        for answer in self.answers:
            for source in _sources(answer):
                if page_key(source["url"]) == key:
                    anchor = unquote(urlsplit(source["url"]).fragment)
                    yield _Target(anchor or None, source.get("description"), selected=False)


def _newest_items(owner: str) -> Select[Any]:
    """Return the query of the reader's newest questions and answers, newest first; texts are read in part."""
    newest = select(threads.c.id).where(threads.c.owner == owner).order_by(threads.c.sequence.desc()).limit(MAX_THREADS)
    within = select(items.c.sequence).where(items.c.thread_id.in_(newest)).order_by(items.c.sequence.desc())
    text = type_coerce(items.c.content, JSON)["content", 0, "text"].as_string()
    return (
        select(
            *(items.c[name] for name in ("thread_id", "type", "path", "created_at")),
            func.coalesce(func.substr(text, 1, MAX_SHOWN), threads.c.title, "").label("question"),
            _bounded(items.c.metadata),
            _bounded(items.c.sources),
        )
        .join(threads, threads.c.id == items.c.thread_id)
        .where(
            items.c.sequence.in_(within.limit(MAX_ITEMS)),
            items.c.type.in_(("user_message", "assistant_message")),
            items.c.replaced_by.is_(None),
        )
        .order_by(items.c.sequence.desc())
    )


def _bounded(column: Column[Any]) -> ColumnElement[str | None]:
    """Return a column of JSON as text, null where it is too long."""
    text = cast(column, Text)
    return case((func.length(text) <= MAX_JSON, text)).label(column.name)


def _find_places(rows: Sequence[Row[Any]], key: str, locale: str | None) -> list[AskedPlace]:
    places: list[AskedPlace] = []
    seen = set[tuple[str | None, ...]]()
    for question in _questions(rows):
        if not question.is_in(locale):
            continue
        row = question.row
        for target in question.targets_on(key):
            # Where a passage was selected, its section is not marked once more for having been cited.
            section = (row.thread_id, target.anchor)
            known = (*section, target.text) if target.selected else section
            if known in seen:
                continue
            seen |= {known, section}
            places.append(
                AskedPlace(
                    thread_id=row.thread_id,
                    question=row.question.strip(),
                    anchor=target.anchor,
                    text=target.text,
                    asked_at=row.created_at,
                )
            )
            if len(places) == MAX_PLACES:
                return places
    return places


def _questions(rows: Sequence[Row[Any]]) -> Iterator[_Question]:
    """Yield the questions among `rows`, newest first as these, each with its answers."""
    answers: dict[str, list[Row[Any]]] = {}
    for row in rows:
        if row.type == "assistant_message":
            answers.setdefault(row.thread_id, []).append(row)
            continue
        question = _Question(row)
        question.answers = answers.pop(row.thread_id, [])
        yield question


def _sources(answer: Row[Any]) -> list[Values]:
    """Return what an answer cites; nothing where the book has no answer, as that is only what is nearest."""
    told = AnswerMetadata.model_validate(from_json(answer.metadata or "{}"))
    cited: list[Values] = from_json(answer.sources or "[]")
    return [source for source in cited if "url" in source] if told.answer != "not_covered" else []
