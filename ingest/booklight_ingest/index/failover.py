"""Requests to a Qdrant server that has one address or several: each goes to the first address that answers.

An address that fails is left alone for a moment, and where all are, requests fail at once and do not wait one by one.
When the moment is over, one request asks whether the address is back. As long as another address answers, that is a
request of its own, so that no reader waits for it.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import httpx
from qdrant_client.http.exceptions import ResponseHandlingException

from booklight_ingest.errors import IndexUnavailable

# How long a search waits for one address, and for a connection to it; administration waits for replicas on other nodes.
SEARCH_SECONDS = 2
ADMINISTRATION_SECONDS = 60
# How long an address that failed is left alone, doubled with each failure up to the longest.
REST_SECONDS = 0.3
LONGEST_REST_SECONDS = 1.0
# A connection that the server closed while it was idle says nothing of the server: it is asked once more.
BROKEN_CONNECTION = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError, httpx.CloseError)
SERVER_ERROR = 500

Send = Callable[[httpx.Request], Awaitable[httpx.Response]]

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Address:
    """One address. `failures` counts those since it last answered; it is left alone until `rests_until`."""

    url: httpx.URL
    failures: int = 0
    rests_until: float = 0.0

    @property
    def shown(self) -> str:
        """The address as it is printed: without a user's name or password."""
        return str(self.url.copy_with(userinfo=b"")).rstrip("/")


class Failover:
    """Middleware of a Qdrant client. `urls` begin with the one that the client was made with."""

    def __init__(self, urls: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._addresses = [Address(httpx.URL(url)) for url in urls]
        # The client leaves a user's name and password out of what it sends.
        self._base = self._addresses[0].shown
        self._clock = clock
        self._probes = set[asyncio.Task[None]]()

    async def __call__(self, request: httpx.Request, send: Send) -> httpx.Response:
        """Return the answer of the first address that gives one. Raises IndexUnavailable when none does."""
        said: list[str] = []
        refused: httpx.Response | None = None
        for address in self._candidates(request, send):
            try:
                response = await self._ask(address, request, send)
            except ResponseHandlingException as failure:
                said.append(f"{address.shown} {_describe(failure.source)}")
                continue
            if response.status_code < SERVER_ERROR:
                return response
            refused = response
        if refused is not None:
            return refused
        why = "; ".join(said) or "it did not answer a moment ago"
        raise IndexUnavailable(f"Qdrant cannot be reached, check BOOKLIGHT_QDRANT_URL: {why}")

    async def close(self) -> None:
        """Stop asking whether addresses are back."""
        for probe in self._probes:
            probe.cancel()
        await asyncio.gather(*self._probes, return_exceptions=True)

    def _candidates(self, request: httpx.Request, send: Send) -> list[Address]:
        """Return the addresses to ask, in order: those that answered last, then those whose rest is over."""
        now = self._clock()
        awake = [address for address in self._addresses if not address.failures]
        rested = [address for address in self._addresses if address.failures and address.rests_until <= now]
        for address in rested:
            # Others leave it alone while it is being asked.
            address.rests_until = now + SEARCH_SECONDS
            if awake:
                self._probe(address, request, send)
        return awake + rested

    def _probe(self, address: Address, request: httpx.Request, send: Send) -> None:
        probe = httpx.Request("GET", f"{self._base}/readyz", headers=_headers(request), extensions=request.extensions)
        task = asyncio.create_task(self._ask_alone(address, probe, send))
        self._probes.add(task)
        task.add_done_callback(self._probes.discard)

    async def _ask_alone(self, address: Address, probe: httpx.Request, send: Send) -> None:
        try:
            await self._ask(address, probe, send)
        except ResponseHandlingException:
            return

    async def _ask(self, address: Address, request: httpx.Request, send: Send) -> httpx.Response:
        """Return the answer of one address, and note how it went. Raises ResponseHandlingException."""
        try:
            response = await self._send(self._addressed(request, address), send)
        except ResponseHandlingException as failure:
            self._note_failure(address, _describe(failure.source))
            raise
        if response.status_code < SERVER_ERROR:
            self._note_answer(address)
        else:
            self._note_failure(address, f"answered with status {response.status_code}")
        return response

    async def _send(self, request: httpx.Request, send: Send) -> httpx.Response:
        seconds = request.extensions["timeout"]["read"]
        try:
            async with asyncio.timeout(seconds):
                try:
                    return await send(request)
                except ResponseHandlingException as failure:
                    if not isinstance(failure.source, BROKEN_CONNECTION):
                        raise
                    return await send(request)
        except TimeoutError:
            raise ResponseHandlingException(httpx.ReadTimeout(f"no answer within {seconds} s")) from None

    def _addressed(self, request: httpx.Request, address: Address) -> httpx.Request:
        """Return `request` as it is sent to `address`."""
        path = str(request.url).removeprefix(self._base)
        timeout = request.extensions["timeout"] | {"connect": SEARCH_SECONDS}
        return httpx.Request(
            request.method,
            f"{str(address.url).rstrip('/')}{path}",
            headers=_headers(request),
            content=request.content,
            extensions=request.extensions | {"timeout": timeout},
        )

    def _note_failure(self, address: Address, why: str) -> None:
        if not address.failures and len(self._addresses) > 1:
            _log.warning("Qdrant at %s is left out until it answers: it %s", address.shown, why)
        address.failures += 1
        rest = min(LONGEST_REST_SECONDS, REST_SECONDS * 2 ** min(address.failures - 1, 10))
        address.rests_until = self._clock() + rest

    def _note_answer(self, address: Address) -> None:
        if address.failures and len(self._addresses) > 1:
            _log.warning("Qdrant at %s answers again", address.shown)
        address.failures = 0


def _headers(request: httpx.Request) -> httpx.Headers:
    headers = request.headers.copy()
    headers.pop("host", None)
    return headers


def _describe(failure: Exception) -> str:
    """Say what happened at an address, after its name."""
    if isinstance(failure, httpx.TimeoutException):
        return f"gave {failure}" if str(failure) else "gave no answer in time"
    return f"failed ({str(failure) or type(failure).__name__})"
