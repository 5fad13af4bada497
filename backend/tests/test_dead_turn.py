"""How a turn ends whose worker is gone, by what was kept of its events; and a retry that comes to nothing."""

import pytest
from chatkit.types import (
    AssistantMessageItem,
    SearchTask,
    TaskItem,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadStreamEvent,
)

from backend.tests.live import answers, live_sidecar, question_request, thread_of
from backend.tests.paced_model import PacedModel
from backend.tests.samples import sample_question
from backend.tests.test_turns import NOON, message, said
from backend.tests.thread_requests import retry_request
from booklight.api.serialization import event_json
from booklight.chat.dead_turn import INTERRUPTED, UNANSWERED, conclude
from booklight.chat.open_items import end_early
from booklight.store.timestamps import to_utc

FOUND = TaskItem(id="task_1", thread_id="thr_1", created_at=NOON, task=SearchTask(queries=["bees"]))
BEGUN = (ThreadItemDoneEvent(item=sample_question()), ThreadItemDoneEvent(item=FOUND))
SAYING = (*BEGUN, ThreadItemAddedEvent(item=message()), said("Bees "), said("dance"))


def lines(*events: ThreadStreamEvent) -> list[str]:
    return [event_json(event) for event in events]


def in_utc(*items: ThreadItem) -> list[ThreadItem]:
    """Return items as they are read from what was kept."""
    return [item.model_copy(update={"created_at": to_utc(item.created_at)}) for item in items]


def test_what_was_being_said_is_kept_and_marked_as_cut() -> None:
    end = conclude(lines(*SAYING), [FOUND])
    whole = message(text="Bees dance")
    assert list(end.items) == in_utc(whole, end_early(whole))
    assert [INTERRUPTED in event for event in end.events.events] == [False, False, True]
    assert end.events.first > len(SAYING)


def test_an_answer_that_is_stored_whole_is_told_and_no_error() -> None:
    whole = message(text="Bees dance in eights.")
    end = conclude(lines(*SAYING), [FOUND, whole])
    assert (list(end.items), list(end.events.events)) == ([], lines(ThreadItemDoneEvent(item=whole)))


@pytest.mark.parametrize("kept", [(), BEGUN, (*BEGUN, ThreadItemAddedEvent(item=message()), said(" "))])
def test_where_nothing_was_said_there_is_nothing_to_keep(kept: tuple[ThreadStreamEvent, ...]) -> None:
    end = conclude(lines(*kept), [FOUND])
    assert list(end.items) == []
    assert UNANSWERED in end.events.events[-1]


def test_what_was_withheld_comes_with_its_answer_and_not_alone() -> None:
    with_answer, alone = conclude(lines(*SAYING), []), conclude(lines(*BEGUN), [])
    assert [item.id for item in with_answer.items] == ["task_1", "msg_a", "end_msg_a"]
    assert list(alone.items) == []
    assert lines(ThreadItemRemovedEvent(item_id="task_1"))[0] in alone.events.events


def test_an_event_of_another_version_is_left_out() -> None:
    kept = ['{"type":"thread.of.tomorrow"}', *lines(*SAYING), "no JSON"]
    assert [item.id for item in conclude(kept, []).items if isinstance(item, AssistantMessageItem)] == ["msg_a"]


async def test_a_retry_that_fails_leaves_the_answer_that_it_was_to_replace(database_url: str) -> None:
    model = PacedModel(["Yes."], searches=True)
    async with live_sidecar(model, database_url) as live:
        reader = await live.reader()
        before = await reader.ask("Do bees dance?")
        items = await reader.items(thread_of(before))
        model.pieces, model.failure = [" "], ArithmeticError()
        retried = retry_request(thread_of(before), items[0]["id"])
        failed = (await reader.send(retried)).text
        after = await reader.items(thread_of(before))
        model.pieces, model.failure = ["Of course."], None
        await reader.send(retried)
        again = await reader.items(thread_of(before))
        inputs = str(model.inputs[-1])
    assert '"type":"error"' in failed
    assert after == items
    assert answers(again) == ["Of course."]
    assert "Yes." not in inputs


async def test_an_answer_that_is_asked_for_again_is_listed_no_more_and_there_until_the_new_one_has_begun(
    database_url: str,
) -> None:
    model = PacedModel(["Yes."])
    async with live_sidecar(model, database_url) as live:
        reader = await live.reader()
        thread_id = thread_of(await reader.ask("Do bees dance?"))
        items = await reader.items(thread_id)
        model.pieces = ["<hold>", "Of ", "course."]
        async with reader.stream(retry_request(thread_id, items[0]["id"])) as events:
            await model.holding.wait()
            during = await reader.items(thread_id)
            busy = await reader.send(question_request("And?", thread_id))
            model.go_on.set()
            await events.rest()
        after = await reader.items(thread_id)
    assert during == items[:1]
    assert busy.status_code == 409
    assert answers(after) == ["Of course."]
