"""Items that only an integrator's code makes: forms, client tools and hidden context, over real HTTP."""

from pathlib import Path
from typing import Any

import pytest
from chatkit.types import ClientToolCallItem, HiddenContextItem, StructuredInputItem, ThreadItem

from backend.tests.live import Json, Live, Reader, live_sidecar, native_events, thread_of
from backend.tests.paced_model import PacedModel
from backend.tests.samples import NOON
from booklight.context import RequestContext

FORM = [
    {"type": "freeform", "id": "place", "question": "Which hive?"},
    {"type": "multiple_choice", "id": "when", "question": "When?", "options": [{"value": "May"}, {"value": "June"}]},
]


async def begin(live: Live, *items: ThreadItem) -> tuple[Reader, str]:
    """Begin a thread and add items to it, as an integrator's code would."""
    reader = await live.reader()
    events = await reader.ask("How?")
    thread_id = thread_of(events)
    context = RequestContext(owner=await live.owner_of(thread_id))
    for item in items:
        placed = item.model_copy(update={"thread_id": thread_id})
        await live.store.add_thread_item(thread_id, placed, context)
    return reader, thread_id


def form() -> StructuredInputItem:
    fields: dict[str, Any] = {"id": "form_1", "thread_id": "", "created_at": NOON, "inputs": FORM}
    return StructuredInputItem.model_validate(fields)


def tool_call() -> ClientToolCallItem:
    return ClientToolCallItem(
        id="tool_1", thread_id="", created_at=NOON, call_id="call_1", name="where", arguments={"deep": True}
    )


def hidden(number: int) -> HiddenContextItem:
    return HiddenContextItem(id=f"hidden_{number}", thread_id="", created_at=NOON, content=f"The reader saw {number}.")


def form_request(thread_id: str, answers: Json) -> Json:
    params = {"thread_id": thread_id, "item_id": "form_1", "input": {"status": "answered", "answers": answers}}
    return {"type": "threads.add_structured_input", "params": params}


async def test_a_form_is_filled_in_once_and_answered(database_url: str) -> None:
    model = PacedModel(["Thank you."])
    async with live_sidecar(model, database_url) as live:
        reader, thread_id = await begin(live, form())
        answers = {"place": {"values": ["The blue one"]}, "when": {"values": ["May", "June"]}, "unknown": {}}
        sent = await reader.send(form_request(thread_id, answers))
        again = await reader.send(form_request(thread_id, answers))
        items = await reader.items(thread_id)
    events = native_events(sent.text)
    assert [event["type"] for event in events[:2]] == ["stream_options", "thread.item.replaced"]
    assert items[2] == events[1]["item"]
    assert items[2]["status"] == "answered"
    assert [asked["answer"]["values"] for asked in items[2]["inputs"]] == [["The blue one"], ["May"]]
    assert "Which hive?: The blue one" in str(model.inputs[-1])
    assert items[-1]["content"][0]["text"] == "Thank you."
    assert (sent.status_code, again.status_code) == (200, 422)


@pytest.mark.parametrize("answers", [{"place": {"values": ["x" * 8_001]}}, {"place": {"values": [["x"]]}}])
async def test_a_form_filled_in_badly_is_still_open(answers: Json, tmp_path: Path) -> None:
    async with live_sidecar(PacedModel(["Yes."]), f"sqlite:///{tmp_path}/booklight.db") as live:
        reader, thread_id = await begin(live, form())
        refused = await reader.send(form_request(thread_id, answers))
        items = await reader.items(thread_id)
    assert refused.status_code == 422
    assert "answers" in refused.json()["error"]["message"]
    assert items[-1]["status"] == "pending"


async def test_a_clients_tool_reports_once_and_the_answer_goes_on(database_url: str) -> None:
    model = PacedModel(["There."])
    async with live_sidecar(model, database_url) as live:
        reader, thread_id = await begin(live, tool_call())
        report = {"thread_id": thread_id, "result": {"page": "/book/docs/dances"}}
        sent = await reader.send({"type": "threads.add_client_tool_output", "params": report})
        again = await reader.send({"type": "threads.add_client_tool_output", "params": report})
        items = await reader.items(thread_id)
    assert native_events(sent.text)[-1]["item"]["content"][0]["text"] == "There."
    assert (items[2]["status"], items[2]["output"]) == ("completed", report["result"])
    assert "/book/docs/dances" in str(model.inputs[-1])
    assert again.status_code == 422


async def test_hidden_context_reaches_the_model_and_no_client(database_url: str) -> None:
    model = PacedModel(["Yes."])
    async with live_sidecar(model, database_url) as live:
        reader, thread_id = await begin(live, *map(hidden, range(30)))
        events = await reader.ask("And?", thread_id)
        thread = (await reader.send({"type": "threads.get_by_id", "params": {"thread_id": thread_id}})).json()
        request: Json = {"type": "items.list", "params": {"thread_id": thread_id, "order": "asc", "limit": 3}}
        page = (await reader.send(request)).json()
        request["params"] |= {"after": page["after"]}
        last = (await reader.send(request)).json()
    assert "The reader saw 29." in str(model.inputs[-1])
    assert "The reader saw" not in str([events, thread, page, last])
    assert len(thread["items"]["data"]) == 4
    assert (len(page["data"]), page["has_more"]) == (3, True)
    assert (len(last["data"]), last["has_more"]) == (1, False)


async def test_feedback_is_kept_with_its_reason(database_url: str) -> None:
    async with live_sidecar(PacedModel(["Yes."]), database_url) as live:
        reader = await live.reader()
        events = await reader.ask("Do they?")
        params = {"thread_id": thread_of(events), "item_ids": [events[-1]["item"]["id"]], "kind": "negative"}
        request = {"type": "items.feedback", "params": params, "metadata": {"reason": "It says nothing of drones."}}
        kept = await reader.send(request)
        nothing = await reader.send(request | {"params": params | {"item_ids": []}})
        (said,) = await live.feedback()
    assert (kept.status_code, nothing.status_code) == (200, 422)
    assert said == ("negative", "It says nothing of drones.")
