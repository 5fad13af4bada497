"""A copy of an index holds what the index holds, and takes no more room on the disk."""

import filecmp
from pathlib import Path

from backend.tests.index_copies import copy_index

HOLE = 1 << 24


def test_a_copy_is_the_same_and_has_the_same_holes(tmp_path: Path) -> None:
    source = tmp_path / "index"
    (source / "gen-1").mkdir(parents=True)
    (source / "empty").touch()
    (source / "CURRENT").write_text("gen-1")
    with (source / "gen-1/pages.mmap").open("wb") as file:
        file.seek(HOLE)
        file.write(b"between two holes")
        file.truncate(3 * HOLE)
    copy_index(source, tmp_path / "copy")
    names = ["empty", "CURRENT", "gen-1/pages.mmap"]
    assert filecmp.cmpfiles(source, tmp_path / "copy", names, shallow=False) == (names, [], [])
    assert (tmp_path / "copy/gen-1/pages.mmap").stat().st_blocks * 512 < HOLE
