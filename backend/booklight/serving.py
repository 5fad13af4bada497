"""Run the app on uvicorn, in one process or several.

The port is bound first, so that a taken one is a clear error and citations know where the book is served.
"""

import asyncio
import json
import os
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import uvicorn
from prometheus_client.multiprocess import mark_process_dead
from pydantic import SecretStr
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from booklight import timing
from booklight.app import create_app
from booklight.auth.secret import load_secret
from booklight.connections import bounded_protocol
from booklight.lifecycle import Components, Sidecar, check_settings, choose_components
from booklight.ops.folders import LET_WRITE, write_failure, written_folders
from booklight.ops.garbage import collect_by_time
from booklight.ops.logging import configure_logging
from booklight.ops.metrics import SHARED_FOLDER
from booklight.ops.open_files import allow_files, describe_shortage, mend_shortage
from booklight.settings import Settings, SettingsError, load_settings
from booklight.shutdown import end_turns_on_signal
from booklight_ingest.pages import load_book

BACKLOG = 2048
# How long the components may take to open before those that are missing are logged.
STARTUP_SECONDS = 15
# A worker tries its components before it accepts, since a worker that takes another's place gets requests at once.
WORKER_STARTUP_SECONDS = 30
# A worker that does not answer its supervisor for so long is replaced; importing can keep one busy for seconds.
HUNG_SECONDS = 30
SITE_VARIABLE = "BOOKLIGHT_SERVED_SITE"


def serve_app(
    settings: Settings,
    *,
    site: Path | None,
    host: str,
    port: int,
    workers: int = 1,
    components: Callable[[Settings], Components] = choose_components,
) -> None:
    """Serve until interrupted, with the components that `components` makes of the settings.

    Several workers are processes that share the address; each makes its components of the settings itself. Raises
    SettingsError when the address cannot be listened on or a setting is wrong, and PagesUnreadable when `site` is no
    built book.
    """
    check_settings(settings)
    _require_writable(settings)
    load_secret(settings)
    with closing(listen(host, port)) as listener:
        port = listener.getsockname()[1]
        home = f"http://{_shown(host)}:{port}"
        if site is not None:
            home += load_book(site / "booklight/pages.json").site.base_url
            settings = settings.model_copy(update={"book_base_url": settings.book_base_url or home})
        configure_logging(settings)
        allow_files(settings)
        if (shortage := describe_shortage(settings)) is not None:
            _warn(f"{shortage}: {mend_shortage(settings)}")
        announcement = _Announcement(address=f"{_reachable(host)}:{port}", home=home)
        if workers > 1:
            return _run_workers(settings, site, workers, announcement, listener)
        app = create_app(settings, site=site, components=components(settings), on_start=_on_start(settings))
        return _Announced(_config(app, settings), announcement).run(sockets=[listener])


def app_from_environment() -> ASGIApp:
    """Return the app as one worker runs it: its settings, and the site it serves, are in its environment."""
    settings = load_settings()
    configure_logging(settings)
    site = os.environ.get(SITE_VARIABLE)
    served = Path(site) if site else None
    return create_app(settings, site=served, startup_timeout=WORKER_STARTUP_SECONDS, on_start=_on_start(settings))


class _Announcement:
    """Says where the book is once questions can be answered, or what is missing if they cannot."""

    def __init__(self, *, address: str, home: str) -> None:
        self._address = address
        self._home = home

    async def make(self) -> None:
        """Say it as soon as it is known."""
        missing = await _wait_until_ready(self._address)
        for reason in missing:
            _warn(reason)
        print(f"Booklight is ready: {self._home}" if not missing else f"Booklight listens: {self._home}", flush=True)


class _Announced(uvicorn.Server):
    """A server that makes its announcement."""

    def __init__(self, config: uvicorn.Config, announcement: _Announcement) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announcing = asyncio.create_task(self._announcement.make())


