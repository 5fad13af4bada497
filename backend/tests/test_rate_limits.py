"""Limits on turns."""

import pytest

from backend.tests.metric_samples import samples
from booklight.auth.rate_limits import TurnLimits
from booklight.errors import TooManyRequests
from booklight.ops.metrics import Metrics


async def test_a_reader_has_so_many_turns_and_another_has_as_many() -> None:
    limits = TurnLimits(per_reader=2, per_address=10)
    for reader in ("a", "a", "b", "b"):
        await limits.count(reader, "1.2.3.4")
    with pytest.raises(TooManyRequests) as refused:
        await limits.count("a", "5.6.7.8")
    assert 1 <= refused.value.retry_after <= 60


async def test_an_address_has_so_many_turns_whoever_asks() -> None:
    limits = TurnLimits(per_reader=2, per_address=3)
    for reader in ("a", "b", "c"):
        await limits.count(reader, "1.2.3.4")
    with pytest.raises(TooManyRequests):
        await limits.count("d", "1.2.3.4")
    await limits.count("d", "5.6.7.8")


async def test_a_refused_turn_is_not_counted() -> None:
    limits = TurnLimits(per_reader=2, per_address=1)
    await limits.count("a", "1.2.3.4")
    for _ in range(3):
        with pytest.raises(TooManyRequests):
            await limits.count("a", "1.2.3.4")
    await limits.count("a", "5.6.7.8")


async def test_all_readers_together_have_so_many_turns_if_the_settings_say_so() -> None:
    limits = TurnLimits(per_reader=2, per_address=2, total=3)
    for reader in ("a", "b", "c"):
        await limits.count(reader, reader)
    with pytest.raises(TooManyRequests, match="A lot of readers"):
        await limits.count("d", "d")


async def test_operators_are_told_which_limit_it_was() -> None:
    metrics = Metrics()
    limits = TurnLimits(per_reader=1, per_address=2, total=3, metrics=metrics)
    for reader, address in [("a", "1"), ("b", "1"), ("c", "2")]:
        await limits.count(reader, address)
    for reader, address in [("a", "3"), ("d", "1"), ("e", "4")]:
        with pytest.raises(TooManyRequests):
            await limits.count(reader, address)
    refused = samples(metrics.render().decode())
    assert [refused[f"booklight_limited_total {limit}"] for limit in ("reader", "address", "total")] == [1, 1, 1]
