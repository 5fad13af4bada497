"""The folder of generations when processes share it, die over it, or find it spoilt."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from qdrant_edge import EdgeShard

from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.sentence_vectors import SentenceVectors
from booklight_ingest.errors import IndexMissing, IndexUnavailable
from booklight_ingest.index.edge import WORTH_INDEXING_FIELDS, EdgeEngine
from booklight_ingest.index.generations import copy_sparse
from booklight_ingest.index.live import Index, open_index
from booklight_ingest.index.manifest import INTEGER_FIELDS, KEYWORD_FIELDS
from booklight_ingest.index.sync import Progress, SyncReport, sync
from ingest.tests.books import long_book, make_book, rewritten, small_book


def run(chunks: list[Chunk], folder: Path, progress: Progress | None = None) -> SyncReport:
    return sync([make_book(chunks)], chunks, folder, SentenceVectors(), progress)


def stored(folder: Path) -> set[str]:
    async def read() -> set[str]:
        index = await open_index(folder, SentenceVectors())
        async with index.reading() as reading:
            ids = {point.chunk.id async for points in reading.generation.engine.scroll() for point in points}
        await index.close()
        return ids

    return asyncio.run(read())


def ids(chunks: list[Chunk]) -> set[str]:
    return {chunk.id for chunk in chunks}


def python(code: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


SYNC_ELSEWHERE = """
import os, sys
from pathlib import Path
from booklight_ingest.embed.embedder import open_embedder
from booklight_ingest.index import points
from booklight_ingest.index.sync import sync
from ingest.tests.books import long_book, make_book

points.BATCH = 10

def die(done, total):
    if done == total:
        os.kill(os.getpid(), 9)

chunks = long_book(20)
sync([make_book(chunks)], chunks, Path(sys.argv[1]), open_embedder(), die)
"""


def test_a_killed_build_leaves_the_old_index_and_the_next_clears_up(tmp_path: Path) -> None:
    run(small_book(), tmp_path)
    assert python(SYNC_ELSEWHERE, tmp_path).returncode == -9
    assert (tmp_path / ".building").is_dir()
    assert stored(tmp_path) == ids(small_book())
    run(long_book(20), tmp_path)
    assert stored(tmp_path) == ids(long_book(20))
    assert not (tmp_path / ".building").exists()


def test_two_builds_at_once_are_refused(tmp_path: Path) -> None:
    refused = list[str]()
    chunks = long_book(20)
    run(chunks, tmp_path, lambda done, total: refused.append(python(SYNC_ELSEWHERE, tmp_path).stderr))
    assert "IndexUnavailable: another `booklight index` is writing" in refused[0]
    assert stored(tmp_path) == ids(chunks)


def test_generations_that_nobody_reads_are_removed(tmp_path: Path) -> None:
    chunks = long_book(50)
    run(chunks, tmp_path)
    with asyncio.Runner() as loop:
        reader = loop.run(open_index(tmp_path, SentenceVectors()))
    run([rewritten(chunks[0], "changed"), *chunks[1:]], tmp_path)
    run([rewritten(chunks[0], "and again"), *chunks[1:]], tmp_path)
    assert {folder.name for folder in tmp_path.glob("gen-*")} == {"gen-1", "gen-3"}
    asyncio.run(reader.close())
    run([rewritten(chunks[0], "a third time"), *chunks[1:]], tmp_path)
    assert {folder.name for folder in tmp_path.glob("gen-*")} == {"gen-4"}


READ_ELSEWHERE = """
import asyncio, sys
from pathlib import Path
from booklight_ingest.embed.embedder import open_embedder
from booklight_ingest.index.live import open_index

async def read():
    index = await open_index(Path(sys.argv[1]), open_embedder())
    async with index.reading() as reading:
        print(len([point async for points in reading.generation.engine.scroll() for point in points]))

