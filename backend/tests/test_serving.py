"""The sidecar as an operator runs it: several workers, workers that die, and a process told to end in mid-answer."""

import asyncio
import json
import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from backend.tests.key import KEY
from backend.tests.live import Json, action_request, answers, serve, thread_of
from backend.tests.postgres import Postgres
from backend.tests.processes import Sidecar, is_half, sidecar, until
from backend.tests.scripted_model import HALF, WHOLE, ScriptedModel
from booklight.serving import SITE_VARIABLE, app_from_environment, environment_of, listen
from booklight.settings import Settings, load_settings

QUESTION = "What is a waggle dance?"
POLLED_SECONDS = 3.0
"""A worker that polls shows it more often; one that writes is silent for longer."""


def on_sqlite(folder: Path) -> dict[str, str]:
    return {"database_url": f"sqlite:///{folder}/booklight.db"}


def answered_by(model: ScriptedModel) -> dict[str, str]:
    return {"model": "openai:held", "model_base_url": model.base_url}


def test_two_processes_on_one_database_and_index_serve_the_same_readers(
    folder: Path, postgres: Postgres, migrated_postgres: str
) -> None:
    settings = {"database_url": postgres.url(postgres.create_database(migrated_postgres))}
    with sidecar(folder, settings) as one, sidecar(folder, settings) as other:
        reader = one.session()
        thread = thread_of(one.ask(QUESTION, reader))
        other.ask("And the smoker?", reader, thread)
        assert one.items(thread, reader) == other.items(thread, reader)
        assert len(answers(one.items(thread, reader))) == 2
        assert one.http.get("/assistant/index").json() == other.http.get("/assistant/index").json()


def test_a_worker_that_is_killed_is_replaced_and_nothing_stored_is_lost(
    folder: Path, postgres: Postgres, migrated_postgres: str
) -> None:
    settings = {"database_url": postgres.url(postgres.create_database(migrated_postgres))}
    with sidecar(folder, settings, workers=2) as running:
        reader = running.session()
        thread = thread_of(running.ask(QUESTION, reader))
        before = running.items(thread, reader)
        workers = running.workers()
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        wait_for_another_worker(running, workers)
        assert running.items(thread, reader) == before
        running.ask("And the smoker?", reader, thread)
        assert len(answers(running.items(thread, reader))) == 2


def wait_for_another_worker(running: Sidecar, before: list[int]) -> None:
    """Ask for the index until a worker has taken the place of the killed one; every request is answered."""
    while len(set(running.workers()) - set(before)) == 0 or len(running.workers()) < 2:
        assert running.http.get("/assistant/index").status_code == 200
        running.let_work()


def test_an_answer_is_taken_up_on_whichever_worker_the_reader_comes_back_to(
    folder: Path, tmp_path: Path, held_model: ScriptedModel
) -> None:
    with sidecar(folder, {**on_sqlite(tmp_path), **answered_by(held_model)}, workers=2) as running:
        reader = running.session()
        with running.stream(QUESTION, reader) as events:
            thread = thread_of(until(events, is_half))
        with come_back_to_the_other(running, reader, thread) as events:
            held_model.go_on.set()
            (said,) = answers([event["item"] for event in events if event["type"] == "thread.item.done"])
    assert said == WHOLE


@contextmanager
def come_back_to_the_other(running: Sidecar, reader: dict[str, str], thread: str) -> Iterator[Iterator[Json]]:
    """Take an answer up until the worker that gets the request is one that does not write it."""
    resume = action_request("booklight.resume", thread)
    while True:
        with running.http.stream(
            "POST", "/assistant/chatkit", json=resume, headers=reader, timeout=POLLED_SECONDS
        ) as response:
            lines = response.iter_lines()
            if _polls(lines):
                yield (json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))
                return


def _polls(lines: Iterator[str]) -> bool:
    """Read on to the sign of a worker that polls for what another one writes; False where there is none for long."""
    try:
        return any(line == ": keepalive" for line in lines)
    except httpx.ReadTimeout:
        return False


