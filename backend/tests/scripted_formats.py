"""The streaming formats of Responses and of Chat Completions, as the APIs send them."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

Json = dict[str, Any]

_WORDS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True)
class Step:
    """What the model does next: call the tool with `arguments`, or say `text`, with `annotations` of its own.

    `cut` says that the text would have been longer than it may be. `finish` is how a completion says that it ended.
    """

    text: str = ""
    arguments: str | None = None
    annotations: tuple[Json, ...] = ()
    cut: bool = False
    finish: str | None = "stop"
    id: str = field(default_factory=lambda: uuid4().hex)


def stream_response(step: Step, body: Json) -> Iterator[Json]:
    """Yield the events of the Responses format."""
    number = itertools.count()
    response: Json = {
        "id": f"resp_{step.id}",
        "object": "response",
        "created_at": 1,
        "model": body["model"],
        "output": [],
        "status": "in_progress",
        "parallel_tool_calls": False,
        "tool_choice": "auto",
        "tools": [],
    }
    yield {"type": "response.created", "sequence_number": next(number), "response": response}
    item: Json = {}
    for event in _response_item(step):
        item = event.get("item", item)
        yield event | {"sequence_number": next(number)}
    usage = {
        "input_tokens": 1,
        "output_tokens": 1,
        "total_tokens": 2,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    if step.finish is None:
        return
    reason = "max_output_tokens" if step.cut or step.finish == "length" else "content_filter"
    status = "completed" if step.finish == "stop" and not step.cut else "incomplete"
    done = response | {"status": status, "output": [item], "usage": usage}
    if status == "incomplete":
        done |= {"incomplete_details": {"reason": reason}}
    yield {"type": f"response.{status}", "sequence_number": next(number), "response": done}


def _response_item(step: Step) -> Iterator[Json]:
    if step.arguments is not None:
        call: Json = {"id": f"fc_{step.id}", "type": "function_call", "call_id": f"call_{step.id}"}
        call |= {"name": "search_book_content", "arguments": "", "status": "in_progress"}
        yield {"type": "response.output_item.added", "output_index": 0, "item": call}
        done = call | {"arguments": step.arguments, "status": "completed"}
        yield {"type": "response.output_item.done", "output_index": 0, "item": done}
        return
    place: Json = {"item_id": f"msg_{step.id}", "output_index": 0, "content_index": 0}
    message: Json = {
        "id": place["item_id"],
        "type": "message",
        "role": "assistant",
        "status": "in_progress",
        "content": [],
    }
    part: Json = {"type": "output_text", "text": "", "annotations": []}
    yield {"type": "response.output_item.added", "output_index": 0, "item": message}
    yield {"type": "response.content_part.added", "part": part} | place
    for word in _WORDS.findall(step.text):
        yield {"type": "response.output_text.delta", "delta": word, "logprobs": []} | place
    for number, annotation in enumerate(step.annotations):
        added = {"type": "response.output_text.annotation.added", "annotation": annotation, "annotation_index": number}
        yield added | place
    whole = part | {"text": step.text, "annotations": list(step.annotations)}
    yield {"type": "response.output_text.done", "text": step.text, "logprobs": []} | place
    yield {"type": "response.content_part.done", "part": whole} | place
    done = message | {"status": "completed", "content": [whole]}
    yield {"type": "response.output_item.done", "output_index": 0, "item": done}


def stream_completion(step: Step, body: Json) -> Iterator[Json]:
    """Yield the chunks of the Chat Completions format."""
    for delta, finish in _completion_deltas(step):
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        yield {
            "id": f"chatcmpl-{step.id}",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": body["model"],
            "choices": [choice],
        }
    if body.get("stream_options", {}).get("include_usage"):
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        yield {
            "id": f"chatcmpl-{step.id}",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": body["model"],
            "choices": [],
            "usage": usage,
        }


def _completion_deltas(step: Step) -> Iterator[tuple[Json, str | None]]:
    yield {"role": "assistant", "content": ""}, None
    if step.arguments is not None:
        function = {"name": "search_book_content", "arguments": step.arguments}
        yield {"tool_calls": [{"index": 0, "id": f"call_{step.id}", "type": "function", "function": function}]}, None
        yield {}, "tool_calls"
        return
    for word in _WORDS.findall(step.text):
        yield {"content": word}, None
    if step.finish is not None or step.cut:
        yield {}, "length" if step.cut else step.finish
