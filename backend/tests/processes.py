"""Sidecars as processes of their own, on a database and an index that they may share."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from backend.tests.forked import Forked
from backend.tests.key import KEY
from backend.tests.live import PATIENCE, Json, question_request
from backend.tests.scripted_model import HALF

ROOT = Path(__file__).resolve().parents[2]
# A busy machine may need longer than the time after which the sidecar says that it listens.
ADDRESS = re.compile(r"Booklight (?:is ready|listens): (http://[^/\s]+)")
MOMENT = 0.05
SERVE = """
{setup}
from booklight.serving import serve_app
from booklight.settings import load_settings
serve_app(load_settings(), site=None, host="127.0.0.1", port=0, workers={workers})
"""


@dataclass
class Sidecar:
    """A running `booklight serve`. `http` opens a connection for each request, so that any worker may get it."""

    process: Forked
    http: httpx.Client

    def workers(self) -> list[int]:
        """Return the process ids of its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children if b"spawn_main" in _command_line(child)]

    def session(self) -> dict[str, str]:
        """Return the headers of a new reader."""
        return {"Authorization": f"Bearer {self.http.post('/assistant/session').json()['token']}"}

    def let_work(self) -> None:
        """Return in a moment: who asks again and again takes the processor from what it waits for."""
        with suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"the sidecar ended with {self.process.wait(timeout=MOMENT)}")

    def send(self, body: Json, reader: dict[str, str]) -> httpx.Response:
        """Send a request and read the whole answer; a worker that is not ready yet is asked again."""
        while (response := self.http.post("/assistant/chatkit", json=body, headers=reader)).status_code == 503:
            self.let_work()
        return response

    def ask(self, question: str, reader: dict[str, str], thread_id: str | None = None) -> list[Json]:
        """Ask and return the events of the answer."""
        response = self.send(question_request(question, thread_id), reader)
        assert response.status_code == 200, response.text
        return [json.loads(line.removeprefix("data: ")) for line in response.text.splitlines() if line]

    @contextmanager
    def stream(self, question: str, reader: dict[str, str]) -> Iterator[Iterator[Json]]:
        """Ask and give the events one by one."""
        with self.read(question_request(question), reader) as events:
            yield events

    @contextmanager
    def read(self, body: Json, reader: dict[str, str]) -> Iterator[Iterator[Json]]:
        """Send a request and give the events of its stream one by one."""
        with self.http.stream("POST", "/assistant/chatkit", json=body, headers=reader) as response:
            assert response.status_code == 200, response.read()
            yield (json.loads(line.removeprefix("data: ")) for line in response.iter_lines() if line.startswith("data"))

    def items(self, thread_id: str, reader: dict[str, str]) -> list[Json]:
        """Return the items of a thread, oldest first."""
        body = {"type": "items.list", "params": {"thread_id": thread_id, "order": "asc"}}
        items: list[Json] = self.send(body, reader).json()["data"]
        return items


@contextmanager
def sidecar(folder: Path, settings: Mapping[str, object], *, workers: int = 1, setup: str = "") -> Iterator[Sidecar]:
    """Run a sidecar in `folder`, on the index `index` there and with `settings`, until the block ends.

    The order is the search's own, without the cross-encoder, which each process would have to load. `setup` is code
    that its process runs first.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BOOKLIGHT_")}
    own = {
        "BOOKLIGHT_INDEX_PATH": str(folder / "index"),
        "BOOKLIGHT_RERANKER": "off",
        "BOOKLIGHT_SECRET_KEY": KEY,
        "PYTHONPATH": str(ROOT),
    }
    given = {f"BOOKLIGHT_{name.upper()}": str(value) for name, value in settings.items()}
    program = SERVE.format(workers=workers, setup=setup)
    process = Forked(program, folder=folder, environment=kept | own | given)
    try:
        found = ADDRESS.search(process.stdout.readline())
        assert found, "the sidecar did not start"
        limits = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(base_url=found[1], timeout=PATIENCE * 6, limits=limits, trust_env=False) as http:
            running = Sidecar(process, http)
            while http.get("/assistant/ready").status_code != 200:
                running.let_work()
            yield running
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE * 6)
        process.stdout.close()


def is_half(event: Json) -> bool:
    """Say whether `event` is the last that a held model says before it waits."""
    return HALF.strip() in str(event.get("update", {}).get("delta", ""))


def until(events: Iterator[Json], wanted: Callable[[Json], bool]) -> list[Json]:
    """Read on to the first event that is `wanted`, and return all that were read."""
    seen = []
    for event in events:
        seen.append(event)
        if wanted(event):
            return seen
    raise AssertionError(f"the stream ended after {[event['type'] for event in seen]}")


def _command_line(process: str) -> bytes:
    """Return how a process was started; nothing for one that has just ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
