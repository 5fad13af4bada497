"""A real model is fetched whole or not at all, and started as the handbook says."""

import hashlib
from pathlib import Path

import pytest

from booklight.settings import Settings
from e2e.real_model.recipe import PAGE, at_port, recipe
from join_parts import main as join
from llama_server import read_arguments
from real_model import LOCKS, MODELS, find_model, model_steps
from steps import StepFailed


def packages(folder: Path, *parts: bytes) -> Path:
    """Make packages that hold the parts of a file, as they are installed."""
    for number, part in enumerate(parts, start=1):
        data = folder / f"model_part{number}/data"
        data.mkdir(parents=True)
        (data / f"part{number:02}.bin").write_bytes(part)
    return folder


def test_parts_are_joined_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    parts = [bytes([number]) * 3 for number in range(11)]
    folder, whole = packages(tmp_path / "parts", *parts), tmp_path / "model.gguf"
    assert join([str(folder), str(whole), hashlib.sha256(b"".join(parts)).hexdigest()]) == 0
    assert whole.read_bytes() == b"".join(parts)
    assert sorted(tmp_path.iterdir()) == [whole]


def test_a_file_with_another_hash_is_not_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = packages(tmp_path / "parts", b"other")
    assert join([str(folder), str(tmp_path / "model.gguf"), "0" * 64]) == 1
    assert "should have 000" in capsys.readouterr().out
    assert sorted(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("name", MODELS)
def test_every_package_of_a_model_is_pinned_by_its_hash(name: str) -> None:
    assert [step.name for step in model_steps(find_model(name))] == ["model-server", f"model-{name}"]
    for lock in (LOCKS / "server.lock", LOCKS / f"{name}.lock"):
        lines = lock.read_text().splitlines()
        pinned = [place for place, line in enumerate(lines) if "==" in line]
        assert pinned
        assert all("--hash=sha256:" in lines[place + 1] for place in pinned)


def test_a_model_that_is_not_there_is_named() -> None:
    with pytest.raises(StepFailed, match=r"no model gpt: name one of qwen2\.5-coder-1\.5b"):
        find_model("gpt")


def test_the_recipe_in_the_handbook_is_what_is_run(tmp_path: Path) -> None:
    arguments, settings = at_port(4321, tmp_path / "m.gguf")
    chosen = read_arguments(arguments)
    assert (chosen.model, chosen.port, chosen.jinja, chosen.parallel) == (str(tmp_path / "m.gguf"), 4321, True, 1)
    known = {f"BOOKLIGHT_{name.upper()}" for name in Settings.model_fields}
    assert set(settings) <= known
    assert settings["BOOKLIGHT_MODEL_BASE_URL"] == "http://localhost:4321/v1"
    assert int(settings["BOOKLIGHT_CONTEXT_TOKENS"]) == chosen.ctx_size
    assert recipe(PAGE.read_text(encoding="utf-8"))[1]["BOOKLIGHT_MODEL_BASE_URL"].endswith(":8080/v1")
