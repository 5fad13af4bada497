"""Start Booklight as people run it: on a laptop with nothing else, or as a service with a model and a database."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from backend.tests.forked import COMMAND, Forked
from booklight_ingest.index.generations import copy_sparse

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "book/build"
INDEX = ROOT / ".booklight/index"
"""What the set-up made of the handbook."""
READY_SECONDS, POLL_SECONDS = 240, 0.2
BOOKLIGHT = str(Path(sys.executable).with_name("booklight"))
SERVE_IN_MEMORY = "from e2e.serve_in_memory import main; main()"
LISTENING = re.compile(r"Booklight (?:is ready|listens): (http://[^/\s]+)")


@dataclass(frozen=True)
class Product:
    """A running sidecar that serves the handbook too. `address` ends without a slash."""

    address: str
    process: Forked

    def page(self, path: str) -> str:
        """Return the address of a page of the handbook, by its route below the site's base URL."""
        return f"{self.address}/booklight/{path}"

    def stop(self) -> None:
        """End the sidecar, as an operator would, and wait until it is gone."""
        self.process.terminate()
        self.process.wait(timeout=30)


@contextmanager
def laptop(folder: Path, *, site: Path = SITE, port: int = 0, **settings: str) -> Iterator[Product]:
    """Run `booklight serve` on an index and a database of its own in `folder`: no model, SQLite, embedded index.

    All locales of the built `site` are indexed, with the same `settings` where it is not the handbook.
    """
    index(folder, site, **settings)
    with unindexed(folder, site=site, port=port, **settings) as product:
        _wait_until_ready(product)
        yield product


@contextmanager
def unindexed(folder: Path, *, site: Path = SITE, port: int = 0, **settings: str) -> Iterator[Product]:
    """Run what `laptop` runs, with whatever index `folder` holds."""
    environment = _environment(**_places(folder), **settings)
    arguments = ["serve", "--site", str(site), "--port", str(port)]
    with _running(COMMAND, arguments, folder, environment) as product:
        yield product


def index(folder: Path, site: Path = SITE, **settings: str) -> None:
    """Index every locale of a built site; the handbook's index, in which nothing is set, is made once and copied."""
    if site != SITE:
        _run_index(folder, site, settings)
    elif not (folder / "index").exists():
        copy_sparse(Path(_handbook().name) / "index", folder / "index")


@cache
def _handbook() -> "TemporaryDirectory[str]":
    """Return a folder with the handbook's index: what the set-up made, which may have changed since."""
    made = TemporaryDirectory(prefix="booklight-handbook-")
    folder = Path(made.name)
    if INDEX.exists():
        copy_sparse(INDEX, folder / "index")
    _run_index(folder, SITE, {})
    return made


def _run_index(folder: Path, site: Path, settings: Mapping[str, str]) -> None:
    """Run `booklight index` on every locale of a built site."""
    pages = map(str, sorted(site.glob("**/booklight/pages.json")))
    environment = _environment(**_places(folder), **settings)
    with (folder / "index.log").open("w") as log:
        process = Forked(COMMAND, "index", *pages, folder=folder, environment=environment, stderr=log.fileno())
        with process.stdout:
            process.stdout.read()
        assert process.wait() == 0, (folder / "index.log").read_text()


def command_environment(folder: Path) -> dict[str, str]:
    """Return the environment in which a command finds the index and the database of `laptop` in `folder`."""
    return _environment(**_places(folder))


@contextmanager
def service(folder: Path, *, database_url: str, model_base_url: str) -> Iterator[Product]:
    """Run the same sidecar on Postgres, with a model over HTTP and Qdrant's in-memory engine as the index."""
    environment = _environment(
        BOOKLIGHT_DATABASE_URL=database_url,
        BOOKLIGHT_SECRET_KEY="a secret of the browser tests, and of nothing else",
        BOOKLIGHT_MODEL="openai:scripted",
        BOOKLIGHT_MODEL_BASE_URL=model_base_url,
        BOOKLIGHT_MODEL_API_KEY="not-a-key",
        # What the scripted model is given should not depend on how busy the machine is.
        BOOKLIGHT_RERANKER="off",
    )
    index(folder)
    with _running(SERVE_IN_MEMORY, [str(SITE), str(folder / "index")], folder, environment) as product:
        _wait_until_ready(product)
        yield product


@contextmanager
def _running(program: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Iterator[Product]:
    with (folder / "server.log").open("w") as log:
        process = Forked(program, *arguments, folder=folder, environment=environment, stderr=log.fileno())
        try:
            yield Product(_address(process, folder / "server.log"), process)
        finally:
            process.terminate()
            process.wait(timeout=30)
            process.stdout.close()


def _address(process: Forked, log: Path) -> str:
    for line in process.stdout:
        if found := LISTENING.search(line):
            return found[1]
    raise AssertionError(f"the sidecar ended before it was ready:\n{log.read_text()}")


def _wait_until_ready(product: Product) -> None:
    """Wait until questions are answered: a page may come before, and is told what is being opened."""
    deadline = time.monotonic() + READY_SECONDS
    while httpx.get(f"{product.address}/assistant/ready").status_code != httpx.codes.OK:
        with suppress(subprocess.TimeoutExpired):
            product.process.wait(POLL_SECONDS)
        if product.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"the sidecar at {product.address} did not become ready")


def _places(folder: Path) -> dict[str, str]:
    return {
        "BOOKLIGHT_INDEX_PATH": str(folder / "index"),
        "BOOKLIGHT_DATABASE_URL": f"sqlite:///{folder}/booklight.db",
    }


def _environment(**settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BOOKLIGHT_")}
    return {**kept, "PYTHONPATH": str(ROOT), **settings}
