"""How a report of insights is made of the questions of a period.

Texts of readers are redacted, and left out where fewer readers than the floor asked.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Literal
from urllib.parse import unquote, urlsplit

import numpy as np

from booklight.insights.book import BookPlaces, Place
from booklight.insights.groups import group_similar
from booklight.insights.questions import TIERS, RecordedQuestion
from booklight.insights.redaction import redact
from booklight.insights.report import (
    AskedDay,
    AskedPage,
    AskedSection,
    BadAnswerGroup,
    DriftedPassage,
    FirstText,
    GapGroup,
    InsightsReport,
    NearestSection,
    Period,
    SelectedPassage,
)
from booklight_ingest.embed.vectors import Floats

MOST_LISTED = 50
"""Entries of each list; the largest come first."""
MOST_SECTIONS = 1_000
"""Places of the book that are listed with what was asked about them: a page of the book shows its own."""
MOST_EXAMPLES = 5
MAX_SHOWN = 300
"""Characters of a question that are shown."""


async def build_report(
    asked: Sequence[RecordedQuestion], period: Period, book: BookPlaces, *, floor: int
) -> InsightsReport:
    """Return the report of what was asked in `period`. Raises EmbeddingFailed and IndexUnavailable."""
    words = _Words(floor)
    texts = [*dict.fromkeys(one.text for one in asked if one.unanswered or one.rating == "negative")]
    vectors = dict(zip(texts, await book.embed(texts), strict=True))

    def embed(wanted: Sequence[str]) -> Floats:
        return np.array([vectors[text] for text in wanted], dtype=np.float32)

    async def groups(ones: Iterable[RecordedQuestion]) -> list[list[RecordedQuestion]]:
        # In a thread: comparing thousands of questions takes long, and a sidecar answers meanwhile.
        return (await asyncio.to_thread(group_similar, [*ones], lambda one: one.text, embed))[:MOST_LISTED]

    gaps = await groups(one for one in asked if one.unanswered)
    nearest = await book.find_nearest([group[0].text for group in gaps], embed([group[0].text for group in gaps]))
    return InsightsReport(
        since=period.since,
        until=period.until,
        book=book.title,
        floor=floor,
        questions=len(asked),
        readers=_readers(asked),
        answers={tier: count for tier in TIERS if (count := sum(one.tier == tier for one in asked))},
        first_text=_first_text(asked),
        days=_days(asked, period),
        gaps=[
            GapGroup(**words.group(group), nearest=_section(place)) for group, place in zip(gaps, nearest, strict=True)
        ],
        pages=_pages(asked, book),
        passages=_passages(asked, book),
        sections=_sections(asked, book, _shown_anywhere(asked, gaps, floor)),
        bad_answers=[
            BadAnswerGroup(
                **words.group(group),
                reasons=words.shown(group, [one.reason for one in group if one.reason]),
                sources=[*dict.fromkeys(source.url for one in group for source in one.sources)][:MOST_EXAMPLES],
            )
            for group in await groups(one for one in asked if one.rating == "negative")
        ],
        drift=await _drift(asked, book, words),
    )


class _Words:
    """Shows readers' words, redacted, where as many readers as the floor asked."""

    def __init__(self, floor: int) -> None:
        self._floor = floor

    def group(self, group: Sequence[RecordedQuestion]) -> dict[str, object]:
        """Return the fields of an AskedGroup."""
        questions = self.shown(group, [one.text for one in group])
        question = questions[0] if questions else None
        return {"question": question, "count": len(group), "readers": _readers(group), "questions": questions}

    def shown(self, group: Sequence[RecordedQuestion], texts: Iterable[str]) -> list[str] | None:
        """Return the first different ones of `texts`, None below the floor."""
        if _readers(group) < self._floor:
            return None
        return _examples(texts)


def _examples(texts: Iterable[str]) -> list[str]:
    """Return the first different ones of `texts`, redacted."""
    return [*dict.fromkeys(_shortened(redact(" ".join(text.split()))) for text in texts)][:MOST_EXAMPLES]


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN].rstrip()}…"


def _readers(asked: Iterable[RecordedQuestion]) -> int:
    return len({one.reader for one in asked})


def _first_text(asked: Sequence[RecordedQuestion]) -> FirstText | None:
    seconds = [one.seconds for one in asked if one.seconds is not None and one.seconds >= 0]
    if not seconds:
        return None
    median, p95 = np.percentile(seconds, [50, 95])
    return FirstText(median=round(float(median), 2), p95=round(float(p95), 2))


