"""Readers during repeated re-indexes: none fails, none sees half an index, all see the new one once it is there."""

import asyncio
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from booklight_ingest.bm25 import query_vector
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.index import live as index_module
from booklight_ingest.index.filters import Filter
from booklight_ingest.index.live import Index, Location, open_index
from booklight_ingest.index.sync import sync_index
from ingest.tests.books import make_book, make_chunk
from ingest.tests.qdrant_server import new_server

STATES = 4
OTHERS, TOLD = 180, 20


def state_of_book(state: int) -> list[Chunk]:
    """A book a tenth of which says which state it is in: by turns it is updated and rebuilt."""
    others = [make_chunk(f"other{at}", path=f"/docs/page{at % 9}", heading=f"Other {at}") for at in range(OTHERS)]
    return [*others, *(make_chunk(f"signal state{state}", path="/docs/now", heading=f"{at}") for at in range(TOLD))]


async def index_state(state: int, location: Location) -> None:
    chunks = state_of_book(state)
    await sync_index([make_book(chunks, commit=str(state))], chunks, location, NoEmbedder())


async def read_state(index: Index) -> int:
    """Return the state that is read, having checked that points and manifest are all of that one."""
    async with index.reading() as reading:
        manifest, engine = reading.generation.manifest, reading.generation.engine
        (hits,) = await engine.nearest([query_vector(manifest.counts.query_terms("signal", "en"))], Filter(), 50)
        chunks = await engine.load([str(UUID(int=point)) for point in hits.ids])
    assert len(chunks) == TOLD
    assert {(chunk.id, chunk.content_hash) for chunk in chunks} <= {(row.id, row.content_hash) for row in manifest.rows}
    (text,) = {chunk.text for chunk in chunks}
    state = int(text.removeprefix("signal state"))
    assert manifest.info.commit == str(state)
    return state


async def read_until(index: Index, last: int) -> list[int]:
    """Ask without a break until the state `last` is read; return the states in order."""
    seen = [await read_state(index)]
    while seen[-1] != last:
        await asyncio.sleep(0)
        seen.append(await read_state(index))
    return seen


@asynccontextmanager
async def opened(location: Location, count: int) -> AsyncIterator[list[Index]]:
    indexes = [await open_index(location, NoEmbedder()) for _ in range(count)]
    yield indexes
    for index in indexes:
        await index.close()


@pytest.mark.parametrize("engine", ["embedded", "server"])
async def test_readers_go_on_through_repeated_reindexes(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "SERVER_LOOKS_EVERY", 0)
    # Readers who give nobody else a turn may make it take longer than they would wait.
    monkeypatch.setattr(index_module, "WAITS_SECONDS", 60)
    location: Location = tmp_path if engine == "embedded" else new_server()
    await index_state(0, location)
    async with opened(location, 3) as indexes:
        readers = [asyncio.create_task(read_until(index, STATES)) for index in indexes for _ in range(2)]
        for state in range(1, STATES + 1):
            await index_state(state, location)
            assert [await read_state(index) for index in indexes] == [state] * 3
        for seen in await asyncio.gather(*readers):
            assert seen == sorted(seen)


READER = """
import asyncio, sys
from pathlib import Path
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.index.live import open_index
from ingest.tests.test_swap import STATES, read_state, read_until

async def main():
    index = await open_index(Path(sys.argv[1]), NoEmbedder())
    print(await read_state(index), flush=True)
    seen = await read_until(index, STATES)
    print(seen == sorted(seen))
    await index.close()

asyncio.run(main())
"""


def test_reader_processes_go_on_through_repeated_reindexes(tmp_path: Path) -> None:
    asyncio.run(index_state(0, tmp_path))
    command = [sys.executable, "-c", READER, str(tmp_path)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    first = [reader.stdout.readline().strip() if reader.stdout else "" for reader in readers]
    for state in range(1, STATES + 1):
        asyncio.run(index_state(state, tmp_path))
    ends = [reader.communicate()[0].strip() for reader in readers]
    assert (first, ends) == (["0"] * 3, ["True"] * 3)
    assert [reader.returncode for reader in readers] == [0] * 3


WRITER = """
import asyncio, os, signal, sys
from pathlib import Path
from ingest.tests.test_swap import index_state

folder, state, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
calls = 0

def count(frame, event, argument):
    global calls
    if event in ("call", "c_call") and os.sep + "booklight_ingest" + os.sep in frame.f_code.co_filename:
        calls += 1
        if calls == last:
            os.kill(os.getpid(), signal.SIGKILL)

sys.setprofile(count)
asyncio.run(index_state(state, folder))
sys.setprofile(None)
print(calls)
"""


def write_elsewhere(folder: Path, state: int, last_call: int) -> subprocess.CompletedProcess[str]:
    """Index `state` in another process, which is killed at its `last_call`-th call; 0 lets it end."""
    command = [sys.executable, "-c", WRITER, str(folder), str(state), str(last_call)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_reindex_killed_at_any_point_leaves_a_whole_index(tmp_path: Path) -> None:
    asyncio.run(index_state(0, tmp_path))
    calls = int(write_elsewhere(tmp_path, 1, 0).stdout)
    # Anywhere, and often around the end, where the new generation is published.
    draw = random.Random(3)
    points = [*(draw.randrange(1, calls) for _ in range(3)), *(calls - draw.randrange(1, 60) for _ in range(3))]
    found = 1
    for state, last_call in enumerate(points, start=2):
        killed = write_elsewhere(tmp_path, state, last_call)
        assert killed.returncode in {-9, 0}, killed.stderr
        before, found = found, asyncio.run(state_in(tmp_path))
        assert found in {before, state}
    asyncio.run(index_state(99, tmp_path))
    assert asyncio.run(state_in(tmp_path)) == 99
    assert {entry.name for entry in tmp_path.iterdir() if entry.is_dir()} == {(tmp_path / "CURRENT").read_text()}


async def state_in(folder: Path) -> int:
    async with opened(folder, 1) as (index,):
        return await read_state(index)
