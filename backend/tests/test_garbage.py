"""When cycles are looked for: by time, whatever is allocated."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from booklight.ops import garbage


class Node:
    """Refers to itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[None]:
    """Leave the process as it was."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


async def test_what_is_old_and_in_a_cycle_is_freed_when_the_time_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "SECONDS", 0.01)
    node = Node()
    gc.collect()  # by now it is among the oldest
    garbage.collect_by_time()
    freed = asyncio.Event()
    left = weakref.ref(node, lambda _: freed.set())
    del node
    gc.collect(1)
    assert left() is not None
    async with asyncio.timeout(10):
        await freed.wait()
