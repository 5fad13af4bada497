"""Programs that run in processes of their own and find the product imported: copies of a process that imported it.

Importing takes most of a sidecar's start, and the tests start dozens.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path

IMPORTED = ("booklight.assembly", "booklight.cli.serve", "booklight.cli.index", "alembic.command")
"""What the process that is copied imports, with all that these import."""
COMMAND = "from booklight.cli.start import main; main()"
"""The program that is run as `booklight`."""


class Forked:
    """A Python program in `folder`, with nothing in its environment but `environment`.

    It can be asked what tests ask of a `subprocess.Popen`. `stdout` is to be read and closed by who starts it; what
    the program says to stderr goes to the file descriptor `stderr`.
    """

    def __init__(
        self, program: str, *arguments: str, folder: Path, environment: Mapping[str, str], stderr: int = 2
    ) -> None:
        context = _context()
        read, write = context.Pipe(duplex=False)
        said: Connection[str, str] = Connection(os.dup(stderr), readable=False)
        with read, write, said:
            given = (program, arguments, folder, dict(environment), write, said)
            self._process = context.Process(target=_run, args=given)
            self._process.start()
            self.stdout = os.fdopen(os.dup(read.fileno()), encoding="utf-8")

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Return its exit code, which is a signal's number below zero where one ended it; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code once it has ended. Raises subprocess.TimeoutExpired after `timeout` seconds."""
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(str(self._process.name), timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end, unless it has ended."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, unless it has ended."""
        self.send_signal(signal.SIGKILL)


def _context() -> ForkServerContext | SpawnContext:
    """Return how processes are made: each imports for itself where a system's libraries cannot be forked."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTED))
    return context


def _run(
    program: str,
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    stdout: Connection,
    stderr: Connection,
) -> None:
    with Path(os.devnull).open() as nothing:
        for source, target in ((nothing.fileno(), 0), (stdout.fileno(), 1), (stderr.fileno(), 2)):
            os.dup2(source, target)
    # A supervisor hands its workers what it reads from, which `multiprocessing` closed.
    sys.stdin = os.fdopen(0)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["booklight", *arguments]
    exec(program, {"__name__": "__main__"})  # noqa: S102
