"""Copies of an embedded index, for tests that need one and do not look at how it is made."""

import os
import shutil
from pathlib import Path

_BLOCK = 1 << 20


def copy_index(source: Path, target: Path) -> None:
    """Copy an index as it is on the disk: its engine's files are a hundred megabytes, nearly all of them holes."""
    shutil.copytree(source, target, copy_function=_copy_data)


def _copy_data(source: str, target: str) -> None:
    with Path(source).open("rb") as read, Path(target).open("wb") as written:
        size = written.truncate(os.fstat(read.fileno()).st_size)
        place = _next_data(read.fileno(), 0)
        while place < size:
            hole = os.lseek(read.fileno(), place, os.SEEK_HOLE)
            written.seek(read.seek(place))
            while (left := hole - read.tell()) > 0:
                written.write(read.read(min(left, _BLOCK)))
            place = _next_data(read.fileno(), hole)


def _next_data(file: int, place: int) -> int:
    """Return where the data at or behind `place` begins: where there is none, the end of all files."""
    try:
        return os.lseek(file, place, os.SEEK_DATA)
    except OSError:
        return 1 << 62