asyncio.run(read())
"""


def test_several_processes_read_one_generation(tmp_path: Path) -> None:
    run(small_book(), tmp_path)
    opened = [asyncio.run(open_index(tmp_path, SentenceVectors())) for _ in range(2)]
    assert python(READ_ELSEWHERE, tmp_path).stdout.strip() == "10"
    for index in opened:
        asyncio.run(index.close())


def flip_bytes(file: Path) -> None:
    """Change what stands in the middle of a file."""
    data = bytearray(file.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(255 - byte for byte in data[middle : middle + 64])
    file.write_bytes(data)


SPOIL: dict[str, Callable[[Path], object]] = {
    "half a manifest": lambda folder: (folder / "gen-1" / "manifest.npz").write_bytes(b"half a"),
    "no manifest": lambda folder: (folder / "gen-1" / "manifest.npz").unlink(),
    "no shard": lambda folder: shutil.rmtree(folder / "gen-1" / "shard"),
    "no generation": lambda folder: shutil.rmtree(folder / "gen-1"),
    "an empty pointer": lambda folder: (folder / "CURRENT").write_text(""),
    "a pointer that is no text": lambda folder: (folder / "CURRENT").write_bytes(b"\xff\xfe"),
    "a pointer out of the folder": lambda folder: (folder / "CURRENT").write_text(f"../{folder.name}/gen-1"),
    "a pointer with NUL": lambda folder: (folder / "CURRENT").write_text("gen-1\0"),
    "a manifest with a flipped byte": lambda folder: flip_bytes(folder / "gen-1" / "manifest.npz"),
}


@pytest.mark.parametrize("spoil", SPOIL)
def test_a_spoilt_index_is_told_in_one_line_and_built_anew(tmp_path: Path, spoil: str) -> None:
    run(small_book(), tmp_path)
    SPOIL[spoil](tmp_path)
    with pytest.raises(IndexMissing, match="is damaged: run `booklight index`") as raised:
        asyncio.run(open_index(tmp_path, SentenceVectors()))
    assert "\n" not in str(raised.value)
    assert run(small_book(), tmp_path).embedded == 10
    assert stored(tmp_path) == ids(small_book())


def test_a_spoilt_shard_is_told_and_built_anew(tmp_path: Path) -> None:
    run(small_book(), tmp_path)
    for file in (tmp_path / "gen-1" / "shard").rglob("*.json"):
        file.write_bytes(b"{")
    with pytest.raises(IndexUnavailable, match="cannot be opened"):
        asyncio.run(open_index(tmp_path, SentenceVectors()))
    assert run(small_book(), tmp_path).embedded == 10


def test_a_pointer_that_is_a_folder_is_told_in_one_line_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").mkdir()
    with pytest.raises(IndexUnavailable, match=r"CURRENT cannot be read .*: remove it and run `booklight index`"):
        asyncio.run(open_index(tmp_path, SentenceVectors()))
    with pytest.raises(IndexUnavailable, match="CURRENT cannot be replaced: Is a directory"):
        run(small_book(), tmp_path)


def new_book() -> list[Chunk]:
    """Return the small book with every text changed."""
    return [rewritten(chunk, f"New: {chunk.text}") for chunk in small_book()]


async def first_text(index: Index) -> str:
    async with index.reading() as reading:
        ids = [row.id for row in reading.generation.manifest.rows]
        return (await reading.generation.engine.load(ids))[0].text


@pytest.mark.parametrize("file", ["status.dat", "page_0.dat", "tracker.dat", "chunk_0.mmap", "segment.json"])
def test_any_file_of_a_new_shard_that_is_cut_off_leaves_the_old_index_in_use(tmp_path: Path, file: str) -> None:
    async def follow() -> tuple[str, str, str | None]:
        index = await open_index(tmp_path, SentenceVectors())
        before = await first_text(index)
        await asyncio.to_thread(run, new_book(), tmp_path)
        for cut in (tmp_path / "gen-2").rglob(file):
            cut.write_bytes(b"")
        after, problem = await first_text(index), index.problem
        await index.close()
        return before, after, problem

    run(small_book(), tmp_path)
    before, after, problem = asyncio.run(follow())
    assert (after, problem is not None) == (before, True)
    assert run(new_book(), tmp_path).embedded == 10
    assert stored(tmp_path) == ids(new_book())


def test_no_index_is_told_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match=r"no index in .*: run `booklight index`"):
        asyncio.run(open_index(tmp_path / "nowhere", SentenceVectors()))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(IndexUnavailable, match="file/index cannot be written"):
        run(small_book(), tmp_path / "file" / "index")


def test_a_full_disk_leaves_the_old_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    run(small_book(), tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(IndexUnavailable, match="cannot be written: No space left on device"):
        run(long_book(20), tmp_path)
    monkeypatch.undo()
    assert stored(tmp_path) == ids(small_book())


def test_a_copy_keeps_the_holes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    with (source / "file").open("wb") as file:
        file.write(b"start")
        file.seek(50_000_000)
        file.write(b"end")
    (source / "hole").touch()
    os.truncate(source / "hole", 1_000_000)
    copy_sparse(source, tmp_path / "copy")
    assert (tmp_path / "copy" / "file").read_bytes() == (source / "file").read_bytes()
    assert (tmp_path / "copy" / "hole").stat().st_size == 1_000_000
    assert sum(file.stat().st_blocks for file in (tmp_path / "copy").iterdir()) * 512 < 1_000_000


OPEN_AND_CLOSE = """
import asyncio, sys
from pathlib import Path
from booklight_ingest.index.edge import EdgeEngine

