"""What commands import before they begin: the slow libraries only where they are used."""

import subprocess
import sys

import pytest

LOADED = """
import sys
import {modules}
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


@pytest.mark.parametrize(
    ("modules", "unused"),
    [
        ("backend.cli", {"qdrant_client", "numpy", "fastapi", "chatkit", "agents", "wordllama"}),
        ("backend.cli, ingest.sync, ingest.sources, backend.watching", {"qdrant_client", "fastapi", "wordllama"}),
        ("backend.app, backend.serving, ingest.index, backend.search.passages", {"qdrant_client", "wordllama"}),
    ],
)
def test_an_embedded_index_is_reached_without_the_slow_libraries(modules: str, unused: set[str]) -> None:
    command = [sys.executable, "-c", LOADED.format(modules=modules)]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert unused.isdisjoint(loaded)
    assert "backend" in loaded


def test_the_built_in_model_is_connected_without_a_client_for_traces() -> None:
    program = LOADED.format(modules="backend.models, backend.settings").replace(
        "print", "backend.models.connect_model(backend.settings.Settings(_env_file=None))\nprint"
    )
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert "agents" in loaded
    assert "httpcore2" not in loaded
