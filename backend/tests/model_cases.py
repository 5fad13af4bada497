"""What servers and their models have been seen to send, by name: each case is played once, in both wire formats.

The numbers are those of the table in `test_model_cases`. A case is an answer; a refusal is an error that meets every
request which has what a server does not take.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response

from backend.tests.scripted_formats import Json, Step

Stream = Callable[[Step, Json], Iterator[Json]]

SAID = "Light the smoker before you open a hive."
GOOD = "Light the smoker before you open a hive [^1]."
INVENTED = "A yearly subscription costs $20."
INSTRUCTED = (
    "The latest message begins with the passages that a search found, each between tags with its label, and ends with "
    "the question."
)
"""A sentence of the instructions, as a small model was seen to repeat it ahead of its answer."""
QUERIES = '{"queries": ["smoker"]}'
SEARCH = "search_book_content"
CALL_TEXT = json.dumps({"name": SEARCH, "arguments": {"queries": ["smoker"]}})


@dataclass(frozen=True)
class Case:
    """What comes: `text`, with tool `calls` behind it, as a completion's pieces have them, and how it ends.

    `thinks`: the model thinks first, in a field of its own. `error` comes in mid-stream, behind the text. `whole` is
    one JSON in place of a stream, `parts` are contents in a list, and `bare` events lack all that can be lacked. `raw`
    is sent as it is, in place of events.
    """

    text: str = ""
    calls: tuple[Json, ...] = ()
    finish: str | None = "stop"
    refusal: str | None = None
    error: Json | None = None
    html: bool = False
    whole: bool = False
    bare: bool = False
    parts: bool = False
    thinks: bool = False
    raw: bytes = b""


def call(arguments: object = QUERIES, name: str = SEARCH, **known: Any) -> Json:
    """Return a tool call as a completion's piece has it."""
    return known | {"type": "function", "function": {"name": name, "arguments": arguments}}


