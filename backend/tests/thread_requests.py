"""Requests about a thread: one of every type that names one, and one that waits for it to be free."""

import asyncio

from backend.tests.live import PATIENCE, Json, Reader, action_request, native_events, question_request


def requests_about(thread_id: str, item_id: str) -> dict[str, Json]:
    """Return the requests by what they do."""
    thread = {"thread_id": thread_id}
    item = thread | {"item_id": item_id}
    action = action_request("booklight.stop", thread_id)
    return {
        "add_user_message": question_request("And?", thread_id),
        "add_client_tool_output": {"type": "threads.add_client_tool_output", "params": thread | {"result": 1}},
        "add_structured_input": {"type": "threads.add_structured_input", "params": item | {"input": {}}},
        "custom_action stop": action,
        "custom_action resume": action_request("booklight.resume", thread_id),
        "custom_action on an item": {**action, "params": action["params"] | {"item_id": item_id}},
        "delete": {"type": "threads.delete", "params": thread},
        "feedback": {"type": "items.feedback", "params": thread | {"item_ids": [item_id], "kind": "positive"}},
        "get_by_id": {"type": "threads.get_by_id", "params": thread},
        "items.list": {"type": "items.list", "params": thread},
        "retry": retry_request(thread_id, item_id),
        "sync_custom_action": {**action, "type": "threads.sync_custom_action"},
        "update": {"type": "threads.update", "params": thread | {"title": "Mine now"}},
    }


def retry_request(thread_id: str, item_id: str) -> Json:
    """Return the native request that answers a question again."""
    return {"type": "threads.retry_after_item", "params": {"thread_id": thread_id, "item_id": item_id}}


async def ask_when_free(reader: Reader, body: Json) -> list[Json]:
    """Send `body` as often as its thread is busy, and return the events of the answer."""
    async with asyncio.timeout(PATIENCE):
        while (response := await reader.send(body)).status_code == 409:
            continue
    assert response.status_code == 200, response.text
    return native_events(response.text)
