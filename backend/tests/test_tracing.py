"""Spans as a collector gets them: the stages of a turn in one trace, with numbers and without words."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.tests.key import KEY
from backend.tests.live import answers, live_sidecar, question_request
from backend.tests.otlp_collector import Collector, attributes, collect_spans
from backend.tests.paced_model import PacedModel
from backend.tests.scripted_model import ScriptedModel, serve_scripted_model
from booklight.llm.models import connect_model
from booklight.ops.logging import JsonLines
from booklight.ops.tracing import Tracing, add_attributes, current_span, current_trace_id, traces_url
from booklight.settings import Settings

QUESTION = "What is a waggle dance?"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
UNSET = f"""
import sys
import booklight.serving
from booklight.settings import Settings
booklight.serving.create_app(Settings(_env_file=None, secret_key="{KEY}"))
print(*(name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))))
"""


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector that takes spans."""
    with collect_spans() as made:
        yield made


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    """A model that is reached over HTTP."""
    with serve_scripted_model() as made:
        yield made


async def ask(collector: Collector, model: ScriptedModel, folder: Path, headers: dict[str, str]) -> str:
    """Ask a sidecar that sends spans, end it, and return the id of the request."""
    named: dict[str, Any] = {"model": "openai:m", "model_base_url": model.base_url, "model_api": "responses"}
    connected = connect_model(Settings(_env_file=None, **named))
    url = f"sqlite:///{folder}/b.db"
    async with live_sidecar(connected, url, otlp_endpoint=collector.url) as live:
        reader = await live.reader()
        reader.headers |= headers
        asked = question_request(QUESTION, selected_text="what Lovelace marked")
        return str((await reader.send(asked)).headers["X-Request-Id"])


async def test_a_turn_is_one_trace_from_the_request_to_the_models_calls(
    collector: Collector, model: ScriptedModel, tmp_path: Path
) -> None:
    request_id = await ask(collector, model, tmp_path, {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    (turn,), (search,), calls = collector.named("turn"), collector.named("search"), collector.named("model")
    (request,) = [one for one in collector.named("request") if one.trace_id.hex() == TRACE]
    about = attributes(request.attributes)
    assert set(collector.asked) == {"/v1/traces"}
    assert collector.resource["service.name"] == "booklight"
    assert {span.trace_id.hex() for span in (request, turn, search, *calls)} == {TRACE}
    assert request.parent_span_id.hex() == "00f067aa0ba902b7"
    assert turn.parent_span_id == request.span_id
    assert {span.parent_span_id for span in (search, *calls)} == {turn.span_id}
    assert (about["booklight.request"], about["booklight.status"]) == (request_id, 200)
    assert about["booklight.kind"] == "threads.create"
    assert len(calls) == 1
    for call in calls:
        said = attributes(call.attributes)
        assert (said["booklight.tokens_in"], said["booklight.tokens_out"]) == (1, 1)
    assert attributes(turn.attributes)["booklight.outcome"] == "done"
    assert attributes(turn.attributes)["booklight.answer"] == "not_covered"
    assert int(attributes(search.attributes)["booklight.passages"]) > 0
    assert all(span.end_time_unix_nano > span.start_time_unix_nano for span in collector.spans)


async def test_no_span_holds_a_word_of_a_reader_or_of_the_book(
    collector: Collector, model: ScriptedModel, tmp_path: Path
) -> None:
    model.script("search", "500", "500", "500")
    await ask(collector, model, tmp_path, {})
    sent = b"".join(collector.bodies)
    assert sent
    for word in (b"Lovelace", b"waggle", b"marked", b"figure of eight"):
        assert word not in sent


async def test_a_model_that_fails_is_a_span_that_failed(
    collector: Collector, model: ScriptedModel, tmp_path: Path
) -> None:
    model.script("500", "500", "500")
    await ask(collector, model, tmp_path, {})
    (failed, *_), (turn,) = collector.named("model"), collector.named("turn")
    assert failed.status.code == turn.status.code == failed.status.STATUS_CODE_ERROR
    assert failed.status.message == ""
    assert not failed.events
    assert attributes(turn.attributes)["error.type"] == "model_status"
    assert attributes(turn.attributes)["booklight.fallback"] == "model_down"


async def test_log_lines_name_the_trace(collector: Collector, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setFormatter(JsonLines())
    url = f"sqlite:///{tmp_path}/b.db"
    with caplog.at_level(logging.INFO, "booklight"):
        async with live_sidecar(PacedModel(["Yes."]), url, otlp_endpoint=collector.url) as live:
            await (await live.reader()).ask("How?")
    lines = [json.loads(line) for line in caplog.text.splitlines()]
    (turn,) = [line for line in lines if line["message"] == "turn done"]
    assert turn["trace"] == collector.named("turn")[0].trace_id.hex()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_readers_notice_nothing_of_a_collector_that_is_away(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    async with live_sidecar(PacedModel(["Yes."]), f"sqlite:///{tmp_path}/b.db", otlp_endpoint=nowhere) as live:
        events = await (await live.reader()).ask("How?")
    assert answers([event["item"] for event in events if event["type"] == "thread.item.done"]) == ["Yes."]


def test_without_a_collector_nothing_of_it_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", UNSET], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


def test_without_a_collector_no_span_is_kept_and_nothing_is_named() -> None:
    with current_span(Tracing(None).tracer, "turn") as span:
        add_attributes(span, found=True, failure=None)
        assert not span.is_recording()
        assert current_trace_id() is None


def test_the_standard_variable_names_the_collector_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")
    endpoint = Settings(_env_file=None).otlp_endpoint
    assert endpoint is not None
    assert traces_url(endpoint) == traces_url("http://collector:4318/v1/traces") == "http://collector:4318/v1/traces"
