"""What reading an index that is damaged ends with, as the one error that says what to do."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from booklight_ingest.errors import IndexMissing

_DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading bytes that are not what was written ends with."""


def damaged(where: str) -> IndexMissing:
    """Return the error for an index that is not what was written."""
    return IndexMissing(f"the index in {where} is damaged: run `booklight index` to build it anew")


@contextmanager
def as_damage(where: str) -> Iterator[None]:
    """Turn what reading damaged bytes ends with into IndexMissing."""
    try:
        yield
    except _DAMAGE as error:
        raise damaged(where) from error
