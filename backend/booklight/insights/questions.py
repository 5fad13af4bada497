"""The questions of a period with what came of each, read from the database.

`reader` is only ever counted; it goes into no report.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

from sqlalchemy import Row, and_, select

from booklight.contracts import Selection
from booklight.store.database import Database
from booklight.store.question_metadata import AnswerMetadata, BestPassage
from booklight.store.tables import feedback, items, threads

AnswerTier = Literal[
    "sure",
    "likely",
    "cited",
    "cited_by_words",
    "other",
    "fallback",
    "cut",
    "uncited",
    "refused",
    "not_covered",
    "failed",
]
"""What came of a question: the kind of its answer, or why there was none of the usual kinds.

`fallback` is quotations in place of a model's answer, `other` an answer that states nothing, `failed` no answer at all.
"""
TIERS: tuple[AnswerTier, ...] = (
    *("sure", "likely", "cited", "cited_by_words", "other", "fallback"),
    *("cut", "uncited", "refused", "not_covered", "failed"),
)
UNANSWERED: frozenset[AnswerTier] = frozenset({"not_covered", "uncited"})
"""The tiers of questions that the book did not answer."""


@dataclass(frozen=True, slots=True)
class LinkedSource:
    """A section that an answer cited."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class RecordedQuestion:
    """One question. `seconds` is from the question to the first text of its answer; `best` its best passage then.

    `rating` is `positive` or `negative` where the reader gave one, with their `reason` if they said it.
    """

    text: str
    reader: str
    asked_at: datetime
    path: str | None
    selections: tuple[Selection, ...]
    tier: AnswerTier
    seconds: float | None = None
    sources: tuple[LinkedSource, ...] = ()
    best: BestPassage | None = None
    rating: str | None = None
    reason: str | None = None

    @property
    def unanswered(self) -> bool:
        """Whether the book did not answer it."""
        return self.tier in UNANSWERED


async def load_questions_since(database: Database, since: datetime) -> list[RecordedQuestion]:
    """Return all questions asked since then, thread by thread. Raises StoreUnavailable."""
    rated = and_(feedback.c.thread_id == items.c.thread_id, feedback.c.item_id == items.c.id)
    query = (
        select(items, threads.c.owner, feedback.c.kind.label("rating"), feedback.c.reason)
        .join(threads, threads.c.id == items.c.thread_id)
        .outerjoin(feedback, rated)
        .where(items.c.created_at >= since)
        .order_by(threads.c.sequence, items.c.sequence)
    )
    async with database.statement() as connection:
        rows = (await connection.execute(query)).all()
    of_threads = groupby(rows, key=lambda row: row.thread_id)
    return [question for _, of_thread in of_threads for question in _questions_of([*of_thread])]


def _questions_of(rows: Sequence[Row[Any]]) -> Iterable[RecordedQuestion]:
    """Yield the questions of one thread, each with the items up to the next."""
    starts = [at for at, row in enumerate(rows) if row.type == "user_message"]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield _question(rows[start], rows[start + 1 : end])


def _question(asked: Row[Any], following: Sequence[Row[Any]]) -> RecordedQuestion:
    answers = [row for row in following if row.type == "assistant_message"]
    cut = any(row.type == "end_of_turn" for row in following)
    told = [AnswerMetadata.model_validate(row.metadata) for row in answers]
    rated = next((row for row in reversed(answers) if row.rating), None)
    sources = [source for row in answers for source in row.sources if "url" in source]
    return RecordedQuestion(
        text="".join(part["text"] for part in asked.content["content"] if "text" in part).strip(),
        reader=asked.owner,
        asked_at=asked.created_at,
        path=asked.path,
        selections=tuple(Selection.model_validate(given) for given in asked.metadata.get("selections", ())),
        tier=_tier(told, cut=cut, cites=bool(sources)),
        seconds=(answers[0].created_at - asked.created_at).total_seconds() if answers else None,
        sources=tuple({source["url"]: LinkedSource(source["url"], source["title"]) for source in sources}.values()),
        best=next((answer.best for answer in told if answer.best), None),
        rating=rated.rating if rated else None,
        reason=rated.reason if rated else None,
    )


def _tier(told: Sequence[AnswerMetadata], *, cut: bool, cites: bool) -> AnswerTier:
    """Return the tier of a question by its last answer; what an older version stored is told by its citations."""
    if not told:
        return "failed"
    last = told[-1]
    if cut or last.answer == "cut":
        return "cut"
    if last.answer == "not_covered" or (last.answer is None and last.found is False):
        return "not_covered"
    if last.fallback is not None:
        return "fallback"
    return last.answer or ("cited" if cites else "other")
