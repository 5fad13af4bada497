"""The client of a model's server: OpenAI's own, without its costs, and understanding what other servers do not take.

It walks through all it sends in search of what is not in the form of the API yet, and makes an object of each piece of
a text; here what the Agents SDK sends is in that form, and a piece stays as it was decoded. What comes is read by
aiohttp, which the client offers: an answer that comes piece by piece costs a fifth less in all (`bench/turn.py`).
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeVar, cast

import httpx2
from openai import AsyncOpenAI, AsyncStream, DefaultAioHttpClient
from openai.resources.chat import AsyncChat, AsyncCompletions
from openai.resources.responses import AsyncResponses
from openai.types.chat import ChatCompletion
from openai.types.responses import Response

from booklight.llm.adaptation import Adaptation, Options
from booklight.llm.pieces import Json

Parsed = TypeVar("Parsed")
_WHOLE: tuple[object, ...] = (ChatCompletion, Response)
"""What is not streamed."""


class ModelConnection(DefaultAioHttpClient):
    """Reads by aiohttp, and tells a server that is not there from one that is silent."""

    async def send(self, *request: Any, **options: Any) -> httpx2.Response:
        """Send a request. Raises httpx2.ConnectError for all failures to connect but a timeout."""
        try:
            return await super().send(*request, **options)
        except httpx2.ConnectTimeout as failure:
            if isinstance(failure.__cause__, TimeoutError):
                raise
            raise httpx2.ConnectError(str(failure)) from failure.__cause__


class ModelClient(AsyncOpenAI):
    """Speaks to a server with OpenAI's API, in either of its forms. What it streams are JSON objects as they came."""

    @cached_property
    def adaptation(self) -> Adaptation:
        """What is known of the server."""
        return Adaptation()

    @cached_property
    def responses(self) -> AsyncResponses:
        """Give the Responses API."""
        return _Responses(self)

    @cached_property
    def chat(self) -> AsyncChat:
        """Give the Chat Completions API."""
        return _Chat(self)

    def _process_response_data(self, *, data: object, cast_to: type[Parsed], response: httpx2.Response) -> Parsed:
        """Return what came as the client's types, and a piece of a stream as it is."""
        if any(cast_to is whole for whole in _WHOLE):
            return super()._process_response_data(data=data, cast_to=cast_to, response=response)
        return cast(Parsed, data)


class _Responses(AsyncResponses):
    async def create(self, **options: Any) -> Response | AsyncStream[Json]:  # type: ignore[override]
        """Ask for a response."""

        async def send(adapted: Options) -> Response | AsyncStream[Json]:
            asked: Any = await super(_Responses, self).create(**_as_body(adapted, "input", "tools"))
            return cast(Response | AsyncStream[Json], asked)

        return await cast(ModelClient, self._client).adaptation.ask(send, options)


class _Chat(AsyncChat):
    def __init__(self, client: AsyncOpenAI) -> None:
        super().__init__(client)
        self._model_client = client

    @cached_property
    def completions(self) -> AsyncCompletions:
        return _Completions(self._model_client)


class _Completions(AsyncCompletions):
    async def create(self, **options: Any) -> ChatCompletion | AsyncStream[Json]:  # type: ignore[override]
        """Ask for a completion."""

        async def send(adapted: Options) -> ChatCompletion | AsyncStream[Json]:
            asked: Any = await super(_Completions, self).create(messages=[], **_as_body(adapted, "messages", "tools"))
            return cast(ChatCompletion | AsyncStream[Json], asked)

        tools = options.get("tools")
        if isinstance(tools, list):
            options["tools"] = [_without_default_strict(tool) for tool in tools]
        return await cast(ModelClient, self._client).adaptation.ask(send, options)


def _as_body(options: Options, *long: str) -> Options:
    """Return `options` with what is `long` put into the body as it is."""
    extra: Mapping[str, object] = options.get("extra_body") or {}
    body = {name: options[name] for name in long if name in options} | dict(extra)
    return {name: value for name, value in options.items() if name not in long} | {"extra_body": body}


def _without_default_strict(tool: Options) -> Options:
    """Return a tool that does not say what holds anyway, since some servers refuse to be told."""
    function = tool.get("function")
    if not isinstance(function, dict) or function.get("strict"):
        return tool
    return tool | {"function": {name: value for name, value in function.items() if name != "strict"}}
