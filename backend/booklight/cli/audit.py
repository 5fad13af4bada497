"""`booklight audit`: whether the page and anchor of every chunk's URL are in the built HTML."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from booklight.cli.book import SourceFolder, build_folder, locale_files, missing_locales, open_book, split
from booklight.cli.console import FOUND, Json, Verbose, exit_on_errors, print_json, print_note, print_problems
from booklight_ingest.audit import AuditReport, audit
from booklight_ingest.mdx import Problem


def run(
    build: Annotated[
        Path, typer.Argument(metavar="BUILD_DIR", help="The folder that Docusaurus built, in all locales.")
    ],
    source: SourceFolder = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Print the broken links."""
    problems: list[Problem] = []
    with exit_on_errors():
        reports = [_audit(file, source, problems) for file in locale_files(build)]
        absent = [*missing_locales(build)]
    links = tuple(link for found in reports for link in found.broken)
    report = AuditReport(sum(found.checked for found in reports), links)
    print_problems(problems, verbose)
    for line in absent:
        print_note(line)
    if json:
        print_json(asdict(report))
    else:
        for broken in report.broken:
            print(f"{broken.source}: {broken.url}: {broken.reason}")
        print(f"{report.checked} links checked, {len(report.broken)} broken")
    if report.broken:
        raise typer.Exit(FOUND)


def _audit(pages_json: Path, source: Path | None, problems: list[Problem]) -> AuditReport:
    """Follow the links of one locale, whose HTML lies in the folder above that of its pages.json."""
    opened = open_book(pages_json, source)
    return audit(build_folder(pages_json), opened.book, split(opened, problems))
