"""Locks on files that end with the process that holds them, however it ends."""

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class FileLock:
    """A lock held on a file until `release`. Several may share it, or one may have it alone."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path, *, shared: bool = False) -> "FileLock | None":
        """Lock `path`, making the file if need be; None when another holder is in the way. Raises OSError."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(descriptor, shared)
        except (BlockingIOError, PermissionError):
            os.close(descriptor)
            return None
        return cls(descriptor)

    def release(self) -> None:
        """Give the lock up."""
        os.close(self._descriptor)


def _lock(descriptor: int, shared: bool) -> None:
    if sys.platform == "win32":
        # Windows has no shared kind, and refuses to remove files in use, which serves readers as well.
        if not shared:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
