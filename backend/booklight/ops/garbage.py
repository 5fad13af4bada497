"""When Python's garbage collector looks for cycles in a sidecar's process."""

import asyncio
import gc

# Allocations before the youngest objects are looked through, and how often that happens before the next older ones are.
YOUNG, OLDER = 2_000, 10
NEVER = 2**31 - 1
SECONDS = 60.0


def collect_by_time() -> None:
    """Look through all objects every SECONDS from now on, and not, as Python would, after so many allocations.

    That stops the event loop for as long as there is much to look through: for 0.7 s where a thousand answers are being
    written, which by allocations is every four seconds (`bench/load.py`). What is in no cycle is freed at once as ever.
    Called with the loop running.
    """
    gc.set_threshold(YOUNG, OLDER, NEVER)
    loop = asyncio.get_running_loop()

    def collect() -> None:
        gc.collect()
        loop.call_later(SECONDS, collect)

    loop.call_later(SECONDS, collect)
