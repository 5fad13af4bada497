"""What `booklight doctor` finds of a Qdrant server: who answers, what the key may do, and who could read it."""

from typing import Any

import pytest

from booklight.doctor.diagnostics import Diagnostic
from booklight.doctor.qdrant import check_qdrant
from booklight.settings import Settings
from ingest.tests.qdrant_server import InMemoryQdrant, refuse_connections

KEYS = {"writer": True, "reader": False}


async def check(server: InMemoryQdrant, urls: str = "http://qdrant:6333", **more: Any) -> list[Diagnostic]:
    return await check_qdrant(Settings(_env_file=None, qdrant_url=urls, **more), transport=server)


@pytest.mark.parametrize(
    ("keys", "key", "says"),
    [
        (KEYS, "writer", "qdrant:6333 answers; the key may read and write"),
        (KEYS, "reader", "qdrant:6333 answers; the key may only read, which is enough for `serve`"),
        ({}, None, "qdrant:6333 answers; it asks for no key"),
    ],
)
async def test_a_server_that_answers_is_well_with_any_key(keys: dict[str, bool], key: str | None, says: str) -> None:
    (found,) = await check(InMemoryQdrant(keys=keys), qdrant_api_key=key)
    assert found.ok
    assert says in found.found


@pytest.mark.parametrize(("key", "says"), [(None, "it wants a key"), ("other", "it refused the key")])
async def test_a_key_that_is_missing_or_wrong_is_told(key: str | None, says: str) -> None:
    (found,) = await check(InMemoryQdrant(keys=KEYS), qdrant_api_key=key)
    assert not found.ok
    assert says in found.found


async def test_each_address_is_asked() -> None:
    server = InMemoryQdrant(faults={"b": refuse_connections})
    found = await check(server, "http://a:6333, http://b:6333")
    assert [one.ok for one in found] == [True, False]
    assert "b:6333" in found[1].found


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://qdrant:6333", True),
        ("http://10.1.2.3:6333", True),
        ("http://[::1]:6333", True),
        ("http://node.cluster.internal:6333", True),
        ("https://qdrant.example.com:6333", True),
        ("http://qdrant.example.com:6333", False),
        ("http://203.0.113.7.example:6333", False),
    ],
)
async def test_a_key_that_others_could_read_is_told_once(url: str, private: bool) -> None:
    found = await check(InMemoryQdrant(keys=KEYS), url, qdrant_api_key="writer")
    assert [one.ok for one in found] == [True] + [False] * (not private)


async def test_an_index_in_a_folder_has_no_server_to_ask() -> None:
    assert await check(InMemoryQdrant(), "") == []
