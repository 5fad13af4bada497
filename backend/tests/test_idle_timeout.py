"""An idle timeout expires once it is due, as it was started last."""

import asyncio

import pytest

from booklight.idle_timeout import IdleTimeout


class Clock:
    """The loop's time, as a test says."""

    now = 0.0

    def time(self) -> float:
        return self.now


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", clock.time)
    return clock


async def pass_time(clock: Clock, seconds: float) -> None:
    clock.now += seconds
    for _ in range(3):
        await asyncio.sleep(0)


async def test_it_expires_once_when_its_time_has_passed(clock: Clock) -> None:
    expired: list[float] = []
    timeout = IdleTimeout(10, lambda: expired.append(clock.now))
    timeout.start()
    await pass_time(clock, 9)
    assert expired == []
    await pass_time(clock, 1)
    await pass_time(clock, 100)
    assert expired == [10]


async def test_started_again_it_counts_from_then(clock: Clock) -> None:
    expired: list[float] = []
    timeout = IdleTimeout(10, lambda: expired.append(clock.now))
    timeout.start()
    await pass_time(clock, 6)
    timeout.start()
    await pass_time(clock, 6)
    assert expired == []
    await pass_time(clock, 4)
    assert expired == [16]


@pytest.mark.parametrize("end", [IdleTimeout.stop, IdleTimeout.close])
async def test_stopped_or_closed_it_does_not_expire(clock: Clock, end: object) -> None:
    expired: list[float] = []
    timeout = IdleTimeout(10, lambda: expired.append(clock.now))
    timeout.start()
    assert callable(end)
    end(timeout)
    await pass_time(clock, 20)
    assert expired == []
