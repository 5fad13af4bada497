"""Rate limits: how many turns a reader, an address and all readers together may start in a minute, and how many
requests of an address may be refused.

Turns are counted in the memory of the process, or in Redis, where all workers and machines share one count. While
Redis does not answer, each process counts by itself: readers go on being served, and still within bounds. Refusals are
always counted by each process: what they cost is its own time.
"""

import logging
from typing import Protocol

from limits import RateLimitItem, RateLimitItemPerMinute

from booklight.auth.rate_limit_storage import (
    Counted,
    Limit,
    RateLimitStorage,
    RateLimitStorageUnavailable,
    RedisRateLimitStorage,
    Refused,
)
from booklight.errors import RequestError, ThreadBusy, TooManyRequests
from booklight.settings import Settings

MESSAGES: dict[Limit, str] = {
    "reader": "That was a lot of questions at once; please wait a moment.",
    "address": "A lot of questions came from your network at once; please wait a moment.",
    "total": "A lot of readers are asking at the moment; please wait a moment.",
    "refusals": "A lot of requests from your network were refused; please wait a moment.",
}

logger = logging.getLogger("booklight.readers")


class LimitMetrics(Protocol):
    """Counts turns that were refused, and those that Redis could not count."""

    def count_limited(self, limit: Limit) -> None: ...
    def count_unshared_turn(self) -> None: ...


class TurnLimits:
    """The limits of a minute; a `total` of None is no limit. `shared` is the storage of all processes."""

    def __init__(
        self,
        *,
        per_reader: int,
        per_address: int,
        total: int | None = None,
        shared: RedisRateLimitStorage | None = None,
        metrics: LimitMetrics | None = None,
    ) -> None:
        self._items: dict[Limit, RateLimitItem] = {
            "reader": RateLimitItemPerMinute(per_reader, namespace="reader"),
            "address": RateLimitItemPerMinute(per_address, namespace="address"),
        }
        if total is not None:
            self._items["total"] = RateLimitItemPerMinute(total, namespace="total")
        self._own = RateLimitStorage()
        self._shared = shared
        self._metrics = metrics

    async def count(self, reader: str, address: str) -> None:
        """Count one turn. Raises TooManyRequests, and then counts nothing."""
        names: dict[Limit, str] = {"reader": reader, "address": address, "total": "all"}
        refused = await self._count({limit: (item, names[limit]) for limit, item in self._items.items()})
        _raise_if(refused, self._metrics)

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._shared is not None:
            await self._shared.close()

    async def _count(self, counted: Counted) -> Refused | None:
        if self._shared is None:
            return await self._own.count(counted)
        if not self._shared.paused:
            try:
                return await self._shared.count(counted)
            except RateLimitStorageUnavailable as failure:
                logger.warning("Redis does not answer (%s); this process counts turns by itself.", failure)
        if self._metrics is not None:
            self._metrics.count_unshared_turn()
        return await self._own.count(counted)


class RefusalLimit:
    """The limit on requests of one address that are malformed or refused, known before a body is read."""

    def __init__(self, per_address: int, metrics: LimitMetrics | None = None) -> None:
        self._item = RateLimitItemPerMinute(per_address, namespace="refusals")
        self._storage = RateLimitStorage()
        self._metrics = metrics

    async def check(self, address: str) -> None:
        """Raise TooManyRequests while so many requests of `address` were refused."""
        _raise_if(await self._storage.test({"refusals": (self._item, address)}), self._metrics)

    async def count(self, address: str, error: RequestError) -> None:
        """Count a refusal, unless it is none of the client's making: a thread is busy, or something is missing here."""
        if error.status < 500 and not isinstance(error, ThreadBusy):
            await self._storage.count({"refusals": (self._item, address)})


def _raise_if(refused: Refused | None, metrics: LimitMetrics | None) -> None:
    """Raise TooManyRequests for the limit that refused, and count it."""
    if refused is None:
        return
    limit, seconds = refused
    if metrics is not None:
        metrics.count_limited(limit)
    raise TooManyRequests(MESSAGES[limit], retry_after=seconds)


def open_limits(settings: Settings, metrics: LimitMetrics) -> TurnLimits:
    """Return the limits that the settings name; Redis is not asked yet."""
    url = settings.redis_url
    return TurnLimits(
        per_reader=settings.turns_per_minute,
        per_address=settings.turns_per_minute_per_address,
        total=settings.turns_per_minute_in_total,
        shared=None if url is None else RedisRateLimitStorage(url.get_secret_value()),
        metrics=metrics,
    )