def test_an_answer_that_ends_in_time_is_whole_after_sigterm(
    folder: Path, tmp_path: Path, held_model: ScriptedModel
) -> None:
    with sidecar(folder, {**on_sqlite(tmp_path), **answered_by(held_model)}) as running:
        with running.stream(QUESTION, running.session()) as events:
            until(events, is_half)
            running.process.send_signal(signal.SIGTERM)
            held_model.go_on.set()
            (said,) = answers([event["item"] for event in events if event["type"] == "thread.item.done"])
        assert said == WHOLE
        running.process.wait(timeout=30)


def test_an_answer_that_takes_too_long_is_ended_and_kept(
    folder: Path, tmp_path: Path, held_model: ScriptedModel
) -> None:
    settings = {**on_sqlite(tmp_path), **answered_by(held_model)}
    with sidecar(folder, {**settings, "grace_seconds": "0.2"}, workers=2) as running:
        reader = running.session()
        with running.stream(QUESTION, reader) as events:
            thread = thread_of(until(events, is_half))
            running.process.send_signal(signal.SIGTERM)
            (said,) = answers([event["item"] for event in events if event["type"] == "thread.item.done"])
        assert said.strip() == HALF.strip()
        running.process.wait(timeout=30)
    with sidecar(folder, settings) as again:
        assert answers(again.items(thread, reader)) == [said]


@pytest.fixture
def handed_over(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a worker that serves a book of one page."""
    about = {"title": "Bees", "url": "https://bees.example", "baseUrl": "/", "locale": "en", "siteDir": "../.."}
    (tmp_path / "build/booklight").mkdir(parents=True)
    book = {"version": 1, "site": about, "chapters": [], "pages": []}
    (tmp_path / "build/booklight/pages.json").write_text(json.dumps(book))
    (tmp_path / "build/index.html").write_text("<h1>All about bees</h1>")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(SITE_VARIABLE, str(tmp_path / "build"))
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/b.db", index_path=folder / "index")
    for variable, value in environment_of(settings).items():
        monkeypatch.setenv(variable, value)


async def test_a_worker_accepts_when_it_can_answer_and_serves_the_site_it_was_handed(handed_over: None) -> None:
    async with serve(app_from_environment()) as url, httpx.AsyncClient(base_url=url, timeout=60) as http:
        assert (await http.get("/assistant/ready")).status_code == 200
        assert "All about bees" in (await http.get("/")).text


async def test_what_is_written_in_pieces_waits_for_no_acknowledgement_on_asyncios_own_loop() -> None:
    async def tell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted = writer.get_extra_info("socket")
        writer.write(b"at once" if accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) else b"later")
        writer.close()

    with listen("127.0.0.1", 0) as listening:
        async with await asyncio.start_server(tell, sock=listening):
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            said = await reader.read()
            writer.close()
    assert said == b"at once"


def test_what_uvicorn_is_told_of_proxies_has_no_effect(
    folder: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    bounds = {"turns_per_minute_per_address": "2", "trusted_proxies": "192.0.2.0/24"}
    with sidecar(folder, {"database_url": sqlite_url, **bounds}) as running:
        asked = [
            running.http.post(
                "/assistant/chatkit", json={"query": QUESTION}, headers={"X-Forwarded-For": f"198.51.100.{number}"}
            ).status_code
            for number in range(3)
        ]
    assert asked == [200, 200, 429]


@pytest.mark.parametrize(("hard", "told"), [(4_096, False), (1_024, True)])
def test_a_process_may_open_as_many_files_as_may_be_and_a_shortage_is_told(
    folder: Path, sqlite_url: str, capfd: pytest.CaptureFixture[str], hard: int, told: bool
) -> None:
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, {hard}))"
    with sidecar(folder, {"database_url": sqlite_url}, setup=limit) as running:
        limits = Path(f"/proc/{running.process.pid}/limits").read_text()
    assert re.findall(r"Max open files +(\d+) +(\d+)", limits) == [(str(hard), str(hard))]
    said = "a process may open 1024 files here, and BOOKLIGHT_MAX_CONNECTIONS, 1000, needs 2200: let the service"
    assert (said in capfd.readouterr().err) is told


def test_workers_get_the_settings_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(
        _env_file=None,
        database_url="sqlite:///here.db",
        secret_key=KEY,
        allowed_origins="https://one.example, https://two.example",
        book_base_url="https://book.example/b/",
        openai_api_key="key",
        chapter_boost=1.5,
    )
    for variable, value in environment_of(settings).items():
        monkeypatch.setenv(variable, value)
    assert load_settings() == settings
