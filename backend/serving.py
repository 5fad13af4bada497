"""Run the app: bind first, so that a taken port is a clear line and citations know where the book is served."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import uvicorn
from starlette.types import ASGIApp

from backend.app import Parts, check_settings, choose_parts, create_app
from backend.console import note
from backend.settings import Settings, SettingsError
from ingest.pages import load_book

# Streams that are still open after this many seconds are ended; what they said is stored.
GRACE_SECONDS = 20
BACKLOG = 2048
# How long the parts may take to open before the missing ones are named.
PATIENCE_SECONDS = 15


def serve_app(
    settings: Settings,
    *,
    site: Path | None,
    host: str,
    port: int,
    parts: Callable[[Settings], Parts] = choose_parts,
) -> None:
    """Serve until interrupted, with what `parts` makes of the settings.

    Raises SettingsError when the address cannot be listened on or a setting is wrong, and PagesUnreadable when `site`
    is no built book.
    """
    check_settings(settings)
    with closing(_listen(host, port)) as listener:
        port = listener.getsockname()[1]
        home = f"http://{_shown(host)}:{port}"
        if site is not None:
            home += load_book(site / "booklight/pages.json").site.base_url
            settings = settings.model_copy(update={"book_base_url": settings.book_base_url or home})
        app = create_app(settings, site=site, parts=parts(settings))
        _Announced(_config(app), address=f"http://{_reachable(host)}:{port}", home=home).run(sockets=[listener])


class _Announced(uvicorn.Server):
    """A server that says where the book is once questions can be answered, or what is missing if they cannot."""

    def __init__(self, config: uvicorn.Config, *, address: str, home: str) -> None:
        super().__init__(config)
        self._address = address
        self._home = home

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announcing = asyncio.create_task(self._announce())

    async def _announce(self) -> None:
        missing = await _wait_until_ready(f"{self._address}/assistant/ready")
        for reason in missing:
            note(f"booklight: {reason}")
        print(f"Booklight is ready: {self._home}" if not missing else f"Booklight listens: {self._home}", flush=True)


async def _wait_until_ready(url: str) -> list[str]:
    """Return when every part is there, or else, after a while, why those that are missing are."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            answer = await client.get(url)
            if answer.is_success or asyncio.get_running_loop().time() > deadline:
                parts = answer.json()["parts"].values()
                return [part["reason"] for part in parts if not part["ready"]]
            await asyncio.sleep(0.1)


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE_SECONDS, server_header=False
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise SettingsError(f"{host}:{port} cannot be listened on ({error.strerror}): try another --port") from error
    return listener


def _reachable(host: str) -> str:
    own = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{own}]" if ":" in own else own


def _shown(host: str) -> str:
    reachable = _reachable(host)
    return "localhost" if reachable in {"127.0.0.1", "[::1]"} else reachable
