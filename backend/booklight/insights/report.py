"""What a report of insights holds: what readers ask, what the book does not answer, and where."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel


class NearestSection(BaseModel):
    """The section nearest to a question. `distance` is 1 less the cosine: about 0.3 is close, above 0.6 far."""

    url: str
    heading: str
    distance: float | None


class AskedGroup(BaseModel):
    """Questions that ask the same. `question` is the most central one; it and `questions` are None below the floor."""

    question: str | None
    count: int
    readers: int
    questions: list[str] | None


class GapGroup(AskedGroup):
    """Questions that the book did not answer, with the section that comes nearest."""

    nearest: NearestSection | None = None


class BadAnswerGroup(AskedGroup):
    """Questions whose answers readers thought bad: why, and what the answers rested on."""

    reasons: list[str] | None
    sources: list[str]


class AskedPage(BaseModel):
    """A page that readers asked on."""

    url: str
    title: str
    questions: int
    readers: int
    unanswered: int


class SelectedPassage(BaseModel):
    """A heading under which readers selected something to ask about."""

    url: str
    heading: str
    count: int
    readers: int


class AskedSection(BaseModel):
    """A place that questions were about: the heading selected, else that of the best passage, else the page.

    They need not ask the same, so that `questions` are only those that as many readers as the floor asked alike.
    """

    url: str
    heading: str
    count: int
    readers: int
    unanswered: int
    questions: list[str] | None


class DriftedPassage(AskedGroup):
    """A passage that was the best for these questions, and is not as it was then."""

    url: str
    heading: str
    change: Literal["changed", "vanished"]


class AskedDay(BaseModel):
    """The questions of a day, in UTC."""

    day: date
    questions: int
    unanswered: int


class FirstText(BaseModel):
    """Seconds from a question to the first text of its answer."""

    median: float
    p95: float


class InsightsReport(BaseModel):
    """What readers asked since `since`. `floor` is how many readers have to have asked for a text to be shown."""

    since: datetime
    until: datetime
    book: str | None
    floor: int
    questions: int
    readers: int
    answers: dict[str, int]
    first_text: FirstText | None
    days: list[AskedDay]
    gaps: list[GapGroup]
    pages: list[AskedPage]
    passages: list[SelectedPassage]
    sections: list[AskedSection]
    bad_answers: list[BadAnswerGroup]
    drift: list[DriftedPassage]


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when."""

    since: datetime
    until: datetime