class _Workers(Multiprocess):
    """Workers on one listening socket, each replaced when it dies; `counts` is where they share what they count."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], counts: Path) -> None:
        super().__init__(config, sockets)
        self._counts = counts

    def keep_subprocess_alive(self) -> None:
        """Replace workers that died, and drop the gauges that they had set."""
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {process.pid for process in self.processes}:
            if pid is not None:
                mark_process_dead(pid, self._counts)  # type: ignore[no-untyped-call]

    def terminate_all(self) -> None:
        """End the workers; from here on nobody is left waiting for a connection that none of them will accept."""
        for listener in self.sockets:
            listener.close()
        super().terminate_all()


def _run_workers(
    settings: Settings, site: Path | None, workers: int, announcement: _Announcement, listener: socket.socket
) -> None:
    os.environ.update(environment_of(settings))
    if site is not None:
        os.environ[SITE_VARIABLE] = str(site.resolve())
    config = _config("booklight.serving:app_from_environment", settings, workers=workers)
    if settings.redis_url is None:
        _warn("each worker counts the limits of readers by itself; BOOKLIGHT_REDIS_URL shares them")
    with TemporaryDirectory(prefix="booklight-counts-") as counts:
        os.environ[SHARED_FOLDER] = counts
        Thread(target=lambda: asyncio.run(announcement.make()), daemon=True).start()
        _Workers(config, [listener], Path(counts)).run()


def environment_of(settings: Settings) -> dict[str, str]:
    """Return variables that make the same settings again."""
    given = {name: value for name, value in settings if value not in (None, ())}
    return {f"BOOKLIGHT_{name.upper()}": _written(value) for name, value in given.items()}


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; port 0 takes a free one. Raises SettingsError.

    It names its protocol, without which asyncio's own loop leaves Nagle's algorithm on: what is written in pieces, as
    answers are, would then wait for the client to acknowledge the piece before, 40 milliseconds or more.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise SettingsError(f"{host}:{port} cannot be listened on ({error.strerror}): try another --port") from error
    return listener


def _written(value: object) -> str:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case tuple():
            return ",".join(map(str, value))
        case _:
            return str(value)


def _require_writable(settings: Settings) -> None:
    """Raise SettingsError where what is kept cannot be written; workers would fail at it one after the other."""
    for folder in written_folders(settings):
        failure = write_failure(folder)
        if failure is not None:
            raise SettingsError(f"{folder} cannot be written ({failure}): {LET_WRITE}")


async def _wait_until_ready(address: str) -> list[str]:
    """Return an empty list once every component is open, or after a while the reasons of those that are not."""
    deadline = asyncio.get_running_loop().time() + STARTUP_SECONDS
    while True:
        missing = await asyncio.to_thread(_fetch_missing, address)
        if not missing or asyncio.get_running_loop().time() > deadline:
            return missing
        await asyncio.sleep(0.1)


def _fetch_missing(address: str) -> list[str]:
    # The standard library's client: others take longer to import than the rest of this module.
    with closing(HTTPConnection(address, timeout=STARTUP_SECONDS)) as connection:
        try:
            connection.request("GET", "/assistant/ready")
            parts = json.load(connection.getresponse())["parts"]
        except (OSError, HTTPException):
            return ["No worker answers yet."]
    return [part["reason"] for part in parts.values() if not part["ready"]]


def _warn(text: str) -> None:
    """Print a line for the operator on standard error; standard output is for programs to read."""
    print(f"booklight: {text}", file=sys.stderr, flush=True)


def _on_start(settings: Settings) -> Callable[[Sidecar], None]:
    """Return what a process of its own does as its sidecar starts."""

    def start(sidecar: Sidecar) -> None:
        collect_by_time()
        end_turns_on_signal(sidecar, settings.grace_seconds)

    return start


def _config(app: ASGIApp | str, settings: Settings, *, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=int(settings.grace_seconds) + timing.SHUTDOWN_SECONDS,
        timeout_keep_alive=timing.IDLE_SECONDS,
        timeout_worker_healthcheck=HUNG_SECONDS,
        server_header=False,
        http=bounded_protocol(settings),
        ws="none",
        # Who is believed is a setting of ours.
        proxy_headers=False,
    )


def _reachable(host: str) -> str:
    own = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{own}]" if ":" in own else own


def _shown(host: str) -> str:
    reachable = _reachable(host)
    return "localhost" if reachable in {"127.0.0.1", "[::1]"} else reachable
