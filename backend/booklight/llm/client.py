"""The client of a model's server: OpenAI's own, without two of its costs.

It tries each piece of a text against every kind of event there is, and walks through all it sends in search of what is
not in the form of the API yet. Here a piece is known by its type, and what the Agents SDK sends is in that form.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeVar, cast

import httpx2
from openai import AsyncOpenAI, AsyncStream, Omit, omit
from openai.resources.chat import AsyncChat, AsyncCompletions
from openai.resources.responses import AsyncResponses
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent, ResponseTextDeltaEvent
from pydantic import BaseModel, ValidationError

Parsed = TypeVar("Parsed")
Body = Mapping[str, object]


class ModelClient(AsyncOpenAI):
    """Speaks to a server with OpenAI's API, in either of its forms."""

    @cached_property
    def responses(self) -> AsyncResponses:
        """Give the Responses API."""
        return _Responses(self)

    @cached_property
    def chat(self) -> AsyncChat:
        """Give the Chat Completions API."""
        return _Chat(self)

    def _process_response_data(self, *, data: object, cast_to: type[Parsed], response: httpx2.Response) -> Parsed:
        """Return what came as the client's types. A piece with anything amiss is left to OpenAI's, which is lenient."""
        piece = _kind_of_piece(data, cast_to)
        if piece is not None:
            try:
                return cast(Parsed, piece.model_validate(data))
            except ValidationError:
                pass
        return super()._process_response_data(data=data, cast_to=cast_to, response=response)


class _Responses(AsyncResponses):
    async def create(  # type: ignore[override]
        self, *, input: object = omit, tools: object = omit, extra_body: Body | None = None, **options: Any
    ) -> Response | AsyncStream[ResponseStreamEvent]:
        """Ask for a response; what is long is sent as it is."""
        body = _given(input=input, tools=tools) | dict(extra_body or {})
        asked: Response | AsyncStream[ResponseStreamEvent] = await super().create(**options, extra_body=body)
        return asked


class _Chat(AsyncChat):
    @cached_property
    def completions(self) -> AsyncCompletions:
        return _Completions(self._client)


class _Completions(AsyncCompletions):
    async def create(  # type: ignore[override]
        self, *, messages: object, tools: object = omit, extra_body: Body | None = None, **options: Any
    ) -> ChatCompletion | AsyncStream[ChatCompletionChunk]:
        """Ask for a completion; what is long is sent as it is."""
        body = _given(messages=messages, tools=tools) | dict(extra_body or {})
        asked: ChatCompletion | AsyncStream[ChatCompletionChunk]
        asked = await super().create(messages=[], **options, extra_body=body)
        return asked


def _kind_of_piece(data: object, cast_to: type[object]) -> type[BaseModel] | None:
    """Return what a piece of text is validated as, None for anything else."""
    if cast_to is ChatCompletionChunk:
        return ChatCompletionChunk
    if isinstance(data, dict) and data.get("type") == "response.output_text.delta":
        return ResponseTextDeltaEvent
    return None


def _given(**long: object) -> dict[str, object]:
    return {name: value for name, value in long.items() if not isinstance(value, Omit)}
