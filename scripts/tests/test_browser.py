"""The browser tests run in the browser that is named, else in the fastest that is here or may be installed."""

import os
from pathlib import Path

import pytest

from browser import find_browser


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs, the only ones that are found: a Chromium, and an apt-get that has nothing."""
    add_program(tmp_path / "chromium")
    add_program(tmp_path / "apt-get", "exit 100")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BOOKLIGHT_TEST_BROWSER", raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return tmp_path


def test_one_without_windows_goes_before_others(machine: Path) -> None:
    assert find_browser() == machine / "chromium"
    add_program(machine / "chromium-headless-shell")
    assert find_browser() == machine / "chromium-headless-shell"


def test_one_that_is_named_goes_before_all(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_program(machine / "chromium-headless-shell")
    monkeypatch.setenv("BOOKLIGHT_TEST_BROWSER", "/opt/a-browser")
    assert find_browser() == Path("/opt/a-browser")


def test_root_gets_one_without_windows(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    shell = machine / "chromium-headless-shell"
    add_program(machine / "apt-get", f'[ "$1" = update ] || /bin/cp {machine}/chromium {shell}')
    assert find_browser() == shell


def test_where_there_is_none_to_install_another_will_do(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert find_browser() == machine / "chromium"


def add_program(path: Path, script: str = "exit 0") -> None:
    """Write a program in place of any that is there."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
