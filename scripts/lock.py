"""Make the lock files anew, or with `--check` prove that they name no host and leave no platform out.

`lock.py` needs uv and npm; `lock.py --check` needs neither.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TypedDict, cast

ROOT = Path(__file__).resolve().parent.parent
NODE_LOCK = ROOT / "package-lock.json"
PYTHON_LOCKS = {
    "requirements.lock": ["pyproject.toml"],
    "requirements-dev.lock": ["pyproject.toml", "--group", "dev", "--constraints", "requirements.lock"],
    "requirements-build.lock": ["--group", "build", "--constraints", "requirements-dev.lock"],
    "requirements-install.lock": ["--group", "install"],
}


class Package(TypedDict, total=False):
    """What is read here of an entry of package-lock.json."""

    resolved: str
    link: bool
    optionalDependencies: dict[str, str]


def main(arguments: list[str]) -> int:
    """Lock or check; return 1 if a lock is not fit to be shared."""
    if "--check" not in arguments:
        _lock_python()
        _lock_node()
    problems = find_problems()
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def find_problems() -> list[str]:
    """Return what makes the lock files unfit to be shared."""
    return [*_hosts(), *_missing_platforms()]


def _lock_python() -> None:
    options = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
    for name, inputs in PYTHON_LOCKS.items():
        subprocess.run(["uv", "pip", "compile", *options, *inputs, "-o", name], cwd=ROOT, check=True)


def _lock_node() -> None:
    # Beside an installed node_modules npm leaves other platforms' packages out of the lock, so lock somewhere empty.
    with tempfile.TemporaryDirectory() as empty:
        for manifest in (ROOT / "package.json", *ROOT.glob("*/package.json")):
            copy = Path(empty) / manifest.relative_to(ROOT)
            copy.parent.mkdir(exist_ok=True)
            shutil.copyfile(manifest, copy)
        options = ["--package-lock-only", "--omit-lockfile-registry-resolved", "--ignore-scripts"]
        subprocess.run(["npm", "install", *options], cwd=empty, check=True)
        lock = json.loads((Path(empty) / NODE_LOCK.name).read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)
        package.pop("deprecated", None)
    NODE_LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")


def _hosts() -> list[str]:
    files = [NODE_LOCK, *(ROOT / name for name in PYTHON_LOCKS), *sorted(ROOT.glob("scripts/model/*.lock"))]
    return [f"{file.name} holds an address: run scripts/lock.py" for file in files if "://" in file.read_text()]


def _missing_platforms() -> list[str]:
    packages = cast(dict[str, Package], json.loads(NODE_LOCK.read_text())["packages"])
    names = {path.rpartition("node_modules/")[2] for path in packages}
    return [
        f"package-lock.json lacks {name}, which {path} needs on another platform"
        for path, package in packages.items()
        for name in package.get("optionalDependencies", {})
        if name not in names
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
