"""What several workers share: their metrics, and by Redis the limits of readers."""

import os
import signal
import time
from pathlib import Path

import pytest

from backend.tests.live import PATIENCE
from backend.tests.metric_samples import samples
from backend.tests.processes import Sidecar, is_half, sidecar, until
from backend.tests.redis_server import start_redis
from backend.tests.scripted_model import ScriptedModel

QUESTION = "What is a waggle dance?"
TURNS = 6


def counted(running: Sidecar) -> dict[str, float]:
    return samples(running.http.get("/metrics").text)


def test_every_worker_tells_the_metrics_of_all_and_redis_makes_their_limits_one(folder: Path, tmp_path: Path) -> None:
    with start_redis() as redis:
        settings = {
            "database_url": f"sqlite:///{tmp_path}/b.db",
            "redis_url": redis.url,
            "turns_per_minute": str(TURNS),
        }
        with sidecar(folder, settings, workers=2) as running:
            reader = running.session()
            for _ in range(TURNS):
                running.ask(QUESTION, reader)
            refused = [running.send({"query": QUESTION}, reader).status_code for _ in range(TURNS)]
            told = [counted(running) for _ in range(TURNS)]
    assert set(refused) == {429}
    for one in told:
        assert one["booklight_turns_total done"] == TURNS
        assert one["booklight_turn_seconds_count"] == TURNS
        assert one["booklight_limited_total reader"] == TURNS
        assert one["booklight_open_streams"] == 0


def test_the_streams_of_a_worker_that_died_are_open_no_more_and_its_turns_still_count(
    folder: Path, tmp_path: Path, held_model: ScriptedModel
) -> None:
    model = {"model": "openai:held", "model_base_url": held_model.base_url}
    with sidecar(folder, {"database_url": f"sqlite:///{tmp_path}/b.db", **model}, workers=2) as running:
        reader = running.session()
        with running.stream(QUESTION, reader) as events:
            until(events, is_half)
            during = counted(running)
            for worker in running.workers():
                os.kill(worker, signal.SIGKILL)
        # The supervisor may see the one's death before the other's, and looks again in half a second.
        deadline = time.monotonic() + PATIENCE * 6
        while (gone := counted(running))["booklight_open_streams"] and time.monotonic() < deadline:
            running.let_work()
        held_model.go_on.set()
        running.ask(QUESTION, running.session())
        after = counted(running)
    assert during["booklight_open_streams"] == 1
    assert gone["booklight_open_streams"] == after["booklight_open_streams"] == 0
    assert after["booklight_turns_total done"] == 1


def test_an_operator_is_told_that_workers_count_limits_by_themselves(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with sidecar(folder, {"database_url": f"sqlite:///{tmp_path}/b.db"}, workers=2):
        assert "BOOKLIGHT_REDIS_URL" in capfd.readouterr().err
