"""The first minutes of a container: no index yet, a volume that is not its own, a signal before anything has begun."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.tests.cold import until_parts_are
from backend.tests.key import KEY
from backend.tests.live import PATIENCE, serve
from booklight.app import create_app
from booklight.doctor.checks import diagnose_settings
from booklight.ops.folders import write_failure, written_folders
from booklight.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
START = [sys.executable, "-m", "booklight.cli.start"]
CLOSED = Path("/proc")
"""A folder that nobody can write, root included."""


async def test_a_worker_that_only_lacks_its_index_serves(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/b.db", index_path=tmp_path / "index")
    async with (
        serve(create_app(settings, startup_timeout=100 * PATIENCE)) as url,
        httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http,
    ):
        assert (await http.get("/assistant/health")).status_code == 200
        await until_parts_are(http, {"database": True, "index": False, "model": True})


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_folder_that_cannot_be_written_is_one_line_and_status_2(workers: str) -> None:
    own = {
        "BOOKLIGHT_INDEX_PATH": f"{CLOSED}/index",
        "BOOKLIGHT_DATABASE_URL": f"sqlite:///{CLOSED}/b.db",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BOOKLIGHT_")}
    done = subprocess.run(
        [*START, "serve", "--port", "0", "--workers", workers],
        cwd="/",
        env=kept | own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"booklight: {CLOSED} cannot be written (")


async def test_doctor_knows_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/b.db", index_path=tmp_path / "index")
    monkeypatch.setattr("booklight.doctor.checks.write_failure", lambda folder: "Read-only file system")
    found = [one for one in await diagnose_settings(settings, Path("none.json")) if one.part == "disk"]
    assert [one.found for one in found] == [f"{tmp_path} cannot be written (Read-only file system)"]
    assert not found[0].ok


def test_a_folder_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    assert write_failure(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    assert write_failure(CLOSED) is not None


@pytest.mark.parametrize(
    ("settings", "folders"),
    [
        ({"database_url": "sqlite:////no-such/a/b.db", "index_path": "/no-such/index"}, ["/"]),
        ({"database_url": "sqlite:////b.db", "qdrant_url": "http://q:6333"}, ["/"]),
        ({"database_url": "postgresql://a@b/c", "secret_key": KEY, "qdrant_url": "http://q:6333"}, []),
    ],
)
def test_only_what_is_kept_here_has_to_be_writable(settings: dict[str, Any], folders: list[str]) -> None:
    assert [str(folder) for folder in written_folders(Settings(_env_file=None, **settings))] == folders


def ignore_signals() -> None:
    """Be to signals as process 1 is: those that are not handled do nothing."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def test_a_signal_is_heeded_before_anything_is_imported() -> None:
    program = (
        "import sys; from booklight.cli import start; print(*sys.modules, flush=True); import signal; signal.pause()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True, preexec_fn=ignore_signals
    ) as process:
        assert process.stdout is not None
        loaded = process.stdout.readline().split()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert {"typer", "pydantic", "booklight.settings"}.isdisjoint(loaded)


def test_a_watch_ends_when_it_is_told_to_as_process_1_too(tmp_path: Path) -> None:
    command = [*START, "index", str(tmp_path / "pages.json"), "--watch"]
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, preexec_fn=ignore_signals
    ) as process:
        assert process.stderr is not None
        assert "pages.json" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert "Stopped watching." in process.stderr.read()
        assert process.wait(PATIENCE) == 0