CASES: dict[str, Case] = {
    "uncited": Case(INVENTED),
    "invented-label": Case(f"{INVENTED}[^1]"),
    "by-words": Case("Light the smoker before you open a hive, because smoke hides the alarm scent."),
    "lost-not": Case("Always leave a lit smoker in the grass."),
    "declines": Case("The book does not cover this."),
    "thanks": Case("You are welcome!"),
    "think": Case(f"<think>The user wants X.</think>\n\n{GOOD}"),
    "think-end": Case(f"The user wants X.</think>\n\n{GOOD}"),
    "think-field": Case(GOOD, thinks=True),
    "channels": Case(
        "<|channel|>analysis<|message|>The user wants X.<|end|><|start|>assistant<|channel|>final<|message|>"
        f"{GOOD}<|return|>"
    ),
    "call-as-json": Case(CALL_TEXT),
    "call-in-fence": Case(f"```json\n{CALL_TEXT}\n```"),
    "call-in-tag": Case(f"<tool_call>\n{CALL_TEXT}\n</tool_call>"),
    "call-as-python": Case(f'[{SEARCH}(queries=["smoker"])]'),
    "call-in-channel": Case(
        f"<|channel|>commentary to=functions.{SEARCH} <|constrain|>json<|message|>{QUERIES}<|call|>"
    ),
    "template": Case(f"{GOOD}<|im_end|>\n<|im_start|>user\nWhat else? " + "More of it. " * 40),
    "announced": Case("Let me search.", (call(index=0, id="c1"),)),
    "null-id": Case(calls=(call(index=0, id=None),)),
    "empty-id": Case(calls=(call(index=0, id=""),)),
    "no-id": Case(calls=(call(index=0),)),
    "same-index": Case(calls=(call(index=0, id="c1"), call('{"queries": ["queen"]}', index=0, id="c2"))),
    "no-index": Case(calls=(call(id="c1"), call('{"queries": ["queen"]}', id="c2"))),
    "object-arguments": Case(calls=(call({"queries": ["smoker"]}, index=0, id="c1"),)),
    "null-arguments": Case(calls=(call(None, index=0, id="c1"),)),
    "empty-arguments": Case(calls=(call("{}", index=0, id="c1"),)),
    "fenced-arguments": Case(calls=(call(f"{QUERIES}\n```", index=0, id="c1"),)),
    "one-string": Case(calls=(call('{"queries": "smoker"}', index=0, id="c1"),)),
    "query": Case(calls=(call('{"query": "smoker", "search_scope": null}', index=0, id="c1"),)),
    "odd-scope": Case(
        calls=(call('{"queries": ["smoker"], "search_scope": "book", "current_chapter": "Start"}', index=0, id="c1"),)
    ),
    "four-queries": Case(calls=(call('{"queries": ["smoker", "b", "c", "d"]}', index=0, id="c1"),)),
    "other-name": Case(calls=(call(name="search", index=0, id="c1"),)),
    "length": Case(f"{GOOD} Then pump until the", finish="length"),
    "length-in-mark": Case(f"{GOOD} Then pump.[^", finish="length"),
    "filter": Case(f"{GOOD} Then pump", finish="content_filter"),
    "no-finish": Case(f"{GOOD} Then pump", finish=None),
    "empty": Case(),
    "blank": Case(" \n "),
    "only-thinks": Case(thinks=True, finish="length"),
    "refusal": Case(refusal="I cannot help with that."),
    "html": Case(html=True),
    "whole": Case(GOOD, whole=True),
    "error-first": Case(error={"message": "overloaded by Ada", "code": "overloaded", "type": "server_error"}),
    "error-later": Case(f"{GOOD} Then", error={"message": "overloaded", "code": "overloaded", "type": "server_error"}),
    "parts": Case(GOOD, parts=True),
    "bare": Case(GOOD, bare=True),
    "repetition": Case(f"{GOOD}\n" + "Pump the smoker until the smoke is cool and white.\n" * 60),
    "echo": Case(f'<passage label="[^1]" where="Hives">\nLight it.\n</passage>\n\n{GOOD}'),
    "odd-shapes": Case(raw=b'data: {"choices": 5, "type": "response.completed", "response": [5]}\n\n'),
    "odd-parts": Case(
        raw=b'data: {"choices": [{"delta": "Hi"}], "type": "response.done", "response": {"output": 5}}\n\n'
    ),
    "not-json": Case(raw=b"data: {oops\n\n"),
    "not-utf8": Case(raw=b'data: {"choices": "\xff"}\n\n'),
    "deep": Case(raw=b"data: " + b"[" * 100_000 + b"\n\n"),
    "instructions-echo": Case(f"{INSTRUCTED}\n\n{GOOD}"),
    "only-echo": Case(f"- {INSTRUCTED}"),
    "page-echo": Case(f"<page>\npath: /x\n</page>\n{GOOD}"),
}


def _has_tools(body: Json) -> bool:
    return bool(body.get("tools"))


def _strict(body: Json) -> bool:
    return any("strict" in json.dumps(tool) for tool in body.get("tools") or ())


REFUSALS: dict[str, Callable[[Json], Json | None]] = {
    "max-tokens": lambda body: (
        {
            "message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
            "'max_completion_tokens' instead.",
            "type": "invalid_request_error",
            "param": "max_tokens",
            "code": "unsupported_parameter",
        }
        if "max_tokens" in body
        else None
    ),
    "no-tools": lambda body: {"message": "m does not support tools", "type": "api_error"} if _has_tools(body) else None,
    "tool-flag": lambda body: (
        {"message": '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'}
        if _has_tools(body)
        else None
    ),
    "strict": lambda body: {"message": "Unknown field: strict"} if _strict(body) else None,
    "stream-options": lambda body: (
        {"message": "stream_options: Extra inputs are not permitted"} if "stream_options" in body else None
    ),
    "temperature": lambda body: (
        {"message": "Unsupported value: 'temperature'", "param": "temperature"} if "temperature" in body else None
    ),
    "small": lambda body: {
        "message": "This model's maximum context length is 512 tokens.",
        "code": "context_length_exceeded",
    },
    "context": lambda body: (
        {
            "code": 400,
            "message": "the request exceeds the available context size, try increasing it",
            "type": "exceed_context_size_error",
            "n_ctx": 2_000,
        }
        if len(json.dumps(body.get("input") or body.get("messages"))) > 5_600
        else None
    ),
}


