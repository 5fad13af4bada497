"""What is shipped: every distribution that is imported is declared, and a wheel holds the two packages alone."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import distributions, packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"booklight": ROOT / "backend/booklight", "booklight_ingest": ROOT / "ingest/booklight_ingest"}
NAMESPACES = {"opentelemetry": 3}
"""Packages that several distributions share, with how many parts of a module's name tell which one it is."""


def imported_modules() -> Iterator[str]:
    """Yield the absolute imports of the product, those within functions too."""
    for file in (file for folder in PACKAGES.values() for file in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Import(names=names):
                    yield from (name.name for name in names)
                case ast.ImportFrom(module=str(module), level=0):
                    yield module


def distribution_of(module: str, owners: dict[str, str]) -> set[str]:
    """Return the distribution that a module is from; several where a package is shared and the module does not say."""
    spec = find_spec(module)
    assert spec is not None, module
    if spec.origin in owners:
        return {owners[spec.origin]}
    return {normal(name) for name in packages_distributions()[module.partition(".")[0]]}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_distribution_that_is_imported_is_declared_with_bounds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {
        normal(name[0]): line for line in project["dependencies"] if (name := re.match(r"[\w.-]+", line)) is not None
    }
    owners = {
        str(made.locate_file(file)): normal(made.metadata["Name"])
        for made in distributions()
        for file in made.files or ()
        if file.suffix in {".py", ".so", ".pyd"}
    }
    known = sys.stdlib_module_names | PACKAGES.keys()
    modules = {name for name in imported_modules() if name.partition(".")[0] not in known}
    missing = {
        module: found for module in sorted(modules) if not (found := distribution_of(module, owners)) & declared.keys()
    }
    assert missing == {}
    assert [line for line in declared.values() if "==" not in line and ("<" not in line or ">=" not in line)] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the project, built by the hatchling that is installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    program = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", program, str(folder)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return folder / built.stdout.splitlines()[-1]


def test_a_wheel_holds_the_two_packages_typed_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES.keys()
    assert len(tops) == 3
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert "booklight/llm/instructions.md" in names
    assert not [name for name in names if "test" in name or name.endswith(".pyc")]


def test_an_installed_wheel_can_be_imported_and_run(wheel: Path, tmp_path: Path) -> None:
    """The wheel in a folder of its own, with the dependencies of this environment but not the project itself."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    dependencies = next(path for path in sys.path if path.endswith("site-packages"))
    # Isolated and without `site`, so that no .pth leads back to the working copy.
    begin = [sys.executable, "-I", "-S", "-c"]
    paths = f"import sys; sys.path += [{str(tmp_path)!r}, {dependencies!r}]\n"
    where = "import booklight, booklight_ingest; print(booklight.__file__, booklight_ingest.__file__)"
    said = subprocess.run([*begin, paths + where], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert said.count(str(tmp_path)) == 2
    (entry,) = tmp_path.glob("*.dist-info/entry_points.txt")
    assert "booklight = booklight.cli.start:main" in entry.read_text()
    run = "sys.argv = ['booklight', '--help']; from booklight.cli.start import main; main()"
    helped = subprocess.run([*begin, paths + run], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert "Usage: booklight" in helped
