"""Rate-limit storage: the turns of the last minute, counted in memory or in Redis."""

import asyncio
import math
import time
from typing import Any, Literal

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

REDIS_SECONDS = 1.0
"""How long Redis may take, for one answer and for all that a turn asks of it."""
PAUSE_SECONDS = 5.0
"""How long Redis is not asked once it has failed."""

Limit = Literal["reader", "address", "total", "refusals"]
Counted = dict[Limit, tuple[RateLimitItem, str]]
"""What a turn or a refusal counts towards: each limit, with whose it is."""
Refused = tuple[Limit, int]
"""The limit that is reached, and the whole seconds until there is room again."""


class RateLimitStorageUnavailable(Exception):
    """Redis does not answer; the text is the kind of failure, and holds neither its address nor its password."""


class RateLimitStorage:
    """Counts turns in one storage, in memory if no other is given.

    A window's turns are two numbers: of a list of moments the memory would look through everybody's at every turn.
    """

    def __init__(self, storage: MemoryStorage | RedisStorage | None = None) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(storage or MemoryStorage())

    async def count(self, counted: Counted) -> Refused | None:
        """Count towards every limit, or towards none and return the one that is reached."""
        if (refused := await self.test(counted)) is not None:
            return refused
        for limit, (item, name) in counted.items():
            # Another process may have taken the last place since; what was counted before that stays counted.
            if not await self._limiter.hit(item, name):
                return limit, await self._seconds_left(item, name)
        return None

    async def test(self, counted: Counted) -> Refused | None:
        """Return the first limit that is reached, and count nothing."""
        for limit, (item, name) in counted.items():
            if not await self._limiter.test(item, name):
                return limit, await self._seconds_left(item, name)
        return None

    async def _seconds_left(self, item: RateLimitItem, name: str) -> int:
        window = await self._limiter.get_window_stats(item, name)
        return max(1, math.ceil(window.reset_time - time.time()))


class RedisRateLimitStorage:
    """Counts turns in the Redis at `url`, for all processes. After a failure it is not asked for `pause` seconds."""

    def __init__(self, url: str, *, pause: float = PAUSE_SECONDS) -> None:
        from redis.asyncio import ConnectionPool
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        # One retry, for a connection that Redis closed while nobody asked.
        waits = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
        address = url.replace("redis+unix://", "unix://", 1)
        self._pool: ConnectionPool = ConnectionPool.from_url(address, retry=Retry(NoBackoff(), 1), **waits)
        options: dict[str, Any] = {"connection_pool": self._pool}
        self._storage = RedisStorage(url, implementation="redispy", **options)
        self._windows = RateLimitStorage(self._storage)
        self._pause = pause
        self._failed: float | None = None

    @property
    def paused(self) -> bool:
        """Whether it failed a moment ago and is not asked now."""
        return self._failed is not None and time.monotonic() - self._failed < self._pause

    async def count(self, counted: Counted) -> Refused | None:
        """Count as RateLimitStorage does. Raises RateLimitStorageUnavailable."""
        from redis.exceptions import RedisError

        try:
            async with asyncio.timeout(REDIS_SECONDS):
                refused = await self._windows.count(counted)
        except (RedisError, OSError) as error:
            self._failed = time.monotonic()
            raise RateLimitStorageUnavailable(type(error).__name__) from error
        self._failed = None
        return refused

    async def ping(self) -> None:
        """Ask Redis for an answer. Raises RateLimitStorageUnavailable."""
        from redis.exceptions import RedisError

        try:
            await self._storage.get("anything")
        except (RedisError, OSError) as error:
            raise RateLimitStorageUnavailable(type(error).__name__) from error

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.disconnect()
