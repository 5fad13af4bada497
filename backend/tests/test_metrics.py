"""What `/metrics` tells of real turns: how they ended, what they took and cost, and what stood in for what."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from backend.tests.live import HELD, Live, action_request, is_dance, live_sidecar, question_request, thread_of
from backend.tests.metric_samples import samples
from backend.tests.paced_model import PacedModel
from backend.tests.scripted_model import Failure, ScriptedModel, serve_scripted_model
from booklight.llm.models import connect_model
from booklight.ops.metrics import Metrics
from booklight.settings import Settings
from booklight.store.database import StoreUnavailable
from booklight.store.threads import SqlStore

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "What is a waggle dance?"
ELSEWHERE = "How do I configure a Kubernetes ingress?"


@asynccontextmanager
async def answered_by(server: ScriptedModel, folder: Path, **settings: Any) -> AsyncIterator[Live]:
    """Serve a sidecar whose model is reached over HTTP."""
    named: dict[str, Any] = {"model": "openai:m", "model_base_url": server.base_url, "model_api": "responses"}
    named["model_silence_seconds"] = 0.5
    model = connect_model(Settings(_env_file=None, **named))
    async with live_sidecar(model, f"sqlite:///{folder}/booklight.db", **settings) as live:
        yield live


async def counted(live: Live) -> dict[str, float]:
    return samples((await live.http.get("/metrics")).text)


async def test_a_turn_is_counted_with_its_times_its_search_and_its_tokens(tmp_path: Path) -> None:
    with serve_scripted_model() as server:
        async with answered_by(server, tmp_path) as live:
            await (await live.reader()).ask(QUESTION)
            after = await counted(live)
    assert after["booklight_turns_total done"] == 1
    assert after["booklight_answers_total true"] == 1
    assert after["booklight_answer_kinds_total cited"] == 1
    for seconds in ("booklight_turn_seconds", "booklight_first_text_seconds", "booklight_search_seconds"):
        assert after[f"{seconds}_count"] == 1
        assert after[f"{seconds}_sum"] > 0
    assert (after["booklight_tokens_total in"], after["booklight_tokens_total out"]) == (1, 1)
    assert "booklight_turn_failures_total" not in str(after)


async def test_what_the_book_does_not_have_is_counted(tmp_path: Path) -> None:
    with serve_scripted_model() as server:
        async with answered_by(server, tmp_path) as live:
            reader = await live.reader()
            await reader.ask(QUESTION)
            await reader.ask(ELSEWHERE)
            after = await counted(live)
    assert (after["booklight_answers_total true"], after["booklight_answers_total false"]) == (1, 1)


FAILURES: list[tuple[list[Failure], str]] = [
    (["500", "500", "500"], "model_status"),
    (["429", "429", "429"], "model_rate_limit"),
    (["hang", "hang", "hang"], "model_timeout"),
]


@pytest.mark.parametrize(("script", "kind"), FAILURES, ids=lambda given: given if isinstance(given, str) else "")
async def test_a_fallback_is_counted_with_the_failure_behind_it(
    script: list[Failure], kind: str, tmp_path: Path
) -> None:
    with serve_scripted_model() as server:
        async with answered_by(server, tmp_path) as live:
            server.script(*script)
            await (await live.reader()).ask(QUESTION)
            after = await counted(live)
    assert after["booklight_turns_total done"] == 1
    assert after["booklight_fallbacks_total model_down"] == 1
    assert after[f"booklight_turn_failures_total {kind}"] == 1


async def test_a_model_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    nowhere = ScriptedModel(base_url="http://127.0.0.1:9/v1")
    async with answered_by(nowhere, tmp_path) as live:
        await (await live.reader()).ask(QUESTION)
        after = await counted(live)
    assert after["booklight_turn_failures_total model_unreachable"] == 1


async def test_an_answer_that_breaks_off_failed(tmp_path: Path) -> None:
    with serve_scripted_model() as server:
        async with answered_by(server, tmp_path) as live:
            server.script("incomplete")
            await (await live.reader()).ask(QUESTION)
            after = await counted(live)
    assert after["booklight_turns_total failed"] == 1
    assert after["booklight_turn_failures_total cut_short"] == 1
    assert "booklight_fallbacks_total model_down" not in after


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [({"turns_per_day_per_reader": 0}, "reader_budget"), ({"turns_per_day": 0}, "everybody_budget")],
)
async def test_a_spent_budget_is_counted_and_costs_no_tokens(
    bounds: dict[str, int], reason: str, tmp_path: Path
) -> None:
    with serve_scripted_model() as server:
        async with answered_by(server, tmp_path, **bounds) as live:
            await (await live.reader()).ask(QUESTION)
            after = await counted(live)
    assert after[f"booklight_fallbacks_total {reason}"] == 1
    assert after["booklight_tokens_total out"] == 0


async def test_a_stopped_turn_and_the_stream_that_is_open_meanwhile_are_counted(tmp_path: Path) -> None:
    async with live_sidecar(PacedModel(HELD), f"sqlite:///{tmp_path}/booklight.db") as live:
        reader = await live.reader()
        async with reader.stream(question_request(QUESTION)) as events:
            await events.until(is_dance)
            during = await counted(live)
            await reader.send(action_request("booklight.stop", thread_of(events.seen)))
            await events.rest()
        after = await counted(live)
    assert during["booklight_open_streams"] == 1
    assert (after["booklight_open_streams"], after["booklight_turns_total stopped"]) == (0, 1)
    # A model that was asked and did not search says nothing of what the book has.
    assert "booklight_answers_total true" not in after


async def test_a_database_that_goes_in_mid_turn_is_the_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise StoreUnavailable("gone")

    model = PacedModel(HELD)
    async with live_sidecar(model, f"sqlite:///{tmp_path}/booklight.db") as live:
        async with (await live.reader()).stream(question_request(QUESTION)) as events:
            await events.until(is_dance)
            monkeypatch.setattr(SqlStore, "add_thread_item", fail)
            model.go_on.set()
            await events.rest()
        after = await counted(live)
    assert after["booklight_turn_failures_total database"] == 1


async def test_refusals_are_counted_by_what_their_clients_saw(tmp_path: Path) -> None:
    async with live_sidecar(PacedModel(["Yes."]), f"sqlite:///{tmp_path}/b.db", turns_per_minute=1) as live:
        reader = await live.reader()
        unknown = {"type": "items.list", "params": {"thread_id": "thr_no"}}
        for body in ({"query": "One?"}, {"query": "Two?"}, {"query": ""}, unknown):
            await reader.send(body)
        await live.http.post("/assistant/chatkit", json={"query": "?"}, headers={"Authorization": "Bearer no"})
        after = await counted(live)
    codes = ("too_many_requests", "invalid", "not_found", "unauthorized")
    assert [after[f"booklight_errors_total {code}"] for code in codes] == [1, 1, 1, 1]
    assert after["booklight_limited_total reader"] == 1


def test_the_handbook_names_every_metric() -> None:
    chapter = (ROOT / "book/docs/05-operating/10-logs-metrics-traces.mdx").read_text()
    named = {name.removesuffix("_total") for name in re.findall(r"^\| `(booklight_\w+)", chapter, re.M)}
    told = {family.name for family in text_string_to_metric_families(Metrics().render().decode())}
    assert named == {name for name in told if not name.endswith("_created")}
