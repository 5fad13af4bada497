"""`booklight mcp`: the book for an assistant on this machine, by the Model Context Protocol over standard input."""

import asyncio

from booklight.cli.console import Rerank, exit_on_errors, read_settings
from booklight.mcp_server.open_book import OpenBook
from booklight.ops.logging import configure_logging
from booklight.search.connection import boosts, connect_reranker, opened_index
from booklight.settings import Settings


def run(rerank: Rerank = True) -> None:
    """Answer until standard input is closed. Standard output is the protocol's; the log goes to standard error."""
    settings = read_settings()
    configure_logging(settings)
    with exit_on_errors():
        asyncio.run(_serve(settings, rerank=rerank))


async def _serve(settings: Settings, *, rerank: bool) -> None:
    from mcp.server.stdio import stdio_server

    from booklight.mcp_server.server import build_server

    async with opened_index(settings) as index:
        book = OpenBook(
            lambda: index,
            boosts=boosts(settings),
            reranker=connect_reranker(settings) if rerank else None,
            book_base_url=settings.book_base_url,
        )
        server = build_server(book, index.info.site_title)
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())
