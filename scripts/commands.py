"""Run named commands, in lanes beside each other, and sum up which of them passed.

What a lane among several says is kept until its command has ended and then printed in one piece, so that no two
commands are read in each other's lines. A lane of its own is printed as it speaks.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

from steps import ROOT, say

STOPPING_SECONDS = 20
SEEN_SECONDS = 0.5
NICEST = 19
AUTOGROUP_SECONDS = 0.1

Lane = Mapping[str, Sequence[str]]


def run_all(lanes: Sequence[Lane], environment: Mapping[str, str], *, behind: Lane | None = None) -> int:
    """Run the lanes beside each other, to their ends; return 1 if any command failed.

    A lane runs its commands in their order, and goes on after one that failed. The commands of the lane `behind` have
    what time of the processor the others leave.
    """
    run = _Run(environment, behind or {})
    run.lanes(lanes)
    passed = len(run.passed)
    say(
        f"\n{passed} of {passed + len(run.failed)} passed"
        + (f"; failed: {', '.join(run.failed)}" if run.failed else "")
    )
    return 1 if run.failed else 0


class _Run:
    """The commands that are running, and the names of those that have ended."""

    def __init__(self, environment: Mapping[str, str], behind: Lane) -> None:
        self.passed: list[str] = []
        self.failed: list[str] = []
        self._environment = dict(environment)
        self._behind = behind
        self._lock = threading.Lock()
        self._running: list[subprocess.Popen[bytes]] = []
        self._stopped = False

    def lanes(self, lanes: Sequence[Lane]) -> None:
        """Run `lanes` and the one behind them; if that is interrupted, end their commands first."""
        together = [*lanes, self._behind] if self._behind else lanes
        with ThreadPoolExecutor(max_workers=len(together)) as pool:
            # A command may run before its thread is known here, so that there is something to stop from the start.
            try:
                ended = [pool.submit(self._lane, lane, captured=len(together) > 1) for lane in together]
                for lane in ended:
                    # An interruption that comes just as a wait begins is seen only when that ends.
                    while not lane.done():
                        wait([lane], timeout=SEEN_SECONDS)
                    lane.result()
            except BaseException:
                self._stop()
                raise

    def _lane(self, lane: Lane, *, captured: bool) -> None:
        for name, command in lane.items():
            started = time.monotonic()
            with self._lock:
                if self._stopped:
                    return
                say(f"  … {name}" if captured else f"\n── {name}")
                process = self._start(command, captured=captured)
                if lane is self._behind:
                    _give_way(process.pid)
            status, output = self._wait_for(process)
            (self.failed if status else self.passed).append(name)
            heading = f"\n── {name}\n{output}".rstrip() + "\n" if captured else ""
            say(f"{heading}   {'failed' if status else 'passed'} in {time.monotonic() - started:.1f} s")

    def _start(self, command: Sequence[str], *, captured: bool) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if captured else None,
            stderr=subprocess.STDOUT if captured else None,
            start_new_session=True,
        )
        self._running.append(process)
        return process

    def _wait_for(self, process: "subprocess.Popen[bytes]") -> tuple[int, str]:
        output, _ = process.communicate()
        with self._lock:
            self._running.remove(process)
        return process.returncode, (output or b"").decode(errors="replace")

    def _stop(self) -> None:
        """Interrupt every command with its children, so that each puts away what it has made; then end it."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for how in (signal.SIGINT, signal.SIGKILL):
            for process in running:
                _send(process, how)
            deadline = time.monotonic() + STOPPING_SECONDS
            while any(process.poll() is None for process in running) and time.monotonic() < deadline:
                time.sleep(0.05)


def _give_way(session: int) -> None:
    """Let the session that `session` leads, and what it will start, take only time that nobody else asks for."""
    os.setpriority(os.PRIO_PROCESS, session, NICEST)
    # Linux divides the time among sessions before it looks at what is in them; elsewhere there is no such file.
    with suppress(FileNotFoundError, PermissionError, ProcessLookupError):
        while not _set_niceness(Path(f"/proc/{session}/autogroup")):
            time.sleep(AUTOGROUP_SECONDS)


def _set_niceness(autogroup: Path) -> bool:
    """Set the niceness of a session; False where that is to be tried again, as only root may set two at once."""
    try:
        autogroup.write_text(str(NICEST))
    except BlockingIOError:
        return False
    return True


def _send(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    if process.poll() is None:
        os.killpg(process.pid, how)
