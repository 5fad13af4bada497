"""The Responses format as servers send it: what each event says, in order.

Parts may lack annotations and indexes, texts may come only with their item's end, and one whole response may come where
a stream was asked for.
"""

import json
from collections.abc import Iterator

from booklight.llm.failures import ServerFailed
from booklight.llm.pieces import (
    Call,
    Ended,
    Ending,
    Json,
    Kept,
    Piece,
    Refusal,
    Text,
    Thought,
    Used,
    count_of,
    text_of,
)

_ENDINGS: dict[str, Ending] = {"max_output_tokens": "length", "content_filter": "content_filter"}


class ResponseReader:
    """Reads the events of one response. `keeps_thoughts`: this server wants its items of thinking back."""

    def __init__(self, *, keeps_thoughts: bool = False) -> None:
        self._keeps_thoughts = keeps_thoughts
        self._ending: Ending = "unfinished"
        self._said = False
        self._items: set[str] = set()

    def read(self, event: Json) -> Iterator[Piece]:
        """Yield what an event says. Raises ServerFailed where it says so."""
        kind = str(event.get("type") or event.get("object") or "")
        match kind:
            case "response.output_text.delta":
                yield from self._text(text_of(event.get("delta")))
            case "response.refusal.delta":
                yield from self._refusal(text_of(event.get("delta")))
            case "response.output_item.done":
                yield from self._read_item(event.get("item"))
            case "response.completed" | "response.incomplete" | "response.done":
                yield from self._read_whole(event.get("response") or {})
            case "response":
                yield from self._read_whole(event)
            case "response.failed" | "error" | "response.error":
                raise _failure(event)
            case _ if "reasoning" in kind or _is_thinking(event.get("item")):
                yield Thought()

    def finish(self) -> Iterator[Piece]:
        """Yield how it ended."""
        yield Ended(self._ending)

    def _read_whole(self, response: Json) -> Iterator[Piece]:
        for item in response.get("output") or ():
            yield from self._read_item(item)
        usage = response.get("usage")
        if isinstance(usage, dict):
            yield Used(count_of(usage, "input_tokens"), count_of(usage, "output_tokens"))
        reason = (response.get("incomplete_details") or {}).get("reason")
        status = response.get("status")
        self._ending = _ENDINGS.get(reason, "stop") if reason else "length" if status == "incomplete" else "stop"

    def _read_item(self, item: object) -> Iterator[Piece]:
        """Yield what a whole item says, once: it comes by itself, and again with its response."""
        if not isinstance(item, dict):
            return
        key = str(item.get("call_id") or item.get("id") or json.dumps(item, sort_keys=True))
        if key in self._items:
            return
        self._items.add(key)
        match item.get("type"):
            case "function_call":
                arguments = item.get("arguments")
                text = arguments if isinstance(arguments, str) else json.dumps(arguments)
                yield Call(str(item.get("name") or ""), text, str(item.get("call_id") or item.get("id") or ""))
            case "message" if not self._said:
                for part in item.get("content") or ():
                    yield from self._refusal(text_of(part.get("refusal")))
                    yield from self._text(text_of(part.get("text")))
            case "reasoning" if self._keeps_thoughts:
                yield Kept(item)
            case _:
                return

    def _text(self, text: str) -> Iterator[Piece]:
        self._said |= bool(text)
        if text:
            yield Text(text)

    def _refusal(self, text: str) -> Iterator[Piece]:
        self._said |= bool(text)
        if text:
            yield Refusal(text)


def _is_thinking(item: object) -> bool:
    return isinstance(item, dict) and item.get("type") == "reasoning"


def _failure(event: Json) -> ServerFailed:
    """Return the failure that an event tells of, with the server's code, type and parameter."""
    told = event.get("error") or (event.get("response") or {}).get("error") or event
    told = told if isinstance(told, dict) else {}
    return ServerFailed(code=told.get("code"), type=told.get("type"), param=told.get("param"))
