"""The pinning of container images, with a `docker` that knows two digests."""

import shutil
from pathlib import Path

import pytest

import pin_images
from steps import ROOT

DOCKER = """#!/bin/sh
test "$1 $2 $3 $5 $6" = "buildx imagetools inspect --format {{json .Manifest}}" || exit 9
printf '%s\\n' "$4" >> "$ASKED"
printf '{"schemaVersion": 2, "digest": "sha256:%064d", "size": 7}\\n' "$(wc -l < "$ASKED")"
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files that name images, copied."""
    for name in pin_images.FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a `docker` is asked for, which gives every image a digest of its own."""
    program = tmp_path / "bin/docker"
    program.parent.mkdir()
    program.write_text(DOCKER)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("ASKED", str(tmp_path / "asked"))
    return tmp_path / "asked"


def test_every_image_is_pinned_and_pinned_anew(copy: Path, asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {name: (copy / name).read_text() for name in pin_images.FILES}
    assert pin_images.main(["--check"], copy) == 1
    assert "compose.yaml: redis:7.4 is not pinned" in capsys.readouterr().out
    assert pin_images.main([], copy) == 0
    assert pin_images.main(["--check"], copy) == 0
    images = asked.read_text().split()
    assert {"docker/dockerfile:1", "python:3.11-slim", "node:24-slim", "postgres:17", "redis:7.4"} < set(images)
    assert len(images) == len(set(images))
    first = {name: (copy / name).read_text() for name in pin_images.FILES}
    assert pin_images.main([], copy) == 0
    for name, text in first.items():
        again = (copy / name).read_text()
        assert again != text
        assert pin_images.IMAGE.sub(r"\g<before>\g<image>", again) == before[name]


def test_no_image_is_named_where_nobody_looks() -> None:
    for path in [ROOT / "Dockerfile", *ROOT.glob("*.yaml"), *ROOT.glob("deploy/*"), *ROOT.glob(".github/**/*.yml")]:
        text = path.read_text()
        if "image:" in text or "FROM " in text:
            assert str(path.relative_to(ROOT)) in pin_images.FILES
            stages = [line.split()[1] for line in text.splitlines() if line.startswith("FROM ") and ":" not in line]
            assert len(pin_images.IMAGE.findall(text)) >= text.count("image:") + text.count("FROM ") - len(stages)
