"""Pin every container image that is named here by the digest that the registry has for its tag; `--check` only looks.

Looking a digest up takes Docker with buildx, and a registry that can be reached. What is pinned is looked up anew.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = ("Dockerfile", "compose.yaml", "deploy/compose.cluster.yaml", ".github/workflows/ci.yml")
IMAGE = re.compile(
    r"^(?P<before>FROM +|# syntax=| *image: +)(?P<image>[a-z0-9./_-]+:[\w.-]+)(?P<digest>@sha256:[0-9a-f]{64})?",
    re.MULTILINE,
)


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Pin all images, or with `--check` return 1 if one has no digest, and name it."""
    files = [root / name for name in FILES]
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    named = [(file, found) for file, text in texts.items() for found in IMAGE.finditer(text)]
    if "--check" in arguments:
        missing = [(file, found) for file, found in named if found["digest"] is None]
        for file, found in missing:
            print(f"{file.relative_to(root)}: {found['image']} is not pinned: run scripts/pin_images.py, and commit")
        return 1 if missing else 0
    digests = {image: look_up(image) for image in sorted({found["image"] for _, found in named})}
    for file, text in texts.items():
        file.write_text(IMAGE.sub(lambda found: _pinned(found, digests), text), encoding="utf-8")
    return 0


def look_up(image: str) -> str:
    """Return the digest of what the registry has under a tag: of all platforms together, where there are several."""
    command = ["docker", "buildx", "imagetools", "inspect", image, "--format", "{{json .Manifest}}"]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return str(json.loads(said)["digest"])


def _pinned(found: re.Match[str], digests: dict[str, str]) -> str:
    return f"{found['before']}{found['image']}@{digests[found['image']]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
