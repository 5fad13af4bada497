"""What commands import before they begin: the slow libraries only where they are used."""

import subprocess
import sys

import pytest

from backend.tests.command_line import run_command
from booklight.cli.main import COMMANDS

LOADED = """
import sys
import {modules}
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


@pytest.mark.parametrize(
    ("modules", "unused"),
    [
        ("booklight.cli.main", {"qdrant_client", "numpy", "fastapi", "chatkit", "agents", "pydantic", "onnxruntime"}),
        (
            "booklight.cli.index, booklight.cli.search, booklight.cli.chunks, booklight.cli.audit, booklight.cli.eval",
            {"qdrant_client", "fastapi", "chatkit", "agents", "sqlalchemy", "onnxruntime"},
        ),
        (
            "booklight.app, booklight.serving",
            {"qdrant_client", "numpy", "agents", "onnxruntime"},
        ),
        (
            "booklight.assembly",
            {"qdrant_client", "onnxruntime"},
        ),
    ],
)
def test_an_embedded_index_is_reached_without_the_slow_libraries(modules: str, unused: set[str]) -> None:
    command = [sys.executable, "-c", LOADED.format(modules=modules)]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert unused.isdisjoint(loaded)
    assert "booklight" in loaded


def test_the_built_in_model_is_connected_without_a_client_for_traces() -> None:
    program = LOADED.format(modules="booklight.assembly, booklight.settings").replace(
        "print", "booklight.assembly.connect_answering_model(booklight.settings.Settings(_env_file=None))\nprint"
    )
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert "agents" in loaded
    assert "httpcore2" not in loaded


def test_every_command_is_listed_without_being_loaded_and_loaded_when_it_is_asked_for() -> None:
    listed = run_command("--help")
    assert listed.exit_code == 0
    for name, meaning in COMMANDS.items():
        assert name in listed.stdout
        asked = run_command(name, "--help")
        assert asked.exit_code == 0
        assert meaning.split(";")[0].split(",")[0] in " ".join(asked.stdout.split())
        assert asked.stdout.count("--") > 1
