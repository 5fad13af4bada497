"""The edge of a task: where any failure, foreseen or not, is caught, so that the task goes on or ends in order.

Everywhere else an `except` names what it expects.
"""

from collections.abc import Awaitable


async def failure_of(work: Awaitable[object]) -> Exception | None:
    """Await `work` and return the exception it raised, or None. A cancellation passes through."""
    try:
        await work
    except Exception as failure:  # noqa: BLE001 - the caller reports it, and has something to do whatever it is
        return failure
    return None
