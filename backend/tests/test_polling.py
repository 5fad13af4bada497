"""`booklight index --watch` as an author has it running: another process, edited files, an interrupt."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.tests.command_line import HIVES, PAGES, make_site
from booklight.cli.polling import take_snapshot, wait_for_change

COMMAND = [sys.executable, "-c", "from booklight.cli.main import main; main()", "index", PAGES, "--watch"]
# A watch that says nothing for so long is ended, and the test fails for want of a line.
HANGS_AFTER = 120.0


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_site(tmp_path)


@pytest.fixture
def watch(site: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, running; errors come between the lines of its output."""
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {"PYTHONPATH": str(root), "BOOKLIGHT_INDEX_PATH": str(site / "index")}
    with subprocess.Popen(
        COMMAND, cwd=site, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        watchdog = threading.Timer(HANGS_AFTER, process.kill)
        watchdog.start()
        yield process
        watchdog.cancel()
        process.kill()


def next_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def test_each_change_is_indexed_and_told_in_a_line_until_interrupted(watch: subprocess.Popen[str], site: Path) -> None:
    assert "1 pages, 2 chunks: 2 embedded, 0 kept, 0 deleted" in next_line(watch)
    (site / "docs/hives.mdx").write_text(f"{HIVES}\n## Honey\n\nBees make honey.\n")
    assert "3 chunks" in next_line(watch)
    pages = json.loads((site / PAGES).read_text())
    (site / PAGES).write_text(json.dumps(pages | {"pages": [pages["pages"][0] | {"title": "All about hives"}]}))
    assert "3 chunks" in next_line(watch)
    watch.send_signal(signal.SIGINT)
    assert next_line(watch) == "Stopped watching."
    assert watch.wait() == 0


def test_an_error_is_told_and_mended_without_a_restart(watch: subprocess.Popen[str], site: Path) -> None:
    assert "2 chunks" in next_line(watch)
    pages = (site / PAGES).read_text()
    (site / PAGES).write_text("half a")
    assert "is not a pages.json of version 1" in next_line(watch)
    (site / PAGES).unlink()
    assert "does not exist: build the book first" in next_line(watch)
    (site / PAGES).write_text(pages)
    assert "0 embedded, 2 kept, 0 deleted" in next_line(watch)


def test_a_change_made_while_indexing_is_not_missed(tmp_path: Path) -> None:
    file = tmp_path / "page.mdx"
    before = take_snapshot([file])
    file.write_text("Written while the index was being made.")
    wait_for_change(before)
    assert take_snapshot([file]) != before


def test_waiting_can_end_without_a_change(tmp_path: Path) -> None:
    before = take_snapshot([tmp_path / "nothing"])
    wait_for_change(before, patience=0)
    assert take_snapshot([tmp_path / "nothing"]) == before
