"""A model on a server, in either wire format: whatever it sends, what leaves here is a clean answer in one form.

The Agents SDK builds the requests. What comes back is read by us, since its own reading keeps thinking, template tokens
and calls in the text, loses how an answer ended, and fails on what servers other than OpenAI's leave out.
"""

import json
from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from agents import Model, OpenAIChatCompletionsModel, OpenAIResponsesModel, generation_span
from agents.items import TResponseOutputItem, TResponseStreamEvent
from agents.models.interface import ModelTracing
from openai import AsyncStream
from openai.types.responses import ResponseFunctionToolCall, ResponseReasoningItem, ResponseUsage
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails

from booklight.llm.coalescing import Coalescing
from booklight.llm.completions import CompletionReader
from booklight.llm.echo import EchoFilter
from booklight.llm.events import ResponseEvents, function_call
from booklight.llm.failures import UNREADABLE, NoAnswer, Unreadable
from booklight.llm.model_text import ModelText
from booklight.llm.pieces import Call, Ended, Ending, Json, Kept, Piece, Refusal, Restart, Text, Thought, Used
from booklight.llm.repetition import RepetitionWatch
from booklight.llm.responses import ResponseReader
from booklight.llm.traced_model import Traced

ENDING = "booklight_ending"
"""Under this a response's metadata say how the model ended, or that it refused."""
REFUSED = "refused"
WHOLE = ("stop", REFUSED)
"""How a message ends that is all there."""


Asked = dict[str, Any]
"""What the Agents SDK asks of a model, by the names of its arguments."""


class WireReader(Protocol):
    """Reads what one wire format sends."""

    def read(self, chunk: Json) -> Iterator[Piece]: ...
    def finish(self) -> Iterator[Piece]: ...


@dataclass
class _Said:
    """What has come of one call of the model, besides its text."""

    calls: list[Call] = field(default_factory=list)
    kept: list[TResponseOutputItem] = field(default_factory=list)
    used: Used | None = None
    ending: Ending = "unfinished"
    refused: bool = False
    text: bool = False
    thought: bool = False