def _days(asked: Sequence[RecordedQuestion], period: Period) -> list[AskedDay]:
    """Return every day of the period, those without a question too."""
    counts = Counter(one.asked_at.date() for one in asked)
    unanswered = Counter(one.asked_at.date() for one in asked if one.unanswered)
    first, last = period.since.date(), period.until.date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [AskedDay(day=day, questions=counts[day], unanswered=unanswered[day]) for day in days]


def _pages(asked: Sequence[RecordedQuestion], book: BookPlaces) -> list[AskedPage]:
    on_page: defaultdict[str, list[RecordedQuestion]] = defaultdict(list)
    for one in asked:
        if one.path is not None and one.path in book.pages:
            on_page[one.path].append(one)
    found = [
        AskedPage(
            url=book.pages[path].url,
            title=book.pages[path].heading,
            questions=len(ones),
            readers=_readers(ones),
            unanswered=sum(one.unanswered for one in ones),
        )
        for path, ones in on_page.items()
    ]
    return sorted(found, key=lambda page: -page.questions)[:MOST_LISTED]


def _passages(asked: Sequence[RecordedQuestion], book: BookPlaces) -> list[SelectedPassage]:
    under: defaultdict[Place, list[RecordedQuestion]] = defaultdict(list)
    for one in asked:
        places = [book.find_heading(selection.path or one.path, selection.anchor) for selection in one.selections]
        for place in dict.fromkeys(places):
            if place is not None:
                under[place].append(one)
    found = [
        SelectedPassage(url=place.url, heading=place.heading, count=len(ones), readers=_readers(ones))
        for place, ones in under.items()
    ]
    return sorted(found, key=lambda passage: -passage.count)[:MOST_LISTED]


def _shown_anywhere(
    asked: Sequence[RecordedQuestion], gaps: Sequence[Sequence[RecordedQuestion]], floor: int
) -> set[str]:
    """Return the texts that tell of no single reader: enough of them asked just that, or the same in other words."""
    same = defaultdict(list)
    for one in asked:
        same[one.text].append(one)
    return {one.text for group in (*same.values(), *gaps) if _readers(group) >= floor for one in group}


def _sections(asked: Sequence[RecordedQuestion], book: BookPlaces, shown: set[str]) -> list[AskedSection]:
    at: defaultdict[Place, list[RecordedQuestion]] = defaultdict(list)
    for one in asked:
        for place in _places(one, book):
            at[place].append(one)
    found = [
        AskedSection(
            url=place.url,
            heading=place.heading,
            count=len(ones),
            readers=_readers(ones),
            unanswered=sum(one.unanswered for one in ones),
            questions=_examples(one.text for one in ones if one.text in shown) or None,
        )
        for place, ones in at.items()
    ]
    return sorted(found, key=lambda section: -section.count)[:MOST_SECTIONS]


def _places(one: RecordedQuestion, book: BookPlaces) -> list[Place]:
    """Return what a question was about, as far as it is in the book."""
    places = [book.find_heading(selection.path or one.path, selection.anchor) for selection in one.selections]
    if not any(places) and one.best is not None and not one.unanswered:
        best = urlsplit(one.best.url)
        places = [book.find_heading(best.path, unquote(best.fragment))]
    if not any(places):
        places = [book.find_heading(one.path, None)]
    return [place for place in dict.fromkeys(places) if place is not None]


async def _drift(asked: Sequence[RecordedQuestion], book: BookPlaces, words: _Words) -> list[DriftedPassage]:
    """Return the best passages that are in the index no more, or with another text."""
    rested: defaultdict[tuple[str, str], list[RecordedQuestion]] = defaultdict(list)
    for one in asked:
        if one.best is not None:
            rested[one.best.id, one.best.content_hash].append(one)
    current = await book.content_hashes([point for point, _ in rested])
    found = []
    for (point, content_hash), group in rested.items():
        best = group[0].best
        if best is None or current is None or current.get(point) == content_hash:
            continue
        change: Literal["changed", "vanished"] = "changed" if point in current else "vanished"
        place = {"url": book.absolute(best.url), "heading": best.heading, "change": change}
        found.append(DriftedPassage.model_validate(words.group(group) | place))
    return sorted(found, key=lambda passage: -passage.count)[:MOST_LISTED]


def _section(place: tuple[Place, float | None] | None) -> NearestSection | None:
    if place is None:
        return None
    return NearestSection(url=place[0].url, heading=place[0].heading, distance=place[1])
