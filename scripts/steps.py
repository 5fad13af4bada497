"""Run named steps once: each is skipped while its inputs, its outputs and this machine are as they were.

Only the standard library is used here, because this is what runs before anything is installed.
"""

import hashlib
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".setup"
LOG_LINES = 25
STILL_RUNNING_SECONDS = 15


@dataclass(frozen=True)
class Step:
    """A command with what it depends on.

    `inputs` are files and folders whose content decides whether the step must run again; `outputs` must exist for it
    to be skipped.
    """

    name: str
    title: str
    command: Callable[[], Sequence[str]]
    inputs: tuple[Path, ...] = ()
    outputs: tuple[Path, ...] = ()
    key: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path = ROOT


class StepFailed(Exception):
    """A step's command failed; the text holds the end of its log."""


class Runner:
    """Runs steps, in branches side by side, and says what it is doing in lines a person can follow."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._stopped = False

    def run(self, *branches: Sequence[Step]) -> None:
        """Run the steps of each branch in order, the branches in parallel. Raises StepFailed."""
        with ThreadPoolExecutor(max_workers=len(branches)) as pool:
            futures = [pool.submit(self._run_branch, branch) for branch in branches]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                self.stop()
                raise

    def stop(self) -> None:
        """End every command that is still running, with its children."""
        with self._lock:
            self._stopped = True
            for process in self._running.values():
                _end(process)

    def _run_branch(self, branch: Sequence[Step]) -> None:
        for step in branch:
            if self._stopped:
                return
            self._run_step(step)

    def _run_step(self, step: Step) -> None:
        if is_current(step):
            return
        stamp = _stamp(step)
        stamp.unlink(missing_ok=True)
        say(f"  … {step.title}")
        started = time.monotonic()
        self._execute(step, started)
        stamp.write_text(fingerprint(step))
        say(f"  ✓ {step.title} ({time.monotonic() - started:.1f} s)")

    def _execute(self, step: Step, started: float) -> None:
        log = STATE / "logs" / f"{step.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as sink:
            process = subprocess.Popen(
                step.command(),
                cwd=step.folder,
                env={**os.environ, **step.environment},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
            with self._lock:
                self._running[step.name] = process
            status = self._wait(process, step, started)
        with self._lock:
            del self._running[step.name]
        if status and not self._stopped:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:])
            raise StepFailed(f"{step.title} failed. The end of {log.relative_to(ROOT)}:\n\n{tail}")
        if status:
            raise StepFailed(f"{step.title} was stopped")

    def _wait(self, process: subprocess.Popen[bytes], step: Step, started: float) -> int:
        while True:
            try:
                return process.wait(timeout=STILL_RUNNING_SECONDS)
            except subprocess.TimeoutExpired:
                say(f"  … {step.title}, {time.monotonic() - started:.0f} s so far")


def fingerprint(step: Step) -> str:
    """Return a hash of everything that decides whether `step` has to run again."""
    digest = hashlib.sha256()
    for part in (step.key, str(ROOT), platform.platform(), platform.python_version(), sys.executable):
        digest.update(part.encode() + b"\0")
    for file in _files(step.inputs):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def is_current(step: Step) -> bool:
    """Whether `step` has run, and nothing that decides about it has changed since."""
    stamp, complete = _stamp(step), all(output.exists() for output in step.outputs)
    return complete and stamp.is_file() and stamp.read_text() == fingerprint(step)


def say(line: str) -> None:
    """Print a line at once and whole: branches speak at the same time, and a pipe is read as it fills."""
    print(f"{line}\n", end="", flush=True)


def _stamp(step: Step) -> Path:
    return STATE / f"{step.name}.stamp"


def _files(inputs: Iterable[Path]) -> list[Path]:
    files: set[Path] = set()
    for path in inputs:
        found = path.rglob("*") if path.is_dir() else [path]
        files.update(file for file in found if file.is_file() and not _ignored(file))
    return sorted(files)


def _ignored(file: Path) -> bool:
    return any(part in {"__pycache__", "node_modules", "build", ".docusaurus"} for part in file.parts)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGTERM)
    except ProcessLookupError:
        return
