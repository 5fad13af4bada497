"""The log of a sidecar: one line a request, each line with its request, and nothing that a reader wrote."""

import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from backend.tests.command_line import make_site
from backend.tests.live import Json, live_sidecar, question_request, thread_of
from backend.tests.paced_model import PacedModel
from booklight.ops.current_request import CurrentRequest, current_request
from booklight.ops.logging import JsonLines, TextLines, configure_logging, fields
from booklight.ops.redaction import WithoutText
from booklight.settings import Settings

SECRET_WORDS = "my mother's maiden name"


def lines(text: str) -> list[Json]:
    """Return what was logged as JSON lines."""
    return [json.loads(line) for line in text.splitlines()]


async def test_a_turn_is_told_in_json_lines_that_belong_together_and_hold_no_word_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = PacedModel(["Yes, ", "indeed."], searches=True)
    async with live_sidecar(model, f"sqlite:///{tmp_path}/b.db") as live:
        configure_logging(Settings(_env_file=None, log_format="json"))
        reader = await live.reader()
        response = await reader.send(question_request(SECRET_WORDS, selected_text="marked words"))
        await live.http.get("/assistant/health")
    written = capsys.readouterr().err
    session, *answered = lines(written)
    turn, access = sorted(answered, key=lambda line: "status" in line)
    assert access["request"] == turn["request"] == response.headers["X-Request-Id"] != session["request"]
    assert (access["message"], access["status"], access["kind"]) == ("POST /assistant/chatkit", 200, "threads.create")
    assert access["ms"] > 0
    assert turn["ms"] > 0
    assert (turn["message"], turn["found"], turn["logger"]) == ("turn done", True, "booklight.turns")
    assert {"time", "level", "logger", "message"} <= session.keys()
    assert (session["kind"], session["status"]) == ("session", 200)
    for said in (SECRET_WORDS, "marked words", "indeed", "waggle"):
        assert said not in written


async def test_a_request_that_is_refused_is_one_line_with_its_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with live_sidecar(PacedModel([]), f"sqlite:///{tmp_path}/b.db") as live:
        configure_logging(Settings(_env_file=None, log_format="json"))
        await live.http.post("/assistant/chatkit", json={"query": ""})
        await live.http.post("/assistant/chatkit", json={"type": "items.list", "params": {"thread_id": "thr_no"}})
        await live.http.get("/assistant/no%0Asuch%1B[31mline")
    written = lines(capsys.readouterr().err)
    told = [(line["status"], line["kind"]) for line in written]
    assert written[-1]["message"] == "GET /assistant/no\\nsuch\\x1b[31mline"
    assert told == [(422, "chatkit"), (404, "items.list"), (404, "unknown")]


async def test_reader_text_is_logged_where_the_settings_ask_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = PacedModel(["Yes."])
    async with live_sidecar(model, f"sqlite:///{tmp_path}/b.db", log_reader_text=True) as live:
        configure_logging(Settings(_env_file=None, log_format="json"))
        await (await live.reader()).ask(SECRET_WORDS)
    (answered,) = [line for line in lines(capsys.readouterr().err) if line["message"] == "answered"]
    assert (answered["question"], answered["answer"]) == (SECRET_WORDS, "Yes.")


async def test_a_failure_is_told_by_its_place_and_not_by_its_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = PacedModel(["Well, "], failure=ZeroDivisionError(SECRET_WORDS))
    async with live_sidecar(model, f"sqlite:///{tmp_path}/b.db") as live:
        configure_logging(Settings(_env_file=None))
        events = await (await live.reader()).ask("How?")
    written = capsys.readouterr().err
    assert thread_of(events)
    assert "ZeroDivisionError" in written
    assert SECRET_WORDS not in written
    assert "Traceback" not in written


@pytest.mark.parametrize("seen", [{"development": True}, {"log_level": "debug"}])
async def test_developers_see_the_traceback_and_the_text_of_a_failure_and_no_client_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seen: dict[str, Any]
) -> None:
    model = PacedModel(["Well, "], failure=ZeroDivisionError("three bees by none"))
    async with live_sidecar(model, f"sqlite:///{tmp_path}/b.db") as live:
        configure_logging(Settings(_env_file=None, **seen))
        events = await (await live.reader()).ask(SECRET_WORDS)
    written = capsys.readouterr().err
    assert "\n    Traceback (most recent call last):" in written
    assert "\n    ZeroDivisionError: three bees by none" in written
    assert SECRET_WORDS not in written
    assert "three bees" not in json.dumps(events)


def test_a_traceback_is_one_field_of_a_json_line_and_of_libraries_too() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        failed = logging.LogRecord("chatkit", logging.ERROR, "", 0, "Exception", (), sys.exc_info())
    assert WithoutText().filter(failed)
    (line,) = JsonLines(tracebacks=True).format(failed).splitlines()
    told = json.loads(line)
    assert told["message"].startswith("builtins.ValueError at ")
    assert told["traceback"].endswith("ValueError: first\nsecond")
    assert "traceback" not in json.loads(JsonLines().format(failed))


async def test_the_files_of_a_site_are_logged_for_debugging_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = make_site(tmp_path) / "build"
    async with live_sidecar(PacedModel([]), f"sqlite:///{tmp_path}/b.db", site=site) as live:
        configure_logging(Settings(_env_file=None))
        pages = [await live.http.get("/docs/hives") for _ in range(2)]
        quiet = capsys.readouterr().err
        configure_logging(Settings(_env_file=None, log_level="debug"))
        await live.http.get("/docs/hives")
    assert [page.status_code for page in pages] == [200, 200]
    assert quiet == ""
    assert "GET /docs/hives" in capsys.readouterr().err


async def test_quieter_and_louder_logs_are_a_setting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with live_sidecar(PacedModel([]), f"sqlite:///{tmp_path}/b.db") as live:
        configure_logging(Settings(_env_file=None, log_level="warning"))
        await live.http.post("/assistant/session")
        quiet = capsys.readouterr().err
        configure_logging(Settings(_env_file=None, log_level="debug"))
        await live.http.get("/assistant/health")
    assert quiet == ""
    assert "kind=health" in capsys.readouterr().err


def record(message: str, **beside: str | int | None) -> logging.LogRecord:
    made = logging.LogRecord("booklight", logging.INFO, "", 0, message, (), None)
    made.__dict__.update(fields(**beside))
    return made


def test_a_line_for_people_cannot_be_taken_for_two() -> None:
    line = TextLines().format(record("said", kind="a b", other="x\ny=1", none=None, empty=""))
    assert line.endswith('info    booklight: said kind="a b" other="x\\ny=1" empty=""')
    assert "\n" not in line


def test_lines_name_the_request_and_its_trace_where_there_are_any() -> None:
    assert "request" not in json.loads(JsonLines().format(record("alone")))
    token = current_request.set(CurrentRequest("session", id="r1", trace="t1"))
    try:
        line = json.loads(JsonLines().format(record("within")))
    finally:
        current_request.reset(token)
    assert (line["request"], line["trace"]) == ("r1", "t1")


def test_the_exceptions_of_libraries_lose_their_text() -> None:
    try:
        raise ValueError(SECRET_WORDS)
    except ValueError:
        failed = logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "Exception", (), sys.exc_info())
    line = TextLines().format(failed)
    assert "builtins.ValueError" in line
    assert SECRET_WORDS not in line
