"""Serve a built book with what its embedded index holds in Qdrant's in-memory engine; all else is as the settings say.

python -m e2e.serve_in_memory BUILD_DIR INDEX_DIR
"""

import sys
from dataclasses import replace
from pathlib import Path

from booklight.lifecycle import Component, Components, choose_components
from booklight.search.connection import connect_embedder
from booklight.serving import serve_app
from booklight.settings import Settings, load_settings
from booklight_ingest.index.live import Index, Location, open_generations, open_index
from ingest.tests.qdrant_server import InMemoryQdrant, in_memory


def main() -> None:
    """Serve the build named on the command line, on a free port."""
    site, index, settings = Path(sys.argv[1]), Path(sys.argv[2]), load_settings()
    serve_app(settings, site=site, host="127.0.0.1", port=0, components=lambda served: _components(served, index))


def _components(settings: Settings, index: Path) -> Components:
    return replace(choose_components(settings), index=Component("index", lambda: _open_in_memory(settings, index)))


async def _open_in_memory(settings: Settings, index: Path) -> Index:
    location = in_memory(InMemoryQdrant())
    await _copy(index, location)
    return await open_index(location, connect_embedder(settings))


async def _copy(source: Location, target: Location) -> None:
    """Publish the points of one index in another, with the vectors that they have."""
    current, generations = await open_generations(source).open(), open_generations(target, patient=True)
    await generations.lock()
    engine = await generations.begin(current.manifest.info.size, None)
    async for points in current.engine.scroll():
        await engine.upsert(points)
    await generations.publish(current.manifest)
    await generations.release()
    await generations.close()
    await current.engine.close()


if __name__ == "__main__":
    main()
