"""What if the model fails? A model over HTTP that is told how to fail, asked as any provider is."""

from collections.abc import AsyncIterator
from itertools import repeat

import pytest

from backend.tests.faults.witness import Witness
from backend.tests.live import Json, Reader, live_sidecar, question_request, thread_of
from backend.tests.scripted_model import Failure, ScriptedModel
from booklight.llm.models import connect_model
from booklight.settings import Settings

QUESTION = "What is a waggle dance?"
SILENCE = 0.3
"""How long the model may be silent in these tests, in seconds; a minute elsewhere."""


@pytest.fixture
async def reader(model: ScriptedModel, sqlite_url: str) -> AsyncIterator[Reader]:
    """A reader of a sidecar that asks the model."""
    settings = Settings(
        _env_file=None, model="openai:scripted", model_base_url=model.base_url, model_silence_seconds=SILENCE
    )
    async with live_sidecar(connect_model(settings), sqlite_url) as live:
        yield await live.reader()


async def note(witness: Witness, reader: Reader) -> list[Json]:
    """Ask, note what is seen and kept, and see that the next question is answered by the model."""
    events = await reader.ask(QUESTION)
    witness.sees(events)
    witness.keeps(await reader.items(thread_of(events)))
    following = await reader.ask("And the smoker?", thread_of(events))
    assert "In short:" in str(following)
    return events


@pytest.mark.fault("The model does not answer in time, however often it is asked")
async def test_a_model_that_hangs_is_stood_in_for(witness: Witness, model: ScriptedModel, reader: Reader) -> None:
    model.script("hang", "hang", "hang")
    assert "figure of eight" in str(await note(witness, reader))


@pytest.mark.fault("The model refuses with 429, too many requests")
async def test_a_model_that_is_overrun_is_stood_in_for(witness: Witness, model: ScriptedModel, reader: Reader) -> None:
    model.script("429", "429", "429")
    assert "figure of eight" in str(await note(witness, reader))


@pytest.mark.fault("The model fails with 500")
async def test_a_model_that_fails_is_stood_in_for(witness: Witness, model: ScriptedModel, reader: Reader) -> None:
    model.script("500", "500", "500")
    assert "figure of eight" in str(await note(witness, reader))


@pytest.mark.fault("The model fails, and answers when it is asked again")
async def test_a_passing_failure_is_not_noticed(witness: Witness, model: ScriptedModel, reader: Reader) -> None:
    model.script("429", "500")
    assert "In short:" in str(await note(witness, reader))
    assert len(model.requests) == 4


@pytest.mark.fault("The model is cut off in mid-answer")
async def test_what_was_said_before_a_cut_is_kept(witness: Witness, model: ScriptedModel, reader: Reader) -> None:
    model.script("drop")
    async with reader.stream(question_request(QUESTION)) as stream:
        await stream.until(lambda event: "In" in str(event.get("update", {}).get("delta", "")))
        model.go_on.set()
        events = await stream.rest()
    assert [event["type"] for event in events][-2:] == ["thread.item.done", "error"]
    witness.sees(events)
    witness.keeps(await reader.items(thread_of(events)))


@pytest.mark.fault("The model falls silent in mid-answer")
async def test_what_was_said_before_a_silence_is_kept(witness: Witness, model: ScriptedModel, reader: Reader) -> None:
    model.script("stall")
    events = await note(witness, reader)
    assert [event["type"] for event in events][-2:] == ["thread.item.done", "error"]


@pytest.mark.fault("The model calls the search with nonsense")
async def test_nonsense_is_explained_to_the_model(witness: Witness, model: ScriptedModel, reader: Reader) -> None:
    model.script("nonsense", "nonsense")
    assert "In short:" in str(await note(witness, reader))


@pytest.mark.fault("The model searches again and again")
@pytest.mark.parametrize("failure", ["loop", "nonsense"])
async def test_a_loop_ends(witness: Witness, model: ScriptedModel, reader: Reader, failure: Failure) -> None:
    model.failures.extend(repeat(failure, 6))
    await note(witness, reader)
    assert len(model.requests) == 7


@pytest.mark.fault("The model cites a passage that it was never given")
async def test_an_invented_citation_is_no_link(witness: Witness, model: ScriptedModel, reader: Reader) -> None:
    model.script("invented")
    events = await note(witness, reader)
    assert events[-1]["type"] == "client_effect" or "Not from the book" in str(events)
