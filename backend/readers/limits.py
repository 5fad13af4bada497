"""How many turns a reader, and an address, may start in a minute. Other requests are not counted."""

import math
import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from backend.errors import TooManyRequests


class TurnLimits:
    """Counts the turns of the last minute, in this process."""

    def __init__(self, *, per_reader: int, per_address: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._per_reader = RateLimitItemPerMinute(per_reader, namespace="reader")
        self._per_address = RateLimitItemPerMinute(per_address, namespace="address")

    async def count(self, reader: str, address: str) -> None:
        """Count one turn. Raises TooManyRequests, and then counts nothing."""
        counted = [(self._per_reader, reader), (self._per_address, address)]
        for limit, name in counted:
            if not await self._limiter.test(limit, name):
                raise TooManyRequests(
                    "That was a lot of questions at once; please wait a moment.",
                    retry_after=await self._seconds_left(limit, name),
                )
        for limit, name in counted:
            await self._limiter.hit(limit, name)

    async def _seconds_left(self, limit: RateLimitItem, name: str) -> int:
        window = await self._limiter.get_window_stats(limit, name)
        return max(1, math.ceil(window.reset_time - time.time()))
