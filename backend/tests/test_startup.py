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
        ("booklight.cli.main", {"qdrant_client", "numpy", "fastapi", "chatkit", "agents", "wordllama"}),
        (
            "booklight.cli.main, booklight_ingest.index.sync, booklight_ingest.sources, booklight.cli.polling",
            {"qdrant_client", "fastapi", "wordllama"},
        ),
        (
            "booklight.app, booklight.serving, booklight_ingest.index.live, booklight.search.passages",
            {"qdrant_client", "wordllama"},
        ),
    ],
)
def test_an_embedded_index_is_reached_without_the_slow_libraries(modules: str, unused: set[str]) -> None:
    command = [sys.executable, "-c", LOADED.format(modules=modules)]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert unused.isdisjoint(loaded)
    assert "booklight" in loaded


def test_the_built_in_model_is_connected_without_a_client_for_traces() -> None:
    program = LOADED.format(modules="booklight.llm.models, booklight.settings").replace(
        "print", "booklight.llm.models.connect_model(booklight.settings.Settings(_env_file=None))\nprint"
    )
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert "agents" in loaded
    assert "httpcore2" not in loaded