for _ in range(40):
    asyncio.run(EdgeEngine.open(Path(sys.argv[1])).close())
"""


def test_a_shard_is_copied_whole_while_another_process_opens_and_closes_it(tmp_path: Path) -> None:
    run(small_book(), tmp_path)
    asyncio.run(EdgeEngine.open(shard := tmp_path / "gen-1" / "shard").close())
    files = contents(shard)
    copies = list[Path]()
    with subprocess.Popen([sys.executable, "-c", OPEN_AND_CLOSE, str(shard)]) as other:
        while other.poll() is None:
            copy_sparse(shard, copy := tmp_path / f"copy{len(copies)}")
            copies.append(copy)
    assert other.returncode == 0
    assert contents(copies[0]) == contents(copies[-1]) == files


def contents(folder: Path) -> dict[Path, bytes]:
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_what_another_process_was_replacing_as_it_died_is_not_copied(tmp_path: Path) -> None:
    run(small_book(), tmp_path)
    replaced = tmp_path / "gen-1" / "shard" / ".atomicwriteX1"
    replaced.mkdir()
    (replaced / "tmpfile.tmp").write_text("half a conf")
    chunks = [*small_book(), *long_book(1)]
    run(chunks, tmp_path)
    assert stored(tmp_path) == ids(chunks)
    assert not list(tmp_path.rglob(".atomicwrite*"))


def test_a_file_that_cannot_be_copied_is_told_in_one_line_and_leaves_the_old_index(tmp_path: Path) -> None:
    run(small_book(), tmp_path)
    (tmp_path / "gen-1" / "shard" / "segments" / "lost").symlink_to(tmp_path / "nowhere")
    with pytest.raises(IndexUnavailable, match=r"cannot be written: No such file or directory$"):
        run([*small_book(), *long_book(1)], tmp_path)
    assert stored(tmp_path) == ids(small_book())


def test_what_filters_ask_for_is_indexed_once_a_book_is_large_enough(tmp_path: Path) -> None:
    def indexed(size: int) -> set[str]:
        run(long_book(size), tmp_path)
        shard = EdgeShard.load(str(tmp_path / (tmp_path / "CURRENT").read_text().strip() / "shard"))
        fields = set(shard.info().payload_schema)
        shard.close()
        return fields

    assert indexed(WORTH_INDEXING_FIELDS - 1) == set()
    assert indexed(WORTH_INDEXING_FIELDS) == {*KEYWORD_FIELDS, *INTEGER_FIELDS}


def test_an_engine_s_own_errors_are_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="cannot be opened") as raised:
        EdgeEngine.open(tmp_path / "nothing")
    assert "\n" not in str(raised.value)
