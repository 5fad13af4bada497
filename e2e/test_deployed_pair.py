"""`booklight doctor --site`: a book on a static host and its sidecar on another origin, checked from outside."""

import json
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from e2e.product import BOOKLIGHT, command_environment, index, unindexed
from e2e.small_site import write_site

PARTS = ["page", "plugin", "origin", "sidecar", "index", "session", "answer", "citation"]


class StaticHost(SimpleHTTPRequestHandler):
    """Serves a folder as hosts of static sites do: a page without its `.html` too."""

    def translate_path(self, path: str) -> str:
        """Return the file of a page."""
        found = super().translate_path(path)
        return f"{found}.html" if Path(f"{found}.html").is_file() else found

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@dataclass(frozen=True)
class Pair:
    """A built book on its static host, and where its sidecar is expected, which each test starts by itself."""

    folder: Path
    address: str
    build: Path
    port: int

    def diagnose(self, url: str = "") -> tuple[int, list[dict[str, object]]]:
        """Run the command on the book, and return its exit status and what it found."""
        command = [BOOKLIGHT, "doctor", "--site", url or f"{self.address}/docs/hives/queen", "--json"]
        done = subprocess.run(
            command, cwd=self.folder, env=command_environment(self.folder), capture_output=True, text=True, check=False
        )
        return done.returncode, json.loads(done.stdout)["diagnostics"]

    def wrong(self, url: str = "") -> dict[str, object]:
        """Return the last that was found, which has to be the only one that is wrong."""
        status, found = self.diagnose(url)
        assert (status, [one["ok"] for one in found]) == (1, [True] * (len(found) - 1) + [False])
        return found[-1]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The book, built with the absolute address of its sidecar, and its index."""
    folder, port = tmp_path_factory.mktemp("pair"), _free_port()
    build = write_site(folder / "site", assistantUrl=f"http://127.0.0.1:{port}/assistant").build("en")
    index(folder, build)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(StaticHost, directory=str(build))) as host:
        thread = Thread(target=host.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Pair(folder, f"http://127.0.0.1:{host.server_port}", build, port)
        host.shutdown()
        thread.join()


def test_a_pair_that_works_is_told_so_and_nothing_is_left_behind(pair: Pair) -> None:
    settings = {"BOOKLIGHT_ALLOWED_ORIGINS": pair.address, "BOOKLIGHT_BOOK_BASE_URL": f"{pair.address}/"}
    with unindexed(pair.folder, site=pair.build, port=pair.port, **settings):
        status, found = pair.diagnose()
    assert [(one["part"], one["ok"]) for one in found] == [(part, True) for part in PARTS]
    assert status == 0
    assert f"{pair.address}/docs/" in str(found[-1]["found"])
    with sqlite3.connect(next(pair.folder.rglob("*.db"))) as database:
        assert database.execute("select count(*) from threads").fetchone() == (0,)


def test_a_refused_origin_is_named_with_the_setting_that_allows_it(pair: Pair) -> None:
    with unindexed(pair.folder, site=pair.build, port=pair.port):
        wrong = pair.wrong()
    assert wrong["part"] == "origin"
    assert f"BOOKLIGHT_ALLOWED_ORIGINS={pair.address}" in str(wrong["remedy"])


def test_citations_that_lead_elsewhere_are_found(pair: Pair) -> None:
    settings = {"BOOKLIGHT_ALLOWED_ORIGINS": pair.address, "BOOKLIGHT_BOOK_BASE_URL": "https://bees.example/"}
    with unindexed(pair.folder, site=pair.build, port=pair.port, **settings):
        wrong = pair.wrong()
    assert wrong["part"] == "citation"
    assert "https://bees.example/docs/" in str(wrong["found"])
    assert "BOOKLIGHT_BOOK_BASE_URL" in str(wrong["remedy"])


def test_a_build_without_the_cited_heading_is_found(pair: Pair) -> None:
    settings = {"BOOKLIGHT_ALLOWED_ORIGINS": pair.address, "BOOKLIGHT_BOOK_BASE_URL": f"{pair.address}/"}
    page = pair.build / "docs/hives/smoker/index.html"
    text = page.read_text()
    page.write_text(text.replace("putting-it-out", "extinguishing"))
    try:
        with unindexed(pair.folder, site=pair.build, port=pair.port, **settings):
            wrong = pair.wrong()
    finally:
        page.write_text(text)
    assert wrong["part"] == "citation"
    assert "'putting-it-out'" in str(wrong["found"])


def test_a_sidecar_that_is_not_there_is_named(pair: Pair) -> None:
    wrong = pair.wrong()
    assert f"http://127.0.0.1:{pair.port}/assistant cannot be reached" in str(wrong["found"])


def test_what_is_no_book_is_told_so(pair: Pair, tmp_path: Path) -> None:
    assert "status 404" in str(pair.wrong(f"{pair.address}/gone")["found"])
    kept = pair.build / "booklight"
    shutil.move(kept, tmp_path / "booklight")
    try:
        wrong = pair.wrong()
    finally:
        shutil.move(tmp_path / "booklight", kept)
    assert wrong["part"] == "plugin"
    assert "docusaurus-plugin-booklight" in str(wrong["remedy"])


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
