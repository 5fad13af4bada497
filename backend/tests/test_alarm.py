"""An alarm rings once it is due, as it was set last."""

import asyncio

import pytest

from booklight.idle_timeout import Alarm


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


async def test_it_rings_once_when_its_time_has_passed(clock: Clock) -> None:
    rung: list[float] = []
    alarm = Alarm(10, lambda: rung.append(clock.now))
    alarm.set()
    await pass_time(clock, 9)
    assert rung == []
    await pass_time(clock, 1)
    await pass_time(clock, 100)
    assert rung == [10]


async def test_set_again_it_counts_from_then(clock: Clock) -> None:
    rung: list[float] = []
    alarm = Alarm(10, lambda: rung.append(clock.now))
    alarm.set()
    await pass_time(clock, 6)
    alarm.set()
    await pass_time(clock, 6)
    assert rung == []
    await pass_time(clock, 4)
    assert rung == [16]


@pytest.mark.parametrize("silence", [Alarm.put_off, Alarm.close])
async def test_put_off_or_closed_it_does_not_ring(clock: Clock, silence: object) -> None:
    rung: list[float] = []
    alarm = Alarm(10, lambda: rung.append(clock.now))
    alarm.set()
    assert callable(silence)
    silence(alarm)
    await pass_time(clock, 20)
    assert rung == []
