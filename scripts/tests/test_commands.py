"""Commands beside each other: all are run, each is read in one piece, and an interruption leaves none behind."""

import os
import re
import signal
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import commands
from commands import NICEST, run_all
from steps import ROOT

WAIT_FOR_EACH_OTHER = """
import pathlib, sys
mine, other = map(pathlib.Path, sys.argv[1:])
print(mine.name, "begins", flush=True)
mine.touch()
while not other.exists(): pass
print(mine.name, "ends")
"""
NICENESS = """
import os, pathlib, sys, time
session, deadline = pathlib.Path("/proc/self/autogroup"), time.monotonic() + 10
def told():
    return {os.nice(0), *(int(text.read_text().split()[-1]) for text in [session] if text.exists())}
while told() != {int(sys.argv[1])} and time.monotonic() < deadline: pass
print(told())
"""
ENDLESS = 'trap \'echo put away > "$0"; exit\' INT; echo $$ | tee "$0"; while :; do sleep 1; done'
INTERRUPTED = f"""
import os, sys
sys.path.insert(0, "scripts")
from commands import run_all
run_all([{{"endless": ["sh", "-c", {ENDLESS!r}, sys.argv[1]]}}], environment=os.environ)
"""


def python(code: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", code, *map(str, arguments)]


def test_lanes_run_beside_each_other_and_each_is_printed_in_one_piece(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    lanes = [
        {"first": python(WAIT_FOR_EACH_OTHER, one, two)},
        {"second": python(WAIT_FOR_EACH_OTHER, two, one), "third": python("print('after')")},
    ]
    assert run_all(lanes, environment=os.environ) == 0
    said = capfd.readouterr().out
    for name, mine in (("first", "one"), ("second", "two")):
        assert re.search(rf"── {name}\n{mine} begins\n{mine} ends\n   passed in", said)
    assert "── third\nafter\n" in said
    assert said.endswith("3 of 3 passed\n")


def test_what_fails_is_named_in_the_end_and_stops_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    lane = {"bad": python("import sys; sys.exit('why')"), "good": python("print('still run')")}
    assert run_all([lane, {"beside": python("print('beside')")}], environment=os.environ)
    said = capfd.readouterr().out
    assert re.search(r"── bad\nwhy\n   failed in", said)
    assert "still run" in said
    assert "beside" in said
    assert said.endswith("2 of 3 passed; failed: bad\n")


def test_what_runs_behind_takes_the_time_that_others_leave(capfd: pytest.CaptureFixture[str]) -> None:
    """Its niceness counts within its session, and that of its session among all."""
    lane, behind = ({name: python(NICENESS, nice)} for name, nice in (("before", 0), ("behind", NICEST)))
    assert run_all([lane], environment=os.environ, behind=behind) == 0
    said = capfd.readouterr().out
    assert "── before\n{0}\n" in said
    assert f"── behind\n{{{NICEST}}}\n" in said


def test_an_interruption_lets_a_command_put_things_away(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with subprocess.Popen(
        python(INTERRUPTED, kept), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as run:
        assert run.stdout is not None
        lines = iter(run.stdout.readline, b"")
        child = next(int(line) for line in lines if line.strip().isdigit())
        run.send_signal(signal.SIGINT)
        assert run.wait(timeout=30) != 0
    assert kept.read_text() == "put away\n"
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_an_interruption_before_a_lane_is_waited_for_ends_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"

    class Interrupted(ThreadPoolExecutor):
        def submit(self, *lane: Any, **options: Any) -> Future[Any]:
            super().submit(*lane, **options)
            while not kept.exists():
                pass
            raise KeyboardInterrupt

    monkeypatch.setattr(commands, "ThreadPoolExecutor", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_all([{"endless": ["sh", "-c", ENDLESS, str(kept)]}], environment=os.environ)
    assert kept.read_text() == "put away\n"
