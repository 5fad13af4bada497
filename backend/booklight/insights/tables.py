"""A report as tables for a terminal, and as one table of comma-separated values for a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from rich.table import Table

from booklight.insights.report import AskedGroup, InsightsReport

FEW = 10
"""Entries of each list that a terminal shows."""
COLUMNS = ("list", "text", "count", "readers", "url", "heading", "note")

Cell = str | int | float | None
Row = tuple[Cell, ...]


def hidden(report: InsightsReport) -> str:
    """Return what stands in place of words that the floor hides."""
    return f"(fewer than {report.floor} readers)"


def summary_lines(report: InsightsReport) -> Iterator[str]:
    """Yield the figures, a line each."""
    yield f"{report.questions} questions by {report.readers} readers since {report.since:%Y-%m-%d}"
    if report.answers:
        yield ", ".join(f"{count} {tier.replace('_', ' ')}" for tier, count in report.answers.items())
    if report.first_text is not None:
        yield f"first text after {report.first_text.median} s (median), {report.first_text.p95} s (95 %)"


def report_tables(report: InsightsReport) -> Iterator[Table]:
    """Yield a table for each list that has entries."""
    yield from _table("Not answered", ("Question", "Asked", "Readers", "Nearest section", "Distance"), _gaps(report))
    yield from _table("Bad answers", ("Question", "Rated", "Readers", "Reasons", "Rested on"), _bad_answers(report))
    yield from _table("Pages", ("Page", "Questions", "Readers", "Not answered"), _pages(report))
    yield from _table("Selected passages", ("Section", "Selected", "Readers"), _passages(report))
    yield from _table("Changed since", ("Question", "Asked", "Readers", "Passage", "Change"), _drift(report))


def report_csv(report: InsightsReport) -> str:
    """Return every list, one entry a line, with a column that says which."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_inert(cell) for cell in row] for row in _csv_rows(report))
    return out.getvalue()


def _table(title: str, columns: Sequence[str], rows: Sequence[Row]) -> Iterator[Table]:
    if not rows:
        return
    caption = None if len(rows) <= FEW else f"and {len(rows) - FEW} more"
    table = Table(title=title, title_justify="left", caption=caption, caption_justify="left")
    for column in columns:
        number = column in ("Asked", "Rated", "Readers", "Questions", "Not answered", "Selected", "Distance")
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in rows[:FEW]:
        table.add_row(*("" if cell is None else _literal(str(cell)) for cell in row))
    yield table


def _literal(text: str) -> str:
    """Return text that Rich takes for nothing else, without what would move a terminal's cursor."""
    return "".join(character if character.isprintable() else " " for character in text).replace("[", "\\[")


def _shown(report: InsightsReport, group: AskedGroup) -> str:
    return group.question if group.question is not None else hidden(report)


def _gaps(report: InsightsReport) -> list[Row]:
    return [
        (
            _shown(report, gap),
            gap.count,
            gap.readers,
            gap.nearest.heading if gap.nearest else None,
            gap.nearest.distance if gap.nearest else None,
        )
        for gap in report.gaps
    ]


def _bad_answers(report: InsightsReport) -> list[Row]:
    return [
        (_shown(report, bad), bad.count, bad.readers, "; ".join(bad.reasons or ()), "\n".join(bad.sources))
        for bad in report.bad_answers
    ]


def _pages(report: InsightsReport) -> list[Row]:
    return [(page.title, page.questions, page.readers, page.unanswered) for page in report.pages]


def _passages(report: InsightsReport) -> list[Row]:
    return [(passage.heading, passage.count, passage.readers) for passage in report.passages]


def _drift(report: InsightsReport) -> list[Row]:
    return [(_shown(report, one), one.count, one.readers, one.heading, one.change) for one in report.drift]


def _csv_rows(report: InsightsReport) -> Iterable[Row]:
    for gap in report.gaps:
        near = gap.nearest
        place = (near.url, near.heading, near.distance) if near else (None, None, None)
        yield ("gaps", gap.question, gap.count, gap.readers, *place)
    for bad in report.bad_answers:
        reasons = "; ".join(bad.reasons or ())
        yield ("bad_answers", bad.question, bad.count, bad.readers, " ".join(bad.sources), None, reasons)
    for page in report.pages:
        yield ("pages", None, page.questions, page.readers, page.url, page.title, page.unanswered)
    for passage in report.passages:
        yield ("passages", None, passage.count, passage.readers, passage.url, passage.heading, None)
    for one in report.drift:
        yield ("drift", one.question, one.count, one.readers, one.url, one.heading, one.change)


def _inert(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
