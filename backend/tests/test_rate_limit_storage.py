"""Limits that several processes share through a real Redis, and what is left of them when it is away."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from backend.tests.live import live_sidecar
from backend.tests.metric_samples import samples
from backend.tests.paced_model import PacedModel
from backend.tests.redis_server import RedisServer, start_redis
from booklight.auth.rate_limit_storage import RateLimitStorageUnavailable, RedisRateLimitStorage
from booklight.auth.rate_limits import TurnLimits
from booklight.errors import TooManyRequests


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A Redis with nothing in it."""
    with start_redis() as server:
        yield server


@pytest.fixture
async def workers(redis: RedisServer) -> AsyncIterator[list[TurnLimits]]:
    """The limits as two workers hold them."""
    made = [limits(redis.url) for _ in range(2)]
    yield made
    for one in made:
        await one.close()


def limits(url: str, **given: Any) -> TurnLimits:
    chosen: dict[str, Any] = {"per_reader": 3, "per_address": 5, "shared": RedisRateLimitStorage(url, pause=0)}
    return TurnLimits(**(chosen | given))


async def test_workers_share_what_they_count(workers: list[TurnLimits]) -> None:
    one, other = workers
    await one.count("a", "1.2.3.4")
    await other.count("a", "1.2.3.4")
    await one.count("a", "5.6.7.8")
    with pytest.raises(TooManyRequests) as refused:
        await other.count("a", "5.6.7.8")
    assert 1 <= refused.value.retry_after <= 60
    await other.count("b", "5.6.7.8")


async def test_redis_holds_the_turns_of_the_last_minute_by_reader_and_address(
    workers: list[TurnLimits], redis: RedisServer
) -> None:
    await workers[0].count("a", "1.2.3.4")
    client = Redis(unix_socket_path=str(redis.socket))
    kept = {key.decode(): await client.ttl(key) for key in await client.keys()}
    await client.aclose()
    assert sorted(key.split("/")[1] for key in kept) == ["1.2.3.4", "a"]
    assert all(0 < seconds <= 120 for seconds in kept.values()), kept


async def test_of_turns_that_begin_at_once_no_more_than_allowed_pass(redis: RedisServer) -> None:
    many = [limits(redis.url, per_address=100) for _ in range(4)]
    begun = await asyncio.gather(*(one.count("a", "1.2.3.4") for one in many for _ in range(3)), return_exceptions=True)
    for one in many:
        await one.close()
    assert sum(outcome is None for outcome in begun) == 3
    assert sum(isinstance(outcome, TooManyRequests) for outcome in begun) == 9


async def test_without_redis_each_process_counts_by_itself_and_says_so(
    redis: RedisServer, workers: list[TurnLimits], caplog: pytest.LogCaptureFixture
) -> None:
    one, other = workers
    for _ in range(3):
        await one.count("a", "1.2.3.4")
    redis.stop()
    with caplog.at_level(logging.WARNING):
        for limit in (one, other):
            for _ in range(3):
                await limit.count("a", "1.2.3.4")
            with pytest.raises(TooManyRequests):
                await limit.count("a", "1.2.3.4")
    assert "Redis does not answer" in caplog.text
    assert str(redis.folder) not in caplog.text
    redis.start()
    await one.count("a", "1.2.3.4")
    await other.count("a", "1.2.3.4")
    await one.count("a", "1.2.3.4")
    with pytest.raises(TooManyRequests):
        await other.count("a", "1.2.3.4")


async def test_a_redis_that_failed_is_left_alone_for_a_while(redis: RedisServer) -> None:
    counts = RedisRateLimitStorage(redis.url, pause=60)
    await counts.ping()
    redis.stop()
    with pytest.raises(RateLimitStorageUnavailable):
        await counts.ping()
    limited = TurnLimits(per_reader=1, per_address=1, shared=counts)
    await limited.count("a", "1.2.3.4")
    assert counts.paused
    redis.start()
    with pytest.raises(TooManyRequests):
        await limited.count("a", "1.2.3.4")
    await counts.close()


async def test_a_redis_that_hangs_is_as_good_as_away(redis: RedisServer) -> None:
    counts = RedisRateLimitStorage(redis.url, pause=60)
    limited = TurnLimits(per_reader=2, per_address=9, shared=counts)
    await limited.count("a", "1.2.3.4")
    redis.hang()
    for _ in range(2):
        await limited.count("a", "1.2.3.4")
    assert counts.paused
    with pytest.raises(TooManyRequests):
        await limited.count("a", "1.2.3.4")
    await counts.close()


async def test_readers_are_served_while_redis_is_away_and_operators_see_it(redis: RedisServer, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"redis_url": redis.url, "turns_per_minute": 2}
    async with live_sidecar(PacedModel(["Yes."]), f"sqlite:///{tmp_path}/b.db", **settings) as live:
        reader = await live.reader()
        await reader.ask("One?")
        await reader.ask("Two?")
        refused = await reader.send({"query": "Three?"})
        redis.stop()
        served = await reader.send({"query": "Four?"})
        seen = samples((await live.http.get("/metrics")).text)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert served.status_code == 200
    assert seen["booklight_limited_total reader"] == 1
    assert seen["booklight_unshared_turns_total"] == 1
