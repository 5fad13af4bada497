"""`booklight insights`: what readers asked, what the book did not answer, and what they thought of the answers."""

import asyncio
import re
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from booklight.citations.stage import absolute_url
from booklight.cli.console import (
    Json,
    exit_on_errors,
    fail,
    print_json,
    print_note,
    print_table,
    read_settings,
    write_lines,
)
from booklight.insights.book import BookPlaces, opened_places
from booklight.insights.build import build_report
from booklight.insights.questions import load_questions_since
from booklight.insights.report import InsightsReport, Period
from booklight.insights.tables import report_csv, report_tables, summary_lines
from booklight.search.connection import connect_embedder, index_location, local_embedder
from booklight.settings import Settings
from booklight.store.database import Database, StoreUnavailable, parse_database_url
from booklight.store.migrations import bring_up_to_date
from booklight_ingest.errors import IndexMismatch, IndexMissing, IndexUnavailable
from booklight_ingest.index.live import open_index

_DAYS = re.compile(r"(\d{1,4})d?")

Since = Annotated[str, typer.Option(metavar="DAYS|DATE", help="From when: a number of days, or a day as 2026-01-31.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print every list as comma-separated values.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write one self-contained page.")]


def run(since: Since = "30", json: Json = False, csv: Csv = False, html: Html = None) -> None:
    """Print the report, or write it."""
    if json and csv:
        fail("--json and --csv print different things: give one of them")
    settings = read_settings()
    until = datetime.now(UTC)
    period = Period(_beginning(since, until), until)
    with exit_on_errors():
        try:
            report = asyncio.run(_build(settings, period))
        except StoreUnavailable as error:
            fail(error)
    if html is not None:
        _write_page(html, report)
    if json:
        return print_json(report.model_dump(mode="json"))
    if csv:
        print(report_csv(report), end="")
    elif html is None:
        _print(report)
    return None


def _beginning(since: str, until: datetime) -> datetime:
    if found := _DAYS.fullmatch(since):
        return until - timedelta(days=int(found[1]))
    try:
        return datetime.fromisoformat(since).replace(tzinfo=UTC)
    except ValueError:
        fail(f"--since {since}: give a number of days, or a day as 2026-01-31")


async def _build(settings: Settings, period: Period) -> InsightsReport:
    url = parse_database_url(settings.database_url.get_secret_value())
    await bring_up_to_date(url)
    database = Database(url)
    try:
        asked = await load_questions_since(database, period.since)
    finally:
        await database.close()
    async with AsyncExitStack() as stack:
        book = await _open_book(settings, stack)
        return await build_report(asked, period, book, floor=settings.insights_floor)


async def _open_book(settings: Settings, stack: AsyncExitStack) -> BookPlaces:
    """Return the book, or where there is no index that can be read, what goes without one."""
    embedder = local_embedder(settings)
    try:
        index = await open_index(index_location(settings), connect_embedder(settings))
    except (IndexMissing, IndexMismatch, IndexUnavailable) as error:
        print_note(f"Without the book's pages and nearest sections: {error}")
        return BookPlaces(embedder)
    stack.push_async_callback(index.close)
    info, base = index.info, settings.book_base_url
    return await stack.enter_async_context(
        opened_places(index, embedder, lambda address: absolute_url(info, base, address))
    )


def _write_page(file: Path, report: InsightsReport) -> None:
    from booklight.insights.page import render_page

    write_lines(file, [render_page(report)])
    print_note(f"Written to {file}")


def _print(report: InsightsReport) -> None:
    for line in summary_lines(report):
        print(line)
    for table in report_tables(report):
        print()
        print_table(table)
