"""`booklight doctor`: every part of the set-up, checked; or, from outside, a book and its sidecar as deployed."""

import asyncio
from typing import Annotated

import typer

from booklight.cli.book import DEFAULT_PAGES, PagesJson
from booklight.cli.console import FOUND, Json, exit_on_errors, print_json
from booklight.doctor.checks import diagnose
from booklight.doctor.diagnostics import diagnostic_lines, diagnostics_document
from booklight.doctor.site import diagnose_site


def run(
    pages_json: PagesJson = DEFAULT_PAGES,
    model: Annotated[
        bool, typer.Option("--model", help="Take a small turn with the model: an answer and a search.")
    ] = False,
    site: Annotated[
        str | None, typer.Option("--site", metavar="URL", help="Check the book at URL and its sidecar from outside.")
    ] = None,
    json: Json = False,
) -> None:
    """Print what was found, and what to do where something is wrong."""
    with exit_on_errors():
        checks = diagnose(pages_json, ask_model=model) if site is None else diagnose_site(site)
        diagnostics = asyncio.run(checks)
    if json:
        print_json(diagnostics_document(diagnostics))
    else:
        print("\n".join(diagnostic_lines(diagnostics)))
    if not all(one.ok for one in diagnostics):
        raise typer.Exit(FOUND)
