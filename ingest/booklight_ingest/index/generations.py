"""Generations in a folder: `gen-1`, `gen-2`, … and a file `CURRENT` that names the one to read.

The next generation is built beside them and renamed into place when it is whole; then CURRENT is replaced. Whoever
is killed on the way leaves only what the next run sweeps up. Readers hold a shared lock on their generation, so that
it is not removed under them.
"""

import asyncio
import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from booklight_ingest.errors import IndexMissing, IndexUnavailable
from booklight_ingest.index.damage import damaged
from booklight_ingest.index.edge import EdgeEngine
from booklight_ingest.index.engine import Engine, Generation
from booklight_ingest.index.filelock import FileLock
from booklight_ingest.index.manifest import Manifest, dump_manifest, load_manifest, made_by_another_version
from booklight_ingest.index.verification import verify

CURRENT = "CURRENT"
BUILDING = ".building"
PREFIX = "gen-"
SHARD = "shard"
MANIFEST = "manifest.npz"
MANIFEST_UNTIL_SCHEMA_2 = "catalogue.npz"
READERS = "readers.lock"
WRITER = "writer.lock"
ATTEMPTS = 5
_BEING_REPLACED = ".atomicwrite"
_NAME = re.compile(rf"{PREFIX}[1-9][0-9]*")
_LONGEST_NAME = 100


class FolderEngine(EdgeEngine):
    """An embedded engine that keeps its generation from being removed while it is open."""

    readers: FileLock | None = None

    async def close(self) -> None:
        try:
            await super().close()
        finally:
            if self.readers is not None:
                self.readers.release()
                self.readers = None


@dataclass(frozen=True, slots=True)
class _Opened:
    """A generation that has been opened and not been verified."""

    marker: str
    manifest: Manifest
    engine: FolderEngine


