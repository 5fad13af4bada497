"""A worker that is killed in mid-answer while a reader follows the answer on another one."""

from pathlib import Path

from backend.tests.live import action_request, answers, is_dance, thread_of
from backend.tests.processes import sidecar, until
from backend.tests.scripted_model import HALF, ScriptedModel
from booklight.chat.dead_turn import INTERRUPTED

SHORT_LEASES = """
from booklight import timing
timing.LEASE_SECONDS, timing.STORE_SECONDS, timing.RENEW_SECONDS = 1.0, 0.5, 0.2
"""


def test_a_reader_of_a_worker_that_is_killed_is_shown_what_was_noted(
    database_url: str, folder: Path, held_model: ScriptedModel
) -> None:
    settings = {"database_url": database_url, "model": "openai:held", "model_base_url": held_model.base_url}
    with (
        sidecar(folder, settings, setup=SHORT_LEASES) as first,
        sidecar(folder, settings, setup=SHORT_LEASES) as second,
    ):
        reader = first.session()
        with first.stream("How do bees dance?", reader) as events:
            thread_id = thread_of(until(events, is_dance))
        resume = action_request("booklight.resume", thread_id)
        with second.read(resume, reader) as events:
            seen = until(events, lambda event: event["type"] == "thread.item.added")
            first.process.kill()
            seen += list(events)
        items = second.items(thread_id, reader)
        held_model.go_on.set()
        following = second.ask("And now?", reader, thread_id)
        again = second.send(resume, reader)
    assert (seen[-1]["type"], seen[-1]["message"]) == ("error", INTERRUPTED)
    assert answers(items) == [HALF.strip()]
    assert [event["item"] for event in seen if event["type"] == "thread.item.done"] == items
    assert "thread.item.done" in [event["type"] for event in following]
    assert again.status_code == 404
