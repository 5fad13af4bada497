"""A real model behind a real sidecar, both as the handbook's recipe says; the questions are asked once."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from booklight.evaluation.questions import load_questions
from e2e.product import ROOT, Product, laptop
from e2e.real_model.asking import Asked, ask
from e2e.real_model.recipe import at_port
from e2e.real_model.verdicts import HANDBOOK, table

LOADED_SECONDS, POLL_SECONDS = 300, 0.2
QUESTIONS = Path(__file__).with_name("questions.jsonl")


@pytest.fixture(scope="session")
def recipe_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Run llama.cpp's server by the recipe's command, and give the recipe's settings for the sidecar."""
    port = _free_port()
    arguments, settings = at_port(port, Path(os.environ["BOOKLIGHT_TEST_GGUF"]))
    # The sidecar and the browser need a core as well: threads that wait for each other crawl on a shared one.
    arguments += ["-t", str(max(1, (os.cpu_count() or 2) - 1))]
    command = [os.environ["BOOKLIGHT_TEST_LLAMA_PYTHON"], str(ROOT / "scripts/llama_server.py"), *arguments]
    log = tmp_path_factory.mktemp("model") / "server.log"
    with log.open("w") as sink:
        server = subprocess.Popen(["nice", "-n", "2", *command], stdout=sink, stderr=sink)
        try:
            _wait_until_loaded(server, port, log)
            yield settings
        finally:
            server.terminate()
            server.wait(timeout=60)


@pytest.fixture(scope="session")
def real_product(recipe_settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The sidecar on the handbook, with that model, which is given the same passages however busy the machine is."""
    # None of them is one of the keywords that are no settings.
    settings: Any = {**recipe_settings, "BOOKLIGHT_RERANK_MILLISECONDS": "10000"}
    with laptop(tmp_path_factory.mktemp("real"), **settings) as product:
        yield product


@pytest.fixture(scope="session")
def answered(real_product: Product) -> list[Asked]:
    """Return what was answered to every question, and write it into the handbook."""
    answers = [ask(real_product.address, question) for question in load_questions(QUESTIONS)]
    HANDBOOK.write_text(table(os.environ["BOOKLIGHT_TEST_MODEL_TITLE"], answers), encoding="utf-8")
    return answers


def _wait_until_loaded(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + LOADED_SECONDS
    while not _is_loaded(port):
        if server.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"llama.cpp's server did not load the model:\n{log.read_text()[-2_000:]}")
        with suppress(subprocess.TimeoutExpired):
            server.wait(POLL_SECONDS)


def _is_loaded(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
