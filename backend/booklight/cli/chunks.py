"""`booklight chunks`: what the book's pages are split into."""

from dataclasses import asdict

from booklight.cli.book import DEFAULT_PAGES, PagesJson, SourceFolder, open_book, split
from booklight.cli.console import Json, Verbose, exit_on_errors, print_json, print_problems
from booklight_ingest.chunks import Chunk
from booklight_ingest.mdx import Problem

CHUNK_FIELDS = (
    *("id", "path", "url", "anchor", "heading", "breadcrumbs", "page_title", "chapter_number", "lesson_slug"),
    *("source", "position", "text", "site", "locale", "docs_instance", "docs_version"),
)


def run(
    pages_json: PagesJson = DEFAULT_PAGES, source: SourceFolder = None, json: Json = False, verbose: Verbose = False
) -> None:
    """Print one JSON document a chunk, with or without `--json`."""
    problems: list[Problem] = []
    with exit_on_errors():
        for chunk in split(open_book(pages_json, source), problems):
            print_json(chunk_fields(chunk))
    print_problems(problems, verbose)


def chunk_fields(chunk: Chunk) -> dict[str, object]:
    """Return what is printed of a chunk."""
    fields = asdict(chunk)
    return {name: fields[name] for name in CHUNK_FIELDS}
