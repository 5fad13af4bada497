"""Graceful shutdown on a signal: answers end by themselves for a while, then early, with their text kept.

The server stops accepting as soon as it gets the signal, and waits for its connections. It knows nothing of turns, so
that without this it would cut streams off in mid-sentence.
"""

import asyncio
import signal
from types import FrameType

from booklight.lifecycle import Sidecar

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def end_turns_on_signal(sidecar: Sidecar, seconds: float) -> None:
    """End the turns of `sidecar` when `seconds` have passed since a signal to end the process.

    Called in the main thread with the loop running. Whoever handled the signals before still does.
    """
    loop = asyncio.get_running_loop()
    ending = set[asyncio.Task[None]]()

    def end() -> None:
        ending.add(loop.create_task(sidecar.end_turns()))

    for number in SIGNALS:
        before = signal.getsignal(number)

        def note_signal(received: int, frame: FrameType | None, before: object = before) -> None:
            loop.call_soon_threadsafe(loop.call_later, seconds, end)
            if callable(before):
                before(received, frame)

        signal.signal(number, note_signal)
