"""The public keys of a site's login, fetched from the one address that the operator named and kept for a while."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from booklight.errors import NotReady

FRESH_SECONDS = 600.0
"""How long keys are used without asking again."""
STALE_SECONDS = 24 * 60 * 60.0
"""How long keys are used while their address does not answer."""
RETRY_SECONDS = 30.0
"""The least time between two requests for keys that are there already, whatever tokens name."""
NOTHING_RETRY_SECONDS = 2.0
"""The same while there are none."""
FETCH_SECONDS = 5.0
MAX_BYTES = 500_000

logger = logging.getLogger("booklight.readers")


class Jwk(BaseModel):
    """A JSON Web Key, with whatever else it has."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kty: str
    kid: str | None = None
    use: str | None = None
    alg: str | None = None


class JwkDocument(BaseModel):
    """What the address answers with."""

    keys: tuple[Mapping[str, object], ...] = Field(min_length=1)


class KeysUnavailable(Exception):
    """The keys cannot be had; the text says why, without what the other side wrote."""


class KeySet:
    """The keys at `url`. `watch` is told of every fetch whether it worked, `now` gives the seconds."""

    def __init__(
        self, url: str, *, watch: Callable[[bool], None] = lambda ok: None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._watch = watch
        self._now = now
        self._keys: tuple[Jwk, ...] = ()
        self._fetched: float | None = None
        self._tried: float | None = None
        self._fetching = asyncio.Lock()

    async def find(self, kid: str | None) -> Jwk | None:
        """Return the key that a token names, or the only one where it names none; None if there is no such key.

        Keys are asked for again when they are old or do not hold the one that is named, but not more often than the
        constants above allow. Raises NotReady when there are none to look in.
        """
        if self._is_old() or self._named(kid) is None:
            await self._refresh(kid)
        if self._fetched is None or self._now() - self._fetched > STALE_SECONDS:
            raise NotReady("Sign-in cannot be checked at the moment; please try again in a moment.")
        return self._named(kid)

    def _named(self, kid: str | None) -> Jwk | None:
        if kid is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.kid == kid), None)

    def _is_old(self) -> bool:
        return self._fetched is None or self._now() - self._fetched > FRESH_SECONDS

    def _may_ask(self) -> bool:
        pause = RETRY_SECONDS if self._keys else NOTHING_RETRY_SECONDS
        return self._tried is None or self._now() - self._tried > pause

    async def _refresh(self, kid: str | None) -> None:
        """Fetch the keys once for all who wait for them; those that are there stay when that fails."""
        async with self._fetching:
            if not self._may_ask() or not (self._is_old() or self._named(kid) is None):
                return
            try:
                self._keys = await fetch_keys(self._url)
            except KeysUnavailable as failure:
                logger.warning("The keys of BOOKLIGHT_JWT_JWKS_URL cannot be fetched: %s", failure)
                self._watch(False)
            else:
                self._fetched = self._now()
                self._watch(True)
            finally:
                self._tried = self._now()


async def fetch_keys(url: str) -> tuple[Jwk, ...]:
    """Return the signing keys at `url`; redirects are not followed. Raises KeysUnavailable."""
    try:
        async with asyncio.timeout(FETCH_SECONDS):
            document = JwkDocument.model_validate_json(await _download(url))
    except TimeoutError:
        raise KeysUnavailable(f"no answer within {FETCH_SECONDS:.0f} seconds") from None
    except ValidationError:
        raise KeysUnavailable("the answer is not a JSON Web Key Set") from None
    keys = tuple(key for key in map(_parse_key, document.keys) if key is not None)
    if not keys:
        raise KeysUnavailable("the key set has no public key for signatures")
    return keys


async def _download(url: str) -> bytes:
    import httpx

    body = bytearray()
    try:
        async with (
            httpx.AsyncClient(follow_redirects=False, timeout=FETCH_SECONDS) as client,
            client.stream("GET", url, headers={"Accept": "application/json"}) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise KeysUnavailable(f"status {response.status_code}")
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > MAX_BYTES:
                    raise KeysUnavailable(f"the answer is longer than {MAX_BYTES:,} bytes")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise KeysUnavailable(type(error).__name__) from error
    return bytes(body)


def _parse_key(data: Mapping[str, object]) -> Jwk | None:
    """Return a key that signatures may be checked with; a shared secret or a key for encryption is none."""
    try:
        key = Jwk.model_validate(data)
    except ValidationError:
        return None
    return key if key.kty != "oct" and key.use in {None, "sig"} else None
