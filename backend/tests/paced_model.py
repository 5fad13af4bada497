"""A model under a test's control: it says its pieces one after another, and waits where it is told to."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Final

from agents import Model, ModelResponse
from agents.items import TResponseInputItem, TResponseStreamEvent

from booklight.llm.events import function_call, stream_function_call, stream_message
from booklight.llm.search_tool import TOOL_NAME

HOLD: Final = "<hold>"
Input = str | list[TResponseInputItem]


class PacedModel(Model):
    """Searches once a turn for `query` if `searches`, then says `pieces`, or what they are for its input.

    `running` counts the runs in which it is speaking. At HOLD it sets `holding` and waits for `go_on`; `cancelled` is
    set when its run is ended there. `failure` is raised after the last piece.
    """

    def __init__(
        self,
        pieces: Sequence[str] | Callable[[Input], Sequence[str]],
        *,
        searches: bool = False,
        query: str = "waggle dance",
        failure: Exception | None = None,
    ) -> None:
        self.pieces = pieces
        self.running = 0
        self.searches = searches
        self.query = query
        self.failure = failure
        self.inputs: list[Input] = []
        self.holding = asyncio.Event()
        self.go_on = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def get_response(self, *_: Any, **__: Any) -> ModelResponse:
        """Not used: every turn streams."""
        raise AssertionError("turns stream")

    async def stream_response(
        self, system_instructions: str | None, input: Input, *_: Any, **__: Any
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Yield the next step of the turn."""
        self.inputs.append(input)
        if self.searches and not _has_searched(input):
            arguments = json.dumps({"queries": [self.query]})
            for event in stream_function_call("paced", function_call(TOOL_NAME, arguments)):
                yield event
            return
        self.running += 1
        try:
            async for event in self._speak(self.pieces(input) if callable(self.pieces) else self.pieces):
                yield event
        finally:
            self.running -= 1

    async def _speak(self, pieces: Sequence[str]) -> AsyncIterator[TResponseStreamEvent]:
        rest = iter(pieces)
        for event in stream_message("paced", [piece for piece in pieces if piece != HOLD]):
            if event.type == "response.output_text.delta":
                await self._hold_before(next(rest), rest)
            if event.type == "response.output_text.done":
                await self._hold_at_end(rest)
            yield event

    async def _hold_before(self, piece: str, rest: Iterator[str]) -> None:
        while piece == HOLD:
            await self._hold()
            piece = next(rest)

    async def _hold_at_end(self, rest: Iterator[str]) -> None:
        for _ in rest:
            await self._hold()
        if self.failure is not None:
            raise self.failure

    async def _hold(self) -> None:
        self.holding.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


def _has_searched(items: Input) -> bool:
    return any(isinstance(item, dict) and item.get("type") == "function_call_output" for item in items)
