"""JSON Web Key Sets (JWKS): the public keys of a site's login, fetched from one address and kept for a while."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from urllib.error import HTTPError, URLError

import jwt

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

Jwk = Mapping[str, object]
"""A JSON Web Key that signatures may be checked with."""

logger = logging.getLogger("booklight.readers")


class KeysUnavailable(Exception):
    """The keys cannot be had; the text says why, without what the other side wrote."""


class KeySet:
    """The keys at `url`. `on_fetch` is called after every fetch with whether it worked, `now` gives the seconds."""

    def __init__(
        self, url: str, *, on_fetch: Callable[[bool], None] = lambda ok: None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._on_fetch = on_fetch
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
        return next((key for key in self._keys if key.get("kid") == kid), None)

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
                self._on_fetch(False)
            else:
                self._fetched = self._now()
                self._on_fetch(True)
            finally:
                self._tried = self._now()


async def fetch_keys(url: str) -> tuple[Jwk, ...]:
    """Return the signing keys at `url`; redirects are not followed. Raises KeysUnavailable."""
    client = jwt.PyJWKClient(url, cache_jwk_set=False, headers={"Accept": "application/json"}, timeout=FETCH_SECONDS)
    try:
        async with asyncio.timeout(FETCH_SECONDS):
            document = await asyncio.to_thread(client.fetch_data)
        jwt.PyJWKSet.from_dict(document)
    except TimeoutError:
        raise KeysUnavailable(f"no answer within {FETCH_SECONDS:.0f} seconds") from None
    except jwt.PyJWKClientConnectionError as failure:
        raise KeysUnavailable(_why(failure.__cause__)) from failure
    except (jwt.PyJWTError, ValueError):
        raise KeysUnavailable("the answer is not a JSON Web Key Set") from None
    keys = tuple(key for key in document["keys"] if isinstance(key, dict) and _checks_signatures(key))
    if not keys:
        raise KeysUnavailable("the key set has no public key for signatures")
    return keys


def _checks_signatures(key: Jwk) -> bool:
    """Say whether signatures may be checked with a key; a shared secret or a key for encryption is none."""
    return isinstance(key.get("kty"), str) and key["kty"] != "oct" and key.get("use") in {None, "sig"}


def _why(failure: BaseException | None) -> str:
    match failure:
        case HTTPError():
            return f"status {failure.code}"
        case URLError(reason=OSError() as reason):
            return type(reason).__name__
        case _:
            return type(failure).__name__
