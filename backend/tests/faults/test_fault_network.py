"""What if addresses are made up, or connections never end? Real sockets to a sidecar that serves others meanwhile."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from backend.tests.faults.witness import Witness
from backend.tests.live import HELD, PATIENCE, Live, is_dance, live_sidecar, question_request, thread_of
from backend.tests.metric_samples import samples
from backend.tests.paced_model import PacedModel
from booklight import timing
from booklight.connections import MAX_HEADERS

CHAT = "/assistant/chatkit"
NOTHING = "Nothing was stored; what there was is untouched"
ASKED = {"query": "Do bees dance?"}


async def ask_from(live: Live, *forwarded: str) -> httpx.Response:
    """Ask as a new reader, with X-Forwarded-For as a proxy on this machine passes it on."""
    return await live.http.post(CHAT, json=ASKED, headers=[("X-Forwarded-For", value) for value in forwarded])


@pytest.mark.fault("A script behind a proxy makes up another X-Forwarded-For for each question")
async def test_a_made_up_address_evades_no_limit(witness: Witness, sqlite_url: str) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url, turns_per_minute_per_address=3) as live:
        answers = [await ask_from(live, f"192.0.2.{number}, 198.51.100.7") for number in range(4)]
        other = await ask_from(live, "198.51.100.8")
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert other.status_code == 200
    witness.sees(answers[-1])
    witness.notes("Readers of other addresses are answered")
    witness.keeps("The questions and answers within the limit")


@pytest.mark.fault("A script asks from thousands of addresses of its own network of IPv6")
async def test_a_network_of_ipv6_is_one_address(witness: Witness, sqlite_url: str) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url, turns_per_minute_per_address=3) as live:
        answers = [await ask_from(live, f"2001:db8:1:2:{number:x}::7") for number in range(4)]
        other = await ask_from(live, "2001:db8:1:3::7")
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert other.status_code == 200
    witness.sees(answers[-1])
    witness.notes("Readers of other networks are answered")
    witness.keeps("The questions and answers within the limit")


@pytest.mark.fault("A page of another site asks in a reader's browser, where origins are set")
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_page_of_another_site_spends_nothing(witness: Witness, sqlite_url: str, origin: str) -> None:
    model, known = PacedModel(["Yes."]), "https://bees.example"
    async with live_sidecar(model, sqlite_url, allowed_origins=known) as live:
        reader = await live.reader()
        before = await reader.items(thread_of(await reader.ask("Do bees dance?")))
        headers: dict[str, Any] = {"Origin": origin, "Content-Type": "text/plain"}
        refused = await live.http.post(CHAT, content=b'{"query": "Do bees dance?"}', headers=headers)
        asked = await live.http.post(CHAT, json=ASKED, headers={"Origin": known})
    assert (refused.status_code, asked.status_code, len(model.inputs)) == (403, 200, 2)
    assert len(before) == 2
    witness.sees(refused)
    witness.keeps(NOTHING)


@asynccontextmanager
async def connection(live: Live) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a connection to the sidecar, to send bytes as they are."""
    at = urlsplit(live.url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def answer_of(reader: asyncio.StreamReader) -> httpx.Response:
    """Read an answer to its end."""
    async with asyncio.timeout(PATIENCE):
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(head.partition(b"content-length: ")[2].split()[0]))
    return httpx.Response(int(head.split()[1]), content=body)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what takes a minute take a moment."""
    for name, seconds in {"HEADERS": 0.2, "IDLE": 0.1, "BODY": 0.5, "BODY_CHECK": 0.2}.items():
        monkeypatch.setattr(timing, f"{name}_SECONDS", seconds)


HEAD = b"POST /assistant/chatkit HTTP/1.1\r\nHost: bees.example\r\n"
BEGUN = {
    "nothing": (b"", b""),
    "line ends": (b"\r\n", b"\r\n"),
    "half a header": (HEAD + b"X-Slow: ", b"a"),
    "headers without an end": (HEAD, b"X-Slow: 1\r\n"),
}


@pytest.mark.fault("A connection sends nothing, or its headers a byte at a time")
@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(("begun", "part"), BEGUN.values(), ids=BEGUN)
async def test_headers_come_in_time(witness: Witness, sqlite_url: str, begun: bytes, part: bytes) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url) as live, connection(live) as (reader, writer):
        writer.write(begun)
        dripping = asyncio.create_task(drip(writer, part))
        refused = await answer_of(reader)
        dripping.cancel()
        asked = await live.http.post(CHAT, json=ASKED)
    assert (refused.status_code, asked.status_code) == (408, 200)
    witness.sees(refused, then="After 30 seconds in all")
    witness.keeps(NOTHING)


async def drip(writer: asyncio.StreamWriter, what: bytes) -> None:
    """Send a little again and again, as long as there is a connection."""
    while not writer.is_closing():
        writer.write(what)
        await asyncio.sleep(0.02)


@pytest.mark.fault("A body comes at less than 1 kB a second, or not to its end within a minute")
@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("part", [b"a", b"a" * 2_000])
async def test_bodies_come_in_time(witness: Witness, sqlite_url: str, part: bytes) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url) as live, connection(live) as (reader, writer):
        writer.write(HEAD + b"Content-Length: 900000\r\n\r\n")
        dripping = asyncio.create_task(drip(writer, part))
        refused = await answer_of(reader)
        dripping.cancel()
        asked = await live.http.post(CHAT, json=ASKED)
    assert (refused.status_code, asked.status_code) == (408, 200)
    witness.sees(refused)
    witness.keeps(NOTHING)


@pytest.mark.fault("Headers of 1 MB, in one or in many, or without an end")
@pytest.mark.parametrize(
    "headers",
    [
        b"X-Large: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"X-Large: a\r\n" * 80_000 + b"\r\n",
        b"X-Endless: " + b"a" * 1_000_000,
    ],
    ids=["one", "many", "endless"],
)
async def test_headers_have_a_largest(witness: Witness, sqlite_url: str, headers: bytes) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url) as live, connection(live) as (reader, writer):
        writer.write(HEAD + headers)
        refused = await answer_of(reader)
        large = await live.http.get("/assistant/health", headers={"X-Large": "a" * (MAX_HEADERS - 1_000)})
        asked = await live.http.post(CHAT, json=ASKED)
    assert (refused.status_code, large.status_code, asked.status_code) == (431, 200, 200)
    witness.sees(refused)
    witness.keeps(NOTHING)


@pytest.mark.fault("More connections are open than are served")
async def test_one_connection_too_many_is_told_so(witness: Witness, sqlite_url: str) -> None:
    model = PacedModel(HELD)
    async with live_sidecar(model, sqlite_url, max_connections=3) as live:
        reader = await live.reader()
        async with (
            reader.stream(question_request("How do bees dance?")) as events,
            connection(live),
            connection(live),
            httpx.AsyncClient(base_url=live.url, timeout=PATIENCE) as more,
        ):
            await events.until(is_dance)
            refused = await more.post(CHAT, json=ASKED)
            health = await more.get("/assistant/health")
            model.go_on.set()
            await events.rest()
        kept = await reader.items(thread_of(events.seen))
    assert (refused.status_code, health.status_code) == (503, 200)
    assert int(refused.headers["Retry-After"]) > 0
    witness.sees(refused)
    witness.notes("Answers that are being written go on")
    witness.keeps(kept)


@pytest.mark.fault("One address opens more connections than are served of it")
async def test_one_address_takes_no_connections_of_others(witness: Witness, sqlite_url: str) -> None:
    bounds: dict[str, Any] = {"max_connections_per_address": 2, "trusted_proxies": "192.0.2.0/24"}
    async with (
        live_sidecar(PacedModel(["Yes."]), sqlite_url, **bounds) as live,
        client_from(live, "127.0.0.1") as one,
        client_from(live, "127.0.0.1") as more,
        client_from(live, "127.0.0.2") as other,
        connection(live),
        connection(live),
    ):
        refused = await one.post(CHAT, json=ASKED)
        health = await one.get("/assistant/health")
        async with connection(live), connection(live), connection(live):
            with pytest.raises(httpx.TransportError):
                await more.get("/assistant/health")
            asked, metrics = await other.post(CHAT, json=ASKED), await other.get("/metrics")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "too_many_connections")
    assert int(refused.headers["Retry-After"]) > 0
    assert (health.status_code, asked.status_code) == (200, 200)
    counted = samples(metrics.text)
    assert counted["booklight_errors_total too_many_connections"] == 1
    assert counted["booklight_connections"] >= 4
    witness.sees(refused)
    witness.notes("Readers of other addresses are answered; connections beyond twice as many are closed at once")
    witness.keeps(NOTHING)


@pytest.mark.parametrize("trusted", ["127.0.0.0/8", "1"])
async def test_a_proxy_that_is_trusted_opens_as_many_as_it_likes(sqlite_url: str, trusted: str) -> None:
    bounds: dict[str, Any] = {"max_connections_per_address": 1, "trusted_proxies": trusted}
    async with (
        live_sidecar(PacedModel(["Yes."]), sqlite_url, **bounds) as live,
        connection(live),
        connection(live),
        connection(live),
        client_from(live, "127.0.0.1") as one,
    ):
        assert (await one.post(CHAT, json=ASKED)).status_code == 200


async def test_an_address_may_open_again_what_it_has_closed(sqlite_url: str) -> None:
    bounds: dict[str, Any] = {"max_connections_per_address": 2, "trusted_proxies": "192.0.2.0/24"}
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url, **bounds) as live:
        for _ in range(12):
            async with client_from(live, "127.0.0.2") as again:
                assert (await again.get("/assistant/ready")).status_code == 200


def client_from(live: Live, address: str) -> httpx.AsyncClient:
    """Return a client whose connections come from one of this machine's addresses."""
    transport = httpx.AsyncHTTPTransport(local_address=address)
    return httpx.AsyncClient(base_url=live.url, timeout=PATIENCE, transport=transport)