def stream_case(name: str, stream: Stream, body: Json) -> Response:
    """Return what comes in the case, in the wire format that `stream` makes."""
    case = CASES[name]
    completions = "messages" in body
    if case.html:
        return Response("<!doctype html><title>Welcome</title>", media_type="text/html")
    if case.whole:
        return JSONResponse(_whole(case, completions))
    if case.raw:
        return Response(case.raw, media_type="text/event-stream")
    events = [*(_completion(case, stream, body) if completions else _response(case, stream, body))]
    frames = [f"data: {json.dumps(event)}\n\n" for event in events]
    return Response("".join([*frames, "data: [DONE]\n\n"]), media_type="text/event-stream")


def _whole(case: Case, completions: bool) -> Json:
    if completions:
        said = {"role": "assistant", "content": case.text}
        return {"object": "chat.completion", "choices": [{"index": 0, "message": said, "finish_reason": "stop"}]}
    message: Json = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": case.text}]}
    return {"object": "response", "status": "completed", "output": [message]}


def _completion(case: Case, stream: Stream, body: Json) -> Iterator[Json]:
    def chunk(delta: Json, finish: str | None = None) -> Json:
        return {"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    if case.thinks:
        yield chunk({"reasoning_content": "The user wants X."})
    if case.refusal:
        yield chunk({"refusal": case.refusal})
    for event in stream(Step(text=case.text, finish=None), body):
        delta = event["choices"][0]["delta"] if event["choices"] else {}
        if case.parts and delta.get("content"):
            event["choices"][0]["delta"] = {"content": [{"type": "text", "text": delta["content"]}]}
        yield event
    if case.error is not None:
        yield {"error": case.error}
    for one in case.calls:
        yield chunk({"tool_calls": [one]})
    if case.finish is not None:
        yield chunk({}, "tool_calls" if case.calls else case.finish)


def _response(case: Case, stream: Stream, body: Json) -> Iterator[Json]:
    yield {"type": "response.created", "response": {"id": "r", "status": "in_progress", "output": []}}
    if case.thinks:
        yield {"type": "response.reasoning_text.delta", "delta": "The user wants X."}
    if case.refusal:
        yield {"type": "response.refusal.delta", "delta": case.refusal}
    for event in stream(Step(text=case.text), body):
        if case.text and event["type"] not in ("response.created", "response.completed"):
            yield _bare(event) if case.bare else event
    if case.error is not None:
        yield case.error | {"type": "error"}
    for number, one in enumerate(case.calls):
        item = {"type": "function_call", "id": f"fc{number}"} | one["function"]
        if one.get("id") is not None:
            item["call_id"] = one["id"]
        yield {"type": "response.output_item.done", "item": item}
    if case.finish is not None:
        incomplete = {"length": "max_output_tokens"}.get(case.finish, case.finish)
        details = {} if case.finish == "stop" else {"incomplete_details": {"reason": incomplete}}
        status = "incomplete" if details else "completed"
        yield {"type": f"response.{status}", "response": {"id": "r", "status": status, "output": []} | details}


def _bare(event: Json) -> Json:
    """Return an event as llama.cpp sends it: without annotations, indexes and numbers."""
    left_out = {"annotations", "content_index", "output_index", "sequence_number", "logprobs"}
    return {
        name: _bare(value) if isinstance(value, dict) else value
        for name, value in event.items()
        if name not in left_out
    }
