"""`booklight audit`: whether every chunk's URL leads somewhere in the built HTML."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from booklight.cli.book import SourceFolder, locale_files, open_book, split
from booklight.cli.console import FOUND, Json, note_all, print_json, told_errors
from booklight_ingest.audit import AuditReport, audit


def run(
    build: Annotated[
        Path, typer.Argument(metavar="BUILD_DIR", help="The folder that Docusaurus built, in all locales.")
    ],
    source: SourceFolder = None,
    json: Json = False,
) -> None:
    """Print the links that lead nowhere."""
    problems: list[str] = []
    with told_errors():
        reports = [_audit(file, source, problems) for file in locale_files(build)]
    links = tuple(link for found in reports for link in found.broken)
    report = AuditReport(sum(found.checked for found in reports), links)
    note_all(problems)
    if json:
        print_json(asdict(report))
    else:
        for broken in report.broken:
            print(f"{broken.source}: {broken.url}: {broken.reason}")
        print(f"{report.checked} links checked, {len(report.broken)} broken")
    if report.broken:
        raise typer.Exit(FOUND)


def _audit(pages_json: Path, source: Path | None, problems: list[str]) -> AuditReport:
    """Follow the links of one locale, whose HTML lies in the folder above that of its pages.json."""
    book, root = open_book(pages_json, source)
    return audit(pages_json.parent.parent, book, split(book, root, problems))
