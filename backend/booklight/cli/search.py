"""`booklight search`: the passages that answer a question, as the assistant would get them."""

import asyncio
import re
from typing import Annotated

import typer

from booklight.cli.chunks import chunk_fields
from booklight.cli.console import Json, Rerank, exit_on_errors, fail, print_json, print_note, read_settings
from booklight.contracts import Found, PageContext, Passage, Scope, SearchRequest
from booklight.search.connection import boosts, connect_reranker, opened_index
from booklight.search.passages import search
from booklight.settings import Settings


def run(
    query: Annotated[str, typer.Argument(help="What a reader might ask.")],
    scope: Annotated[Scope, typer.Option(help="Where to look.")] = "full_book",
    page: Annotated[str | None, typer.Option(help="The page the reader is on: its permalink or full URL.")] = None,
    locale: Annotated[str | None, typer.Option(help="The locale the reader is in.")] = None,
    instance: Annotated[str | None, typer.Option(help="The docs instance the reader is in.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many passages to return at most.")] = 8,
    rerank: Rerank = True,
    json: Json = False,
) -> None:
    """Print the passages, best first."""
    if scope != "full_book" and page is None:
        fail(f"--scope {scope} needs --page PERMALINK, to know which")
    if not query.strip():
        fail("QUERY is empty: give some words to search for")
    settings = read_settings()
    reader = PageContext(path=page, locale=locale, docs_instance=instance)
    with exit_on_errors():
        found = asyncio.run(_search(settings, query, scope, reader, limit, rerank=rerank))
    if json:
        return print_json({"query": query, "found": found.found, "passages": [*map(_passage_fields, found.passages)]})
    for passage in found.passages:
        also = f" ({passage.elsewhere})" if passage.elsewhere else ""
        print(f"{passage.score:6.3f}  {' › '.join(passage.chunk.breadcrumbs)}\n        {passage.chunk.url}{also}")
        print(f"        {_excerpt(passage.chunk.text)}\n")
    print_note("" if found.found else "The book does not seem to cover this.")
    return None


async def _search(
    settings: Settings, query: str, scope: Scope, page: PageContext, limit: int, *, rerank: bool
) -> Found:
    async with opened_index(settings) as index:
        reranker = connect_reranker(settings) if rerank else None
        request = SearchRequest([query], scope, page)
        return await search(index, request, boosts=boosts(settings), limit=limit, reranker=reranker)


def _passage_fields(passage: Passage) -> dict[str, object]:
    own = {"score": passage.score, "logit": passage.logit, "also_on": passage.also_on}
    return {**chunk_fields(passage.chunk), **own}


def _excerpt(text: str, width: int = 160) -> str:
    line = re.sub(r"\s+", " ", text).strip()
    return line if len(line) <= width else f"{line[:width].rstrip()}…"
