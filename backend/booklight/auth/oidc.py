"""Readers whom the site itself has signed in (OpenID Connect): a JWT of the site's login says who they are."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt

from booklight.auth.jwks import Jwk, KeySet
from booklight.errors import Unauthorized
from booklight.settings import Settings

MAX_SUBJECT = 1_000
REQUIRED = ["exp", "iss", "aud", "sub"]


class Login:
    """Reads tokens that `issuer` made for `audience`, signed by one of `keys`."""

    def __init__(
        self, *, issuer: str, audience: str, keys: KeySet, algorithms: tuple[str, ...], leeway: timedelta
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._algorithms = algorithms
        self._leeway = leeway
        self._jwt = jwt.PyJWT({"enforce_minimum_key_length": True, "require": REQUIRED})

    async def identify(self, token: str) -> str:
        """Return the id of the reader whose token it is: made of issuer and subject, neither of which can be read.

        Raises Unauthorized, saying what is wrong with the token, and NotReady while no key is known.
        """
        subject = (await self.read_claims(token))["sub"]
        if not 1 <= len(subject) <= MAX_SUBJECT:
            raise Unauthorized("The sign-in token names nobody.")
        return _owner(self._issuer, str(subject))

    async def read_claims(self, token: str) -> dict[str, Any]:
        """Return what the login says in a token of its own. Raises as `identify` does."""
        algorithm, kid = self._read_header(token)
        key = await self._keys.find(kid)
        if key is None:
            raise Unauthorized("The sign-in token is signed by a key that the site's login does not have.")
        return self._decode(token, algorithm, key)

    def _read_header(self, token: str) -> tuple[str, str | None]:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise Unauthorized("The sign-in token cannot be read.") from None
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in self._algorithms:
            raise Unauthorized(f"The sign-in token is not signed by {' or '.join(self._algorithms)}.")
        return algorithm, kid

    def _decode(self, token: str, algorithm: str, key: Jwk) -> dict[str, Any]:
        try:
            return self._jwt.decode(
                token,
                # A key that names no algorithm is good for all of its kind, and the token's is one that is allowed.
                jwt.PyJWK(dict(key), None if key.get("alg") else algorithm),
                algorithms=list(self._algorithms),
                issuer=self._issuer,
                audience=self._audience,
                leeway=self._leeway,
            )
        except jwt.PyJWTError as error:
            raise Unauthorized(_explain(error)) from None


def open_login(settings: Settings, on_fetch: Callable[[bool], None]) -> Login | None:
    """Return the login that the settings name; None where readers are all anonymous."""
    if settings.jwt_issuer is None or settings.jwt_audience is None or settings.jwt_jwks_url is None:
        return None
    return Login(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        keys=KeySet(settings.jwt_jwks_url, on_fetch=on_fetch),
        algorithms=settings.jwt_algorithms,
        leeway=timedelta(seconds=settings.jwt_leeway_seconds),
    )


def _owner(issuer: str, subject: str) -> str:
    """Return an id that no anonymous reader can have."""
    return f"login:{hashlib.sha256(json.dumps([issuer, subject]).encode()).hexdigest()}"


def _explain(error: jwt.PyJWTError) -> str:
    match error:
        case jwt.ExpiredSignatureError():
            return "Your sign-in has expired; sign in again."
        case jwt.ImmatureSignatureError():
            return "The sign-in token is not valid yet."
        case jwt.InvalidAudienceError():
            return "The sign-in token was made for another service."
        case jwt.InvalidIssuerError():
            return "The sign-in token was made by another login."
        case jwt.MissingRequiredClaimError():
            return f"The sign-in token lacks {error.claim}."
        case jwt.InvalidSignatureError():
            return "The sign-in token's signature is wrong."
        case _:
            return "The sign-in token is not one of the site's login."
