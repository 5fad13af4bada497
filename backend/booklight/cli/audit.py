"""`booklight audit`: whether every chunk's URL leads somewhere in the built HTML."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from booklight.cli.book import SourceFolder, open_book, split
from booklight.cli.console import FOUND, Json, note_all, print_json, told_errors
from booklight_ingest.audit import audit


def run(
    build: Annotated[Path, typer.Argument(metavar="BUILD_DIR", help="The folder that Docusaurus built.")],
    source: SourceFolder = None,
    json: Json = False,
) -> None:
    """Print the links that lead nowhere."""
    problems: list[str] = []
    with told_errors():
        book, root = open_book(build / "booklight/pages.json", source)
        report = audit(build, book, split(book, root, problems))
    note_all(problems)
    if json:
        print_json(asdict(report))
    else:
        for broken in report.broken:
            print(f"{broken.source}: {broken.url}: {broken.reason}")
        print(f"{report.checked} links checked, {len(report.broken)} broken")
    if report.broken:
        raise typer.Exit(FOUND)
