"""The lock files are fit to be shared."""

import json
from pathlib import Path

import pytest

import lock


def test_a_platform_left_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = {
        "node_modules/tool": {"optionalDependencies": {"tool-linux": "1.0.0", "tool-darwin": "1.0.0"}},
        "node_modules/tool-linux": {},
    }
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": packages}))
    for name in lock.PYTHON_LOCKS:
        (tmp_path / name).write_text("tool==1.0.0\n")
    monkeypatch.setattr(lock, "ROOT", tmp_path)
    monkeypatch.setattr(lock, "NODE_LOCK", tmp_path / "package-lock.json")
    assert lock.find_problems() == [
        "package-lock.json lacks tool-darwin, which node_modules/tool needs on another platform"
    ]


def test_an_address_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "package-lock.json").write_text('{"packages": {"": {"resolved": "https://host/x.tgz"}}}')
    for name in lock.PYTHON_LOCKS:
        (tmp_path / name).write_text("tool==1.0.0\n")
    monkeypatch.setattr(lock, "ROOT", tmp_path)
    monkeypatch.setattr(lock, "NODE_LOCK", tmp_path / "package-lock.json")
    assert lock.find_problems() == ["package-lock.json holds an address: run scripts/lock.py"]
