"""When the pieces of a held answer come: the first at once, the others evenly from when the gate is opened."""

import asyncio
import signal
from collections.abc import AsyncIterator
from itertools import count
from typing import Any, NoReturn

from agents import Model
from agents.items import TResponseStreamEvent

from booklight.llm.events import stream_message

PIECES = 20
INTERVAL = 1.0
"""Seconds between two pieces."""
# A space at the end would be held back until the next piece, and come by itself after the last.
SAID = ["piece 00", *(f" piece {number:02}" for number in range(1, PIECES))]


class Gate:
    """Opened by SIGUSR1; streams that wait for it then go on, spread over an interval."""

    def __init__(self) -> None:
        self._opened = asyncio.Event()
        self._numbers = count()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._opened.set)

    async def pass_through(self) -> None:
        """Return once the gate is open, each stream at a moment of its own."""
        share = next(self._numbers) * 0.618 % 1
        await self._opened.wait()
        await asyncio.sleep(share * INTERVAL)


class HeldModel(Model):
    """Says the first of SAID, waits for the gate, and says the others, one each INTERVAL."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def get_response(self, *_: Any, **__: Any) -> NoReturn:
        """Fail: every turn streams."""
        raise RuntimeError("This model only streams.")

    async def stream_response(self, *_: Any, **__: Any) -> AsyncIterator[TResponseStreamEvent]:
        """Yield the answer."""
        said = 0
        for event in stream_message("held", SAID):
            if event.type == "response.output_text.delta":
                await self._wait_before(said)
                said += 1
            yield event

    async def _wait_before(self, piece: int) -> None:
        if piece == 1:
            await self._gate.pass_through()
        elif piece > 1:
            await asyncio.sleep(INTERVAL)
