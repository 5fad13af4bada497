"""A client that reads many streams at once and notes when their pieces come. It costs little beside a server."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle, pairwise

PIECE = b"text_delta"
OPENING = 8
"""How many readers ask at the same moment."""


@dataclass(slots=True)
class Reading:
    """One stream: how long its first piece took, when each came, and what was read."""

    first: float = 0.0
    moments: list[float] = field(default_factory=list)
    read: bytearray = field(default_factory=bytearray)
    began: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def whole(self) -> bool:
        """Whether the stream was read to its end."""
        return self.read.endswith(b"0\r\n\r\n")

    async def ask(self, port: int, request: bytes) -> None:
        """Send `request` and read to the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        asked = time.perf_counter()
        writer.write(request)
        while part := await reader.read(65536):
            now = time.perf_counter()
            self.read += part
            if PIECE in part:
                self.moments += [now] * part.count(PIECE)
                if not self.began.is_set():
                    self.first = now - asked
                    self.began.set()
            if self.whole:
                break
        writer.close()
        self.began.set()

    def gaps(self, first: int, last: int) -> list[float]:
        """Return the seconds between each two pieces from number `first` to number `last`."""
        return [after - before for before, after in pairwise(self.moments[first : last + 1])]


async def open_streams(
    port: int, requests: Sequence[bytes], number: int
) -> tuple[list[Reading], list[asyncio.Task[None]]]:
    """Open so many streams, OPENING at a time, and return when the first piece of each has come.

    They ask `requests` by turns. A stream that is refused is not whole.
    """
    readings = [Reading() for _ in range(number)]
    tasks: list[asyncio.Task[None]] = []
    gate = asyncio.Semaphore(OPENING)

    async def begin(reading: Reading, request: bytes) -> None:
        async with gate:
            tasks.append(asyncio.create_task(reading.ask(port, request)))
            await reading.began.wait()

    await asyncio.gather(*map(begin, readings, cycle(requests)))
    return readings, tasks


def post(body: bytes, token: str) -> bytes:
    """Return a request that asks `body`."""
    head = [
        "POST /assistant/chatkit HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        "Connection: close",
        f"Authorization: Bearer {token}",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body
