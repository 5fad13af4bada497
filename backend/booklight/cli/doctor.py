"""`booklight doctor`: every part of the set-up, examined."""

import asyncio
from typing import Annotated

import typer

from booklight.cli.book import DEFAULT_PAGES, PagesJson
from booklight.cli.console import FOUND, Json, print_json, told_errors
from booklight.doctor.diagnostics import finding_lines, findings_fields
from booklight.doctor.examination import diagnose


def run(
    pages_json: PagesJson = DEFAULT_PAGES,
    model: Annotated[bool, typer.Option("--model", help="Make one tiny request of the model.")] = False,
    json: Json = False,
) -> None:
    """Print what was found, and what to do where something is wrong."""
    with told_errors():
        findings = asyncio.run(diagnose(pages_json, ask_model=model))
    if json:
        print_json(findings_fields(findings))
    else:
        print("\n".join(finding_lines(findings)))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(FOUND)
