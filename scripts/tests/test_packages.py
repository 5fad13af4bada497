"""System packages are installed in CI and by root alone; anybody else is told the command, and nothing is run."""

import os
from pathlib import Path

import pytest

from packages import need_packages
from steps import StepFailed


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of the test's own, whose apt-get and sudo only note how they were called; and that note."""
    note = tmp_path / "ran"
    for name in ("apt-get", "sudo"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {note}\n')
        (tmp_path / name).chmod(0o755)
    note.touch()
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return note


def test_a_person_is_told_the_command_and_nothing_is_run(ran: Path) -> None:
    told = "sudo apt-get update && sudo apt-get install --yes --no-install-recommends redis-server"
    with pytest.raises(StepFailed, match=told):
        need_packages("redis-server", "redis-server")
    assert ran.read_text() == ""


def test_ci_installs(ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    need_packages("Chromium", "chromium", "fonts-dejavu-core")
    install = "sudo apt-get install --yes --no-install-recommends chromium fonts-dejavu-core"
    assert ran.read_text().splitlines() == ["sudo apt-get update", install]


def test_root_installs_without_sudo(ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    need_packages("redis-server", "redis-server")
    assert ran.read_text().startswith("apt-get update\napt-get install")


def test_an_installation_that_fails_is_told_with_its_command(ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    (ran.parent / "sudo").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(StepFailed, match=r"(?s)this did not install it:.*sudo apt-get update"):
        need_packages("redis-server", "redis-server")


def test_without_apt_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StepFailed, match="The tests need redis-server, which is not here"):
        need_packages("redis-server", "redis-server", homebrew="redis")
