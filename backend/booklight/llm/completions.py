"""Chat Completions as servers send them: what each chunk says, in order.

Ids and indexes may be missing or all alike, arguments may be objects, contents lists, and one whole completion may come
where a stream was asked for.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from booklight.llm.pieces import Call, Ended, Ending, Json, Piece, Refusal, Text, Thought, Used, count_of, text_of

_ENDINGS: dict[str, Ending] = {"length": "length", "max_tokens": "length", "content_filter": "content_filter"}


@dataclass
class _OpenCall:
    """A call that is still being written."""

    index: object
    id: str = ""
    name: str = ""
    arguments: str = ""
    provider_data: Json = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether the arguments are all there."""
        try:
            json.loads(self.arguments)
        except ValueError:
            return False
        return True


class CompletionReader:
    """Reads the chunks of one completion."""

    def __init__(self) -> None:
        self._calls: list[_OpenCall] = []
        self._ending: Ending = "unfinished"

    def read(self, chunk: Json) -> Iterator[Piece]:
        """Yield what a chunk says; calls are told at the end."""
        usage = chunk.get("usage")
        if isinstance(usage, dict):
            yield Used(count_of(usage, "prompt_tokens"), count_of(usage, "completion_tokens"))
        for choice in chunk.get("choices") or ():
            if isinstance(choice, dict) and not choice.get("index"):
                yield from self._read_choice(choice)

    def finish(self) -> Iterator[Piece]:
        """Yield the calls, and how it ended."""
        for call in self._calls:
            yield Call(call.name, call.arguments, call.id, call.provider_data)
        yield Ended("stop" if self._calls and self._ending == "unfinished" else self._ending)

    def _read_choice(self, choice: Json) -> Iterator[Piece]:
        delta = choice.get("delta") or choice.get("message") or {}
        if any(value for key, value in delta.items() if key.startswith(("reasoning", "thinking"))):
            yield Thought()
        if text := text_of(delta.get("content")):
            yield Text(text)
        if refusal := text_of(delta.get("refusal")):
            yield Refusal(refusal)
        for call in _calls_of(delta):
            self._read_call(call)
        finish = choice.get("finish_reason")
        if isinstance(finish, str):
            self._ending = _ENDINGS.get(finish, "stop")

    def _read_call(self, piece: Json) -> None:
        function = piece.get("function")
        function = function if isinstance(function, dict) else piece
        name, call_id = text_of(function.get("name")), text_of(piece.get("id"))
        call = self._call_for(piece.get("index"), name, call_id)
        call.id, call.name = call.id or call_id, call.name or name
        arguments = function.get("arguments")
        if arguments is not None:
            call.arguments += arguments if isinstance(arguments, str) else json.dumps(arguments)
        call.provider_data |= _provider_data(piece)

    def _call_for(self, index: object, name: str, call_id: str) -> _OpenCall:
        """Return the call that a piece belongs to: another id, or another name after a whole call, begins a new one."""
        same = [call for call in self._calls if call.index == index]
        if same:
            open_call = same[-1]
            other_id = bool(call_id and open_call.id and call_id != open_call.id)
            if not other_id and not (name and open_call.name and open_call.whole):
                return open_call
        self._calls.append(_OpenCall(index))
        return self._calls[-1]


def _calls_of(delta: Json) -> Iterable[Json]:
    calls = delta.get("tool_calls") or delta.get("function_call") or ()
    return [call for call in ([calls] if isinstance(calls, dict) else calls) if isinstance(call, dict)]


def _provider_data(piece: Json) -> Json:
    """Return the signature of a thought that Google's models want back with the call."""
    match piece:
        case {"extra_content": {"google": {"thought_signature": str(signature)}}}:
            return {"thought_signature": signature}
        case {"provider_specific_fields": {"thought_signature": str(signature)}}:
            return {"thought_signature": signature}
    return {}
