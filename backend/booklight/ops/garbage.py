"""How often Python's garbage collector looks for cycles in a sidecar's process."""

import gc

# Allocations before the youngest objects are looked through, how often that happens before the next older ones are, and
# how often those before all are. Python's own 700, 10 and 10 look through all after a few answers.
THRESHOLDS = (2_000, 10, 500)


def collect_seldom() -> None:
    """Look through all objects five hundred times as seldom as Python would.

    That stops the event loop for as long as there is much to look through: for 0.7 s where a thousand answers are being
    written (`bench/load.py`). What is in no cycle is freed at once as ever, and the cycles of a turn are mostly found
    among the younger objects.
    """
    gc.set_threshold(*THRESHOLDS)
