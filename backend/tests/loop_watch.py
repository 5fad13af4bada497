"""How long a sidecar's event loop is held: the processor time of each callback that it runs.

Processor time and not the clock's, so that other work on the machine counts for nothing.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class LoopWatch:
    """Watches the event loop of one thread; `longest` and `spent`, of all callbacks, are in seconds of its own time."""

    def __init__(self, thread: int) -> None:
        self.thread = thread
        self.longest = self.spent = 0.0

    def begin(self) -> None:
        """Forget what was."""
        self.longest = self.spent = 0.0

    def note(self, seconds: float) -> None:
        """Take note of a callback."""
        self.longest = max(self.longest, seconds)
        self.spent += seconds


@contextmanager
def watch_loop(thread: int) -> Iterator[LoopWatch]:
    """Watch the loop that runs in `thread` until the block ends."""
    watch, run = LoopWatch(thread), vars(asyncio.Handle)["_run"]

    def timed_run(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        if threading.get_ident() == thread:
            watch.note(time.thread_time() - began)

    setattr(asyncio.Handle, "_run", timed_run)  # noqa: B010 - as a type checker takes it
    try:
        yield watch
    finally:
        setattr(asyncio.Handle, "_run", run)  # noqa: B010
