"""Requests to several addresses: the next one when one fails, none when all have failed, the first when it is back."""

import asyncio
import logging
from dataclasses import dataclass, field

import httpx
import pytest
from qdrant_client.http.exceptions import ResponseHandlingException

from booklight_ingest.errors import IndexUnavailable
from booklight_ingest.index.failover import LONGEST_REST_SECONDS, REST_SECONDS, SEARCH_SECONDS, Failover
from ingest.tests.qdrant_server import Fault, break_connection, refuse_connections, stop

ONE, TWO = "http://one:6333", "http://two:6333/qdrant"


@dataclass
class Network:
    """What lies below the client: `faults` by host, and the addresses that were `asked`."""

    faults: dict[str, Fault] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    now: float = 100.0

    async def send(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        try:
            answer = await self.faults[request.url.host](request) if request.url.host in self.faults else None
        except httpx.HTTPError as error:
            raise ResponseHandlingException(error) from error
        return answer or httpx.Response(200, text=request.url.host, request=request)

    def hosts(self) -> list[str]:
        """Return the hosts that were asked since this was called last."""
        asked, self.asked = self.asked, []
        return [httpx.URL(url).host for url in asked]


def failover(network: Network, *urls: str) -> Failover:
    return Failover(urls, clock=lambda: network.now)


async def ask(tried: Failover, network: Network, seconds: float = 5.0) -> str:
    timeout = {"read": seconds, "connect": seconds}
    request = httpx.Request(
        "POST", f"{ONE}/collections/a/points?timeout=2", json={"ids": [1]}, extensions={"timeout": timeout}
    )
    return (await tried(request, network.send)).text


async def test_the_next_address_is_asked_for_the_same_thing() -> None:
    network = Network({"one": refuse_connections})
    assert await ask(failover(network, ONE, TWO), network) == "two"
    assert network.asked == [f"{ONE}/collections/a/points?timeout=2", f"{TWO}/collections/a/points?timeout=2"]


async def test_an_address_that_says_nothing_is_given_up_in_time() -> None:
    network = Network({"one": stop})
    assert await ask(failover(network, ONE, TWO), network, seconds=0.01) == "two"


async def test_a_connection_that_was_closed_meanwhile_is_opened_again() -> None:
    network = Network()

    async def break_once(request: httpx.Request) -> None:
        network.faults.clear()
        await break_connection(request)

    network.faults["one"] = break_once
    assert await ask(failover(network, ONE), network) == "one"
    assert network.hosts() == ["one", "one"]


async def test_once_all_have_failed_requests_fail_at_once_and_one_finds_out_whether_they_are_back() -> None:
    network = Network({"one": refuse_connections})
    tried = failover(network, ONE)
    with pytest.raises(IndexUnavailable, match=r"BOOKLIGHT_QDRANT_URL: http://one:6333 failed \(connection refused\)"):
        await ask(tried, network)
    with pytest.raises(IndexUnavailable, match="did not answer a moment ago"):
        await ask(tried, network)
    assert network.hosts() == ["one"]
    network.now += REST_SECONDS
    network.faults["one"] = stop
    asking = asyncio.create_task(ask(tried, network))
    await asyncio.sleep(0)
    with pytest.raises(IndexUnavailable, match="did not answer a moment ago"):
        await ask(tried, network)
    assert network.hosts() == ["one"]
    asking.cancel()
    network.now += SEARCH_SECONDS
    network.faults.clear()
    assert [await ask(tried, network), await ask(tried, network)] == ["one", "one"]


async def test_the_longest_rest_is_short_enough_for_a_restart_to_be_noticed() -> None:
    network = Network({"one": refuse_connections})
    tried = failover(network, ONE)
    for _ in range(20):
        with pytest.raises(IndexUnavailable):
            await ask(tried, network)
        network.now += LONGEST_REST_SECONDS
    network.faults.clear()
    assert await ask(tried, network) == "one"


async def test_no_request_waits_for_an_address_that_is_away_while_another_answers() -> None:
    network = Network({"one": refuse_connections})
    tried = failover(network, ONE, TWO)
    await ask(tried, network)
    network.hosts()
    network.faults["one"] = stop
    network.now += LONGEST_REST_SECONDS
    assert await ask(tried, network) == "two"
    await asyncio.sleep(0)
    assert sorted(network.asked) == [f"{ONE}/readyz", f"{TWO}/collections/a/points?timeout=2"]
    await tried.close()


async def test_an_address_that_is_back_is_used_again_and_both_are_said_once(caplog: pytest.LogCaptureFixture) -> None:
    network = Network({"one": refuse_connections})
    tried = failover(network, ONE, TWO)
    with caplog.at_level(logging.WARNING):
        assert [await ask(tried, network) for _ in range(3)] == ["two"] * 3
        network.faults.clear()
        network.now += LONGEST_REST_SECONDS
        await ask(tried, network)
        await asyncio.sleep(0)
        assert await ask(tried, network) == "one"
    assert [record.message for record in caplog.records] == [
        "Qdrant at http://one:6333 is left out until it answers: it failed (connection refused)",
        "Qdrant at http://one:6333 answers again",
    ]


async def test_what_the_server_says_is_passed_on_where_no_address_does_better() -> None:
    async def fail(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500, text=f"{request.url.host} cannot", request=request)

    network = Network({"one": fail, "two": fail})
    assert await ask(failover(network, ONE, TWO), network) == "two cannot"


async def test_a_password_in_an_address_is_not_printed() -> None:
    network = Network({"one": refuse_connections})
    with pytest.raises(IndexUnavailable) as raised:
        await ask(failover(network, "http://me:hidden@one:6333"), network)
    assert "hidden" not in str(raised.value)
