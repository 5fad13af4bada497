"""Limits on turns."""

import pytest

from backend.errors import TooManyRequests
from backend.readers.limits import TurnLimits


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
