"""Insights of a running sidecar: made of its own database and index when somebody asks, at most once a minute."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from booklight.errors import INDEX_SILENT, NotReady
from booklight.insights.book import BookPlaces, opened_places
from booklight.insights.build import build_report
from booklight.insights.questions import load_questions_since
from booklight.insights.report import InsightsReport, Period
from booklight.store.database import Database
from booklight_ingest.embed.embedder import Embedder
from booklight_ingest.errors import EmbeddingFailed, IndexUnavailable
from booklight_ingest.index.live import Index

KEPT_SECONDS = 60.0
SWITCH_ON = "?ask=#booklight-insights="
"""Opens the panel, which takes the pass behind it and shows the counts of headings with it."""


class LiveInsights:
    """Reports on the conversations in `database`. `absolute` makes of an address of the index what readers follow."""

    def __init__(
        self,
        database: Database,
        require_index: Callable[[], Index],
        embedder: Embedder,
        absolute: Callable[[str], str],
        *,
        floor: int,
    ) -> None:
        self._database = database
        self._require_index = require_index
        self._embedder = embedder
        self._absolute = absolute
        self._floor = floor
        self._one_at_a_time = asyncio.Lock()
        self._kept: dict[int, tuple[float, InsightsReport]] = {}

    async def report(self, days: int) -> InsightsReport:
        """Return the report of the last `days`. Raises NotReady for an index that fails, and StoreUnavailable."""
        async with self._one_at_a_time:
            made, report = self._kept.get(days, (0.0, None))
            if report is None or time.monotonic() - made > KEPT_SECONDS:
                report = await self._build(days)
                # Of one period at a time, since reports are large, and none that was made before the index was open.
                self._kept = {} if report.book is None else {days: (time.monotonic(), report)}
            return report

    async def document(self, days: int) -> str:
        """Return the report as JSON."""
        return (await self.report(days)).model_dump_json()

    async def page(self, days: int, pass_token: str | None) -> str:
        """Return the report as a page; with a pass, it leads to the book's page that was asked on most."""
        report = await self.report(days)
        asked = report.pages[0].url if pass_token is not None and report.pages else None
        return await asyncio.to_thread(_render, report, asked and f"{asked}{SWITCH_ON}{pass_token}")

    async def _build(self, days: int) -> InsightsReport:
        until = datetime.now(UTC)
        period = Period(until - timedelta(days=days), until)
        asked = await load_questions_since(self._database, period.since)
        try:
            async with AsyncExitStack() as stack:
                return await build_report(asked, period, await self._open_book(stack), floor=self._floor)
        except (EmbeddingFailed, IndexUnavailable) as failure:
            raise NotReady(INDEX_SILENT) from failure

    async def _open_book(self, stack: AsyncExitStack) -> BookPlaces:
        try:
            index = self._require_index()
        except NotReady:
            return BookPlaces(self._embedder)
        return await stack.enter_async_context(opened_places(index, self._embedder, self._absolute))


def _render(report: InsightsReport, counts_url: str | None) -> str:
    # Charts take a second to import, which nobody waits for who asks a question meanwhile.
    from booklight.insights.page import render_page

    return render_page(report, live=True, counts_url=counts_url)
