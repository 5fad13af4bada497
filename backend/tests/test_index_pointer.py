"""An index whose pointer is spoilt, as commands and workers meet it: one line with what to do, and the old index."""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from backend.tests.command_line import PAGES, Run, make_site, run_command
from backend.tests.live import PATIENCE, index_small_book
from backend.tests.processes import Sidecar, sidecar
from backend.tests.small_book import SMALL_BOOK
from booklight.errors import OLD_INDEX
from booklight_ingest.embed.embedder import open_embedder

INDEX = Path(".booklight/index")
BUILD_ANEW = "is damaged: run `booklight index` to build it anew"


def make_folder(index: Path) -> None:
    """Put a folder in the pointer's place."""
    (index / "CURRENT").unlink()
    (index / "CURRENT").mkdir()


SPOIL: dict[str, tuple[Callable[[Path], object], str]] = {
    "a folder": (make_folder, "CURRENT cannot be read (Is a directory): remove it and run `booklight index`"),
    "binary junk": (lambda index: (index / "CURRENT").write_bytes(bytes(range(256)) * 40_000), BUILD_ANEW),
    "empty": (lambda index: (index / "CURRENT").write_bytes(b""), BUILD_ANEW),
    "one that is gone": (lambda index: shutil.rmtree(index / "gen-1"), BUILD_ANEW),
    "outside": (lambda index: (index / "CURRENT").write_text("../../elsewhere/gen-1"), BUILD_ANEW),
    "an absolute path": (lambda index: (index / "CURRENT").write_text("/etc"), BUILD_ANEW),
}
QUESTION = {
    "id": "smoker",
    "question": "When is the smoker lit?",
    "gold": [{"source": "docs/hives.mdx", "heading": "Opening a hive"}],
    "answer": [["before"]],
}
COMMANDS = {
    "search": ("search", "smoker"),
    "eval": ("eval", "questions.jsonl"),
    "eval --answers": ("eval", "--answers", "questions.jsonl"),
    "mcp": ("mcp",),
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command where a book of one page has been indexed."""
    monkeypatch.chdir(make_site(tmp_path))
    monkeypatch.setenv("BOOKLIGHT_RERANKER", "off")
    monkeypatch.setenv("BOOKLIGHT_EMBEDDING", "none")
    assert run_command("index", PAGES).exit_code == 0
    Path("questions.jsonl").write_text(json.dumps(QUESTION))
    return run_command


@pytest.mark.parametrize("spoil", SPOIL)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_reads_the_index_says_so_in_one_line(run: Run, spoil: str, command: str) -> None:
    damage, says = SPOIL[spoil]
    damage(INDEX)
    ended = run(*COMMANDS[command])
    assert (ended.exit_code, ended.stdout) == (2, "")
    (line,) = [line for line in ended.stderr.splitlines() if not line.endswith(" …")]
    assert line.startswith("booklight: ")
    assert says in line


@pytest.mark.parametrize("spoil", SPOIL)
def test_doctor_says_so_in_one_line_and_what_to_do(run: Run, spoil: str) -> None:
    damage, says = SPOIL[spoil]
    damage(INDEX)
    ended = run("doctor", PAGES)
    wrong = [line for line in ended.stdout.splitlines() if line.startswith("wrong")]
    assert (ended.exit_code, ended.stderr) == (1, "")
    assert [says in line for line in wrong] == [True]
    assert "→ run `booklight index`" in ended.stdout


@pytest.mark.parametrize("spoil", SPOIL)
def test_index_builds_it_anew_or_says_what_is_in_the_way(run: Run, spoil: str) -> None:
    damage, _ = SPOIL[spoil]
    damage(INDEX)
    ended = run("index", PAGES)
    if spoil == "a folder":
        assert ended.exit_code == 2
        assert "CURRENT cannot be replaced: Is a directory" in ended.stderr.splitlines()[-1]
        (INDEX / "CURRENT").rmdir()
        ended = run("index", PAGES)
    assert ended.exit_code == 0
    assert run("search", "smoker").exit_code == 0


def write_index(folder: Path, text: str) -> None:
    book = [replace(SMALL_BOOK[0], text=text, content_hash=text), *SMALL_BOOK[1:]]
    asyncio.run(index_small_book(folder / "index", open_embedder(), book))


def test_each_worker_learns_by_itself_of_a_new_index_and_of_a_spoilt_one(tmp_path: Path) -> None:
    write_index(tmp_path, "Bees dance.")
    with sidecar(tmp_path, {"database_url": f"sqlite:///{tmp_path}/b.db"}, workers=2) as running:
        before = [built_at(running) for _ in alone(running)]
        write_index(tmp_path, "Bees sing.")
        after = [built_at(running) for _ in alone(running)]
        (tmp_path / "index/CURRENT").write_bytes(b"\xff")
        for _ in alone(running):
            until_index_is(running, {"ready": True, "reason": OLD_INDEX})
        write_index(tmp_path, "Bees hum.")
        for _ in alone(running):
            until_index_is(running, {"ready": True})
        last = [built_at(running) for _ in alone(running)]
    assert [len(set(times)) for times in (before, after, last)] == [1, 1, 1]
    assert before[0] < after[0] < last[0]


def alone(running: Sidecar) -> Iterator[int]:
    """Let one worker after the other be the only one that answers."""
    workers = running.workers()
    assert len(workers) == 2
    for worker in workers:
        with stopped(*(other for other in workers if other != worker)):
            yield worker


@contextmanager
def stopped(*workers: int) -> Iterator[None]:
    """Hold processes still."""
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)


def built_at(running: Sidecar) -> str:
    return str(running.http.get("/assistant/index").json()["built_at"])


def until_index_is(running: Sidecar, wanted: dict[str, object]) -> None:
    """Ask until `ready` says it of the index: what it has found out it keeps for a second."""
    for _ in range(int(PATIENCE * 1_000)):
        if running.http.get("/assistant/ready").json()["parts"]["index"] == wanted:
            return
    raise AssertionError(running.http.get("/assistant/ready").text)
