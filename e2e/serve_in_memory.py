"""Serve a built book with an index in Qdrant's in-memory engine; everything else is as the settings say.

python -m e2e.serve_in_memory BUILD_DIR
"""

import sys
from dataclasses import replace
from pathlib import Path

from booklight.lifecycle import Component, Components, choose_components
from booklight.search.connection import connect_embedder
from booklight.serving import serve_app
from booklight.settings import Settings, load_settings
from booklight_ingest.chunks import split_book
from booklight_ingest.index.live import Index, open_index
from booklight_ingest.index.sync import sync_index
from booklight_ingest.pages import load_book, source_root
from ingest.tests.qdrant_server import InMemoryQdrant, in_memory


def main() -> None:
    """Serve the build named on the command line, on a free port."""
    site, settings = Path(sys.argv[1]), load_settings()
    serve_app(settings, site=site, host="127.0.0.1", port=0, components=lambda served: _components(served, site))


def _components(settings: Settings, site: Path) -> Components:
    return replace(choose_components(settings), index=Component("index", lambda: _index_in_memory(settings, site)))


async def _index_in_memory(settings: Settings, site: Path) -> Index:
    pages_json = site / "booklight/pages.json"
    book = load_book(pages_json)
    chunks = split_book(book, source_root(book, pages_json), build=site)
    location = in_memory(InMemoryQdrant())
    await sync_index([book], chunks, location, connect_embedder(settings))
    return await open_index(location, connect_embedder(settings))


if __name__ == "__main__":
    main()