async def test_connections_far_beyond_what_is_served_are_closed_at_once(sqlite_url: str) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url, max_connections=2) as live:
        async with connection(live), connection(live), connection(live), connection(live) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            with pytest.raises(ConnectionError):
                await closed(reader)
        assert (await live.http.get("/assistant/health")).status_code == 200


async def closed(reader: asyncio.StreamReader) -> None:
    """Read until the connection is closed; raises ConnectionError if it was reset, or nothing came."""
    async with asyncio.timeout(PATIENCE):
        if not await reader.read():
            raise ConnectionError


@pytest.mark.usefixtures("soon")
async def test_a_connection_that_is_silent_between_two_requests_is_closed(sqlite_url: str) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url) as live, connection(live) as (reader, writer):
        writer.write(b"GET /assistant/health HTTP/1.1\r\nHost: bees.example\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            answers = await reader.read()
    assert answers.count(b"HTTP/1.1 200 OK") == answers.count(b"HTTP/1.1") == 1


async def test_a_connection_serves_one_request_after_another(sqlite_url: str) -> None:
    body = json.dumps(ASKED).encode()
    request = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    last = request.replace(b"Host:", b"Connection: close\r\nHost:")
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url) as live, connection(live) as (reader, writer):
        writer.write(request + b"GET /assistant/health HTTP/1.1\r\n\r\n" + request + last)
        async with asyncio.timeout(PATIENCE):
            answers = await reader.read()
    assert answers.count(b"HTTP/1.1 200 OK") == 4
    assert answers.count(b"event: done") == 3


async def test_a_body_that_nobody_wants_does_not_cost_the_client_its_answer(sqlite_url: str) -> None:
    headers = {"Authorization": "Bearer x.y.z"}
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url) as live:
        refused = await live.http.post(CHAT, content=b"a" * 10_000_000, headers=headers)
        assert refused.status_code == 401
        assert (await live.http.get("/assistant/health")).status_code == 200