class FolderGenerations:
    """The generations in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pointer = folder / CURRENT
        self._writer: FileLock | None = None
        self._next: FolderEngine | None = None

    async def marker(self) -> str:
        try:
            found = self._pointer.stat()
        except FileNotFoundError:
            raise _missing(self._folder) from None
        except OSError as error:
            raise IndexUnavailable(f"{self._folder} cannot be read: {error.strerror}") from error
        # Every publication is a new file, whether or not it names the same generation.
        return f"{found.st_ino}-{found.st_mtime_ns}"

    async def open(self) -> Generation:
        for _ in range(ATTEMPTS):
            marker = await self.marker()
            folder = self._current()
            with _disk_errors(f"{self._folder} cannot be opened (it must be writable)"):
                readers = _lock_readers(folder)
            # The pointer may have moved on, and the folder gone, before the lock was ours.
            if readers is not None and folder == self._current():
                return await self._verified(await asyncio.to_thread(self._open_locked, folder, marker, readers))
            if readers is not None:
                readers.release()
        raise damaged(str(self._folder))

    async def _verified(self, opened: "_Opened") -> Generation:
        try:
            await verify(opened.manifest, opened.engine, opened.engine.count(), str(self._folder))
        except BaseException:
            with suppress(IndexUnavailable):
                await opened.engine.close()
            raise
        return Generation(opened.marker, opened.manifest, opened.engine)

    def _open_locked(self, folder: Path, marker: str, readers: FileLock) -> "_Opened":
        try:
            if (folder / MANIFEST_UNTIL_SCHEMA_2).is_file():
                raise made_by_another_version(str(self._folder))
            if not ((folder / MANIFEST).is_file() and (folder / SHARD).is_dir()):
                raise damaged(str(self._folder))
            with _disk_errors(f"{folder} cannot be read"):
                manifest = load_manifest((folder / MANIFEST).read_bytes(), str(self._folder))
            engine = FolderEngine.open(folder / SHARD)
        except BaseException:
            readers.release()
            raise
        engine.readers = readers
        return _Opened(marker, manifest, engine)

    async def lock(self) -> None:
        with _disk_errors(f"{self._folder} cannot be written"):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._writer = FileLock.take(self._folder / WRITER)
            if self._writer is None:
                raise IndexUnavailable(f"another `booklight index` is writing {self._folder}: wait until it is done")

    async def begin(self, size: int, base: Generation | None) -> Engine:
        building = self._folder / BUILDING
        with _disk_errors(f"{self._folder} cannot be written"):
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir()
            if base is not None:
                copy_sparse(self._current() / SHARD, building / SHARD)
        engine = FolderEngine.create(building / SHARD, size) if base is None else FolderEngine.open(building / SHARD)
        self._next = engine
        return engine

    async def publish(self, manifest: Manifest) -> None:
        assert self._next is not None, "publish follows begin"
        self._next.flush()
        await self._next.close()
        self._next = None
        building = self._folder / BUILDING
        with _disk_errors(f"{self._folder} cannot be written"):
            _write_whole(building / MANIFEST, dump_manifest(manifest))
            name = f"{PREFIX}{max(map(_number, self._folder.glob(f'{PREFIX}*')), default=0) + 1}"
            building.rename(self._folder / name)
        self._point_to(name)

    async def revise(self, manifest: Manifest) -> None:
        with _disk_errors(f"{self._folder} cannot be written"):
            folder = self._current()
            _write_whole(folder / MANIFEST, dump_manifest(manifest))
        self._point_to(folder.name)

    async def release(self) -> None:
        if self._next is not None:
            await self._next.close()
            self._next = None
        shutil.rmtree(self._folder / BUILDING, ignore_errors=True)
        if self._writer is not None:
            self._sweep()
            self._writer.release()
            self._writer = None

    async def close(self) -> None:
        """There is nothing to let go of: engines hold their own files."""

    def _point_to(self, name: str) -> None:
        with _disk_errors(f"{self._pointer} cannot be replaced"):
            _write_whole(self._pointer, name.encode())

    def _current(self) -> Path:
        try:
            with self._pointer.open(encoding="utf-8", errors="replace") as file:
                name = file.read(_LONGEST_NAME).strip()
        except FileNotFoundError:
            raise _missing(self._folder) from None
        except OSError as error:
            raise IndexUnavailable(
                f"{self._pointer} cannot be read ({error.strerror}): remove it and run `booklight index`"
            ) from error
        if not _NAME.fullmatch(name):
            raise damaged(str(self._folder))
        return self._folder / name

    def _sweep(self) -> None:
        """Remove generations that are neither current nor being read."""
        try:
            current = self._current()
        except (IndexMissing, IndexUnavailable):
            current = None
        for folder in self._folder.glob(f"{PREFIX}*"):
            if folder == current or (lock := FileLock.take(folder / READERS)) is None:
                continue
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()


def copy_sparse(source: Path, target: Path) -> None:
    """Copy a folder that engines may have open, without the holes its files mostly are. Raises OSError.

    Whoever opens or closes a shard replaces some files by the same ones, by way of folders that soon are gone.
    """
    target.mkdir(parents=True)
    for entry in source.iterdir():
        if entry.name.startswith(_BEING_REPLACED):
            continue
        if entry.is_dir():
            copy_sparse(entry, target / entry.name)
        else:
            _copy_file(entry, target / entry.name)


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as old, target.open("wb") as new:
        for start, end in _data_ranges(old.fileno()):
            old.seek(start)
            new.seek(start)
            new.write(old.read(end - start))
        new.truncate(os.fstat(old.fileno()).st_size)


def _data_ranges(descriptor: int) -> Iterator[tuple[int, int]]:
    size = os.fstat(descriptor).st_size
    end = 0
    while end < size:
        try:
            start = os.lseek(descriptor, end, os.SEEK_DATA)
            end = os.lseek(descriptor, start, os.SEEK_HOLE)
        except (AttributeError, OSError) as error:
            if isinstance(error, OSError) and error.errno == errno.ENXIO:
                return
            start, end = 0, size
        yield start, end


def _lock_readers(folder: Path) -> FileLock | None:
    try:
        return FileLock.take(folder / READERS, shared=True)
    except FileNotFoundError:
        return None


def _number(folder: Path) -> int:
    digits = folder.name.removeprefix(PREFIX)
    return int(digits) if digits.isdecimal() and folder.name.startswith(PREFIX) else 0


def _write_whole(path: Path, data: bytes) -> None:
    """Replace `path` at once, so that nobody reads half of it."""
    partial = path.with_name(f".{path.name}.part")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _missing(folder: Path) -> IndexMissing:
    return IndexMissing(f"there is no index in {folder}: run `booklight index` to make one")


@contextmanager
def _disk_errors(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise IndexUnavailable(f"{what}: {error.strerror}") from error
