"""The command line: `booklight index`, `chunks`, `search`, `eval`, `audit`, `serve`, `prune` and `doctor`.

Settings come from the environment. Every command ends with 0 when it did its work, 1 when it found what it exists to
find, and 2, with one line that says what to do, when it was misused or given something it cannot read.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from booklight.cli.console import FOUND, Json, fail, note, note_all, print_json, read_settings, told_errors
from booklight.cli.evaluating import evaluate
from booklight.cli.indexing import DEFAULT_PAGES, SourceFolder, index, open_book
from booklight.contracts import Found, PageContext, Passage, Scope
from booklight.search.connection import boosts, opened_index
from booklight.settings import Settings
from booklight_ingest.chunks import Chunk, split_book
from booklight_ingest.pages import Book

CHUNK_FIELDS = (
    *("id", "path", "url", "anchor", "heading", "breadcrumbs", "page_title", "chapter_number", "lesson_slug"),
    *("source", "position", "text"),
)

app = typer.Typer(
    help="An assistant for Docusaurus books that answers from the book and links every claim to its passage.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

PagesJson = Annotated[Path, typer.Argument(metavar="[PAGES_JSON]", help="Written by the site plugin into the build.")]


def main() -> None:
    """Run the command that the process was started with."""
    app()


app.command()(index)


@app.command()
def chunks(pages_json: PagesJson = DEFAULT_PAGES, source: SourceFolder = None, json: Json = False) -> None:
    """Print the book's chunks as JSON lines; nothing is embedded or stored."""
    problems: list[str] = []
    with told_errors():
        book, root = open_book(pages_json, source)
        for chunk in _split(book, root, problems):
            print_json(_chunk_fields(chunk))
    note_all(problems)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What a reader might ask.")],
    scope: Annotated[Scope, typer.Option(help="Where to look.")] = "full_book",
    page: Annotated[str | None, typer.Option(help="The permalink of the page the reader is on.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many passages to return at most.")] = 8,
    json: Json = False,
) -> None:
    """Search the index as the assistant does."""
    if scope != "full_book" and page is None:
        fail(f"--scope {scope} needs --page PERMALINK, to know which")
    if not query.strip():
        fail("QUERY is empty: give some words to search for")
    settings = read_settings()
    with told_errors():
        found = asyncio.run(_search(settings, query, scope, PageContext(path=page), limit))
    if json:
        return print_json({"query": query, "found": found.found, "passages": [*map(_passage_fields, found.passages)]})
    for passage in found.passages:
        print(f"{passage.score:6.3f}  {' › '.join(passage.chunk.breadcrumbs)}\n        {passage.chunk.url}")
        print(f"        {_excerpt(passage.chunk.text)}\n")
    note("" if found.found else "The book does not seem to cover this.")
    return None


app.command("eval")(evaluate)


@app.command()
def audit(
    build: Annotated[Path, typer.Argument(metavar="BUILD_DIR", help="The folder that Docusaurus built.")],
    source: SourceFolder = None,
    json: Json = False,
) -> None:
    """Check every chunk's URL against the built HTML; ends with 1 if one leads nowhere."""
    from booklight_ingest.audit import audit as audit_links

    problems: list[str] = []
    with told_errors():
        book, root = open_book(build / "booklight/pages.json", source)
        report = audit_links(build, book, _split(book, root, problems))
    note_all(problems)
    if json:
        print_json(asdict(report))
    else:
        for broken in report.broken:
            print(f"{broken.source}: {broken.url}: {broken.reason}")
        print(f"{report.checked} links checked, {len(report.broken)} broken")
    if report.broken:
        raise typer.Exit(FOUND)


@app.command()
def serve(
    site: Annotated[Path | None, typer.Option(metavar="BUILD_DIR", help="Serve this built book too.")] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes share the port.")] = 1,
) -> None:
    """Serve the assistant, and with --site the book as well."""
    from booklight.serving import serve_app

    settings = read_settings()
    with told_errors():
        serve_app(settings, site=site, host=host, port=port, workers=workers)


@app.command()
def migrate(json: Json = False) -> None:
    """Bring the database to today's schema, as `serve` does by itself when it starts."""
    from booklight.store.database import StoreUnavailable, parse_database_url
    from booklight.store.revisions import bring_up_to_date

    settings = read_settings()
    with told_errors():
        try:
            before = asyncio.run(bring_up_to_date(parse_database_url(settings.database_url.get_secret_value())))
        except StoreUnavailable as error:
            fail(error)
    if json:
        return print_json({"before": before})
    print(f"The database is at today's schema {'already' if before == 'current' else 'now'}")
    return None


@app.command()
def prune(
    older_than: Annotated[int, typer.Option(min=1, metavar="DAYS", help="Days without a question or an answer.")],
    json: Json = False,
) -> None:
    """Delete the conversations that nothing was added to for some days."""
    from booklight.store.database import StoreUnavailable
    from booklight.store.threads import prune_threads

    database_url = read_settings().database_url.get_secret_value()
    with told_errors():
        try:
            deleted = asyncio.run(prune_threads(database_url, timedelta(days=older_than)))
        except StoreUnavailable as error:
            fail(error)
    if json:
        return print_json({"deleted": deleted})
    print(f"{deleted} conversations deleted")
    return None


@app.command()
def doctor(
    pages_json: PagesJson = DEFAULT_PAGES,
    model: Annotated[bool, typer.Option("--model", help="Make one tiny request of the model.")] = False,
    json: Json = False,
) -> None:
    """Examine every part of the set-up; ends with 1 if something is wrong."""
    from booklight.ops.diagnostics import finding_lines, findings_fields
    from booklight.ops.doctor import diagnose

    with told_errors():
        findings = asyncio.run(diagnose(pages_json, ask_model=model))
    if json:
        print_json(findings_fields(findings))
    else:
        print("\n".join(finding_lines(findings)))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(FOUND)


def _split(book: Book, root: Path, problems: list[str]) -> Iterator[Chunk]:
    return split_book(book, root, report=lambda problem: problems.append(str(problem)))


async def _search(settings: Settings, query: str, scope: Scope, page: PageContext, limit: int) -> Found:
    from booklight.search.passages import search as search_index

    async with opened_index(settings) as opened:
        return await search_index(opened, [query], scope=scope, page=page, boosts=boosts(settings), limit=limit)


def _passage_fields(passage: Passage) -> dict[str, object]:
    return {**_chunk_fields(passage.chunk), "score": passage.score}


def _chunk_fields(chunk: Chunk) -> dict[str, object]:
    fields = asdict(chunk)
    return {name: fields[name] for name in CHUNK_FIELDS}


def _excerpt(text: str, width: int = 160) -> str:
    line = re.sub(r"\s+", " ", text).strip()
    return line if len(line) <= width else f"{line[:width].rstrip()}…"
