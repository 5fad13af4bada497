"""Wait for files to change by polling them: that works on network disks, in containers and through rebuilds too."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

# Polling a thousand files takes milliseconds.
LOOK_SECONDS = 0.3

# When each file was last changed, and its size; None where there is no such file.
Snapshot = Mapping[Path, tuple[int, int] | None]


def take_snapshot(files: Iterable[Path]) -> Snapshot:
    """Return what would differ if one of `files` were changed, made or removed."""
    return {file: _state(file) for file in files}


def wait_for_change(before: Snapshot, patience: float | None = None) -> None:
    """Return once a file has changed since `before` and all are at rest, or `patience` seconds have passed."""
    end = None if patience is None else time.monotonic() + patience
    while (now := take_snapshot(before)) == before and (end is None or time.monotonic() < end):
        time.sleep(LOOK_SECONDS)
    changed = now != before
    # An editor or a build writes more than one file, and not at once.
    while changed:
        time.sleep(LOOK_SECONDS)
        now, changed = take_snapshot(before), take_snapshot(before) != now


def _state(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