class ServedModel(Model):
    """Mixed into a model of the Agents SDK, reads what its server streams."""

    async def stream_response(
        self,
        system_instructions: str | None,
        input: Any,
        model_settings: Any,
        tools: list[Any],
        output_schema: Any,
        handoffs: list[Any],
        tracing: ModelTracing,
        **_: Any,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Stream one call of the model. Raises NoAnswer, Unreadable, ContextExceeded and the client's own errors."""
        asked: Asked = {
            "system_instructions": system_instructions,
            "input": input,
            "model_settings": model_settings,
            "tools": tools,
            "output_schema": output_schema,
            "handoffs": handoffs,
        }
        name = self._name()
        with generation_span(model=name, disabled=tracing.is_disabled()) as span:
            events, said = ResponseEvents(name), _Said()
            try:
                stream = await self._open(asked, span, tracing)
                for event in events.begin():
                    yield event
                async with aclosing(_pieces(stream, self._reader())) as pieces:
                    async for piece in pieces:
                        for event in _take(piece, events, said):
                            yield event
            except UNREADABLE as error:
                raise Unreadable("what the model's server sent could not be read") from error
            for event in _finish(events, said, [tool.name for tool in tools], name):
                yield event

    @abstractmethod
    def _name(self) -> str:
        """Return the model's name."""

    @abstractmethod
    def _reader(self) -> WireReader:
        """Return what reads this wire format."""

    @abstractmethod
    async def _open(self, asked: Asked, span: Any, tracing: ModelTracing) -> AsyncStream[Json]:
        """Send the request, and return the stream that answers it."""


class _ServedResponses(ServedModel, OpenAIResponsesModel):  # type: ignore[misc]  # ours takes what the SDK gives
    def _name(self) -> str:
        return str(self.model)

    def _reader(self) -> WireReader:
        return ResponseReader(keeps_thoughts=self._uses_official_openai_endpoint())

    async def _open(self, asked: Asked, span: Any, tracing: ModelTracing) -> AsyncStream[Json]:
        options = self._build_response_create_kwargs(
            **asked, previous_response_id=None, conversation_id=None, stream=True, prompt=None
        )
        return cast(AsyncStream[Json], await self._get_client().responses.create(**options))


class _ServedCompletions(ServedModel, OpenAIChatCompletionsModel):  # type: ignore[misc]
    def _name(self) -> str:
        return str(self.model)

    def _reader(self) -> WireReader:
        return CompletionReader()

    async def _open(self, asked: Asked, span: Any, tracing: ModelTracing) -> AsyncStream[Json]:
        _, stream = await self._fetch_response(**asked, span=span, tracing=tracing, stream=True)
        return cast(AsyncStream[Json], stream)


class ResponsesModel(Traced, Coalescing, _ServedResponses):
    """A model that is reached through the Responses API."""


class ChatCompletionsModel(Traced, Coalescing, _ServedCompletions):
    """A model that is reached through the Chat Completions API."""


async def _pieces(stream: AsyncStream[Json], reader: WireReader) -> AsyncGenerator[Piece, None]:
    """Yield what a stream says, its text without what is not for readers, up to its end or ours."""
    text, watch = _ReaderText(), RepetitionWatch()
    try:
        async for chunk in await _chunks(stream):
            for piece in reader.read(chunk) if isinstance(chunk, dict) else ():
                if not isinstance(piece, Text):
                    yield piece
                    continue
                for clean in text.read(piece.text):
                    yield clean
                if text.ended:
                    for rest in [*text.finish(), *reader.finish()]:
                        if isinstance(rest, Text | Call):
                            yield rest
                    return
                if watch.repeats(piece.text):
                    yield Ended("repetition")
                    return
        for piece in [*text.finish(), *reader.finish()]:
            yield piece
    finally:
        await stream.close()


class _ReaderText:
    """A model's text as readers get it: what is not for them left out, and what was said to the model as well."""

    def __init__(self) -> None:
        self._text, self._echo = ModelText(), EchoFilter()

    @property
    def ended(self) -> bool:
        """Whether the model has left its turn."""
        return self._text.ended

    def read(self, text: str) -> Iterator[Piece]:
        yield from self._filtered(self._text.read(text))

    def finish(self) -> Iterator[Piece]:
        yield from self._filtered(self._text.finish())
        if rest := self._echo.finish():
            yield Text(rest)

    def _filtered(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            match piece:
                case Text(text):
                    if said := self._echo.read(text):
                        yield Text(said)
                case Restart():
                    self._echo = EchoFilter()
                    yield piece
                case _:
                    yield piece


async def _chunks(stream: AsyncStream[Json]) -> AsyncIterator[Json]:
    """Return the objects of a stream; where one whole JSON came in its place, that alone. Raises NoAnswer."""
    content_type = stream.response.headers.get("content-type", "")
    if "html" in content_type:
        raise NoAnswer("not_an_api")
    if "json" not in content_type:
        return stream
    whole = json.loads(await stream.response.aread())
    if not isinstance(whole, dict):
        raise NoAnswer("not_an_api")
    return _once(whole)


async def _once(chunk: Json) -> AsyncIterator[Json]:
    yield chunk


def _take(piece: Piece, events: ResponseEvents, said: _Said) -> Iterator[TResponseStreamEvent]:
    match piece:
        case Text(text):
            said.text |= bool(text.strip())
            yield from events.say(text)
        case Refusal(text):
            said.refused = True
            yield from events.say(text)
        case Thought():
            said.thought = True
            yield from events.think()
        case Restart():
            said.text = False
            events.restart()
        case Call():
            said.calls.append(piece)
        case Kept(item):
            said.kept.append(ResponseReasoningItem.model_validate(item))
        case Used():
            said.used = piece
        case Ended(ending):
            said.ending = ending


def _finish(events: ResponseEvents, said: _Said, tools: list[str], model: str) -> Iterator[TResponseStreamEvent]:
    """Yield the end of a response, with how it ended in its metadata. Raises NoAnswer where it says nothing."""
    if not (said.text or said.refused or said.calls):
        raise NoAnswer(_nothing(said))
    ending = REFUSED if said.refused else "stop" if said.calls else said.ending
    yield from events.finish(
        [_tool_call(call, tools, model) for call in said.calls],
        said.kept,
        usage=None if said.used is None else _usage(said.used),
        metadata={ENDING: ending},
        whole=ending in WHOLE,
    )


def _nothing(said: _Said) -> Any:
    if said.ending == "content_filter":
        return "filtered"
    return "thought" if said.thought else "empty"


def _tool_call(call: Call, tools: list[str], model: str) -> ResponseFunctionToolCall:
    """Return a call under the name of a tool that there is: where there is one, that is meant whatever its name."""
    name = tools[0] if len(tools) == 1 else call.name
    made = function_call(name, call.arguments or "{}", call.id)
    if call.provider_data:
        return ResponseFunctionToolCall.model_validate(
            made.model_dump() | {"provider_data": {"model": model} | call.provider_data}
        )
    return made


def _usage(used: Used) -> ResponseUsage:
    return ResponseUsage(
        input_tokens=used.tokens_in,
        output_tokens=used.tokens_out,
        total_tokens=used.tokens_in + used.tokens_out,
        input_tokens_details=InputTokensDetails(cached_tokens=0, cache_write_tokens=0),
        output_tokens_details=OutputTokensDetails(reasoning_tokens=0),
    )
