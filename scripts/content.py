"""Detect whether a book's content changed: a hash of its files, its destination, and Booklight itself."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

PASSED_OVER = {"node_modules", ".docusaurus", ".booklight", ".git", ".venv", "__pycache__"}
DECIDING = ("BOOKLIGHT_QDRANT_URL", "BOOKLIGHT_COLLECTION", "BOOKLIGHT_INDEX_PATH", "BOOKLIGHT_EMBEDDING")
"""The settings that name another index, or make another one of the same text."""

VERSION = Path(__file__).resolve().parent.parent / "pyproject.toml"


def fingerprint(content: Sequence[Path], files: Iterable[Path | None], build: str) -> str:
    """Return a hash of all files below `content` and of `files`; what a build writes is passed over."""
    digest = hashlib.sha256(VERSION.read_bytes())
    for name in DECIDING:
        digest.update(f"{name}={os.environ.get(name, '')}\0".encode())
    for file in [*_files(content, build), *(file for file in files if file is not None)]:
        if file.is_file():
            digest.update(os.fsencode(file) + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _files(content: Sequence[Path], build: str) -> Iterable[Path]:
    for place in content:
        if not place.is_dir():
            yield place
        for folder, folders, names in os.walk(place):
            skipped = PASSED_OVER | ({build} if Path(folder) == place else set())
            folders[:] = sorted(name for name in folders if name not in skipped)
            yield from (Path(folder) / name for name in sorted(names))
