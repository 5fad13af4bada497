"""How much is kept and how much is read: conversations, messages, history, questions, selections and bodies."""

from pathlib import Path
from typing import Any

import pytest

from backend.tests.live import answers, live_sidecar, question_request, thread_of
from backend.tests.paced_model import PacedModel
from booklight.api.bodies import MAX_BODY
from booklight.contracts import MAX_QUESTION, MAX_SELECTION


async def test_a_reader_keeps_so_many_conversations_and_makes_room_by_deleting_one(database_url: str) -> None:
    async with live_sidecar(PacedModel(["Yes."]), database_url, threads_per_reader=2) as live:
        reader, other = await live.reader(), await live.reader()
        first = thread_of(await reader.ask("One?"))
        await reader.ask("Two?")
        refused = await reader.send(question_request("Three?"))
        simple = await reader.send({"query": "Three?"})
        await reader.ask("And?", first)
        await other.ask("One?")
        await reader.send({"type": "threads.delete", "params": {"thread_id": first}})
        await reader.ask("Three?")
    assert (refused.status_code, simple.status_code) == (422, 422)
    assert "delete one" in refused.json()["error"]["message"]


async def test_a_conversation_holds_so_many_messages_and_loses_none(database_url: str) -> None:
    async with live_sidecar(PacedModel(["Yes."]), database_url, messages_per_thread=4) as live:
        reader, other = await live.reader(), await live.reader()
        thread_id = thread_of(await reader.ask("One?"))
        await reader.ask("Two?", thread_id)
        refused = await reader.send(question_request("Three?", thread_id))
        foreign = await other.send(question_request("Three?", thread_id))
        kept = await reader.items(thread_id)
        await reader.ask("Three?")
    assert refused.status_code == 422
    assert "begin a new one" in refused.json()["error"]["message"]
    assert foreign.status_code == 404
    assert answers(kept) == ["Yes.", "Yes."]


@pytest.mark.parametrize(
    ("question", "metadata", "status"),
    [
        ("a" * MAX_QUESTION, {"selected_text": "b" * MAX_SELECTION}, 200),
        ("a" * (MAX_QUESTION + 1), {}, 422),
        ("a", {"selected_text": "b" * (MAX_SELECTION + 1)}, 422),
        ("a", {"selections": [{"text": "b"}] * 11}, 422),
        ("a", {"filler": "c" * MAX_BODY}, 413),
    ],
)
async def test_questions_selections_and_bodies_have_a_longest(
    question: str, metadata: dict[str, Any], status: int, tmp_path: Path
) -> None:
    async with live_sidecar(PacedModel(["Yes."]), f"sqlite:///{tmp_path}/b.db") as live:
        reader = await live.reader()
        assert (await reader.send(question_request(question, **metadata))).status_code == status


async def test_a_model_is_given_no_more_of_a_long_conversation_than_fits(tmp_path: Path) -> None:
    model = PacedModel(["Yes."])
    async with live_sidecar(model, f"sqlite:///{tmp_path}/b.db", turns_per_minute=100) as live:
        reader = await live.reader()
        thread_id = thread_of(await reader.ask("The very first? " + "a" * 7_000))
        for _ in range(4):
            await reader.ask("And then? " + "a" * 7_000, thread_id)
    given = str(model.inputs[-1])
    assert "The very first?" not in given
    assert "And then?" in given
    assert len(given) < 40_000
