"""A sidecar as its settings alone describe it, with its parts opened while it already serves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from backend.tests.live import PATIENCE, Json, serve
from booklight.app import create_app
from booklight.settings import Settings


@asynccontextmanager
async def cold_sidecar(folder: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a sidecar as its settings alone describe it, without waiting for it."""
    defaults: dict[str, Any] = {"database_url": f"sqlite:///{folder}/booklight.db", "index_path": folder / "index"}
    app = create_app(Settings(_env_file=None, **(defaults | settings)))
    async with serve(app) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        yield http


async def until_parts_are(http: httpx.AsyncClient, wanted: dict[str, bool]) -> Json:
    """Wait until every part has been tried and exactly these are there, and return what `ready` says."""
    async with asyncio.timeout(PATIENCE):
        while True:
            said: Json = (await http.get("/assistant/ready")).json()
            tried = "being opened" not in str(said)
            if tried and {name: part["ready"] for name, part in said["parts"].items()} == wanted:
                return said
