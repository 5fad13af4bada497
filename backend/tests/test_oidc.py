"""Readers whom the site has signed in: whose tokens are believed, and what is said of those that are not."""

import base64
import hashlib
import hmac
import json
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest

from backend.tests.jwks_server import AUDIENCE, ISSUER, Key, LoginServer, serve_login
from booklight.auth.jwks import FRESH_SECONDS, NOTHING_RETRY_SECONDS, RETRY_SECONDS, STALE_SECONDS, KeySet
from booklight.auth.oidc import Login
from booklight.errors import NotReady, Unauthorized

RSA, OTHER, EC = Key("rsa-1"), Key("rsa-2"), Key("ec-1", "ES256")
SECRET = "s" * 40


class Clock:
    """The time, as a test moves it."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def server() -> Iterator[LoginServer]:
    """A login with an RSA key and an elliptic one."""
    with serve_login(RSA, EC) as login:
        yield login


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fetches() -> list[bool]:
    """Whether each fetch of keys worked."""
    return []


@pytest.fixture
def login(server: LoginServer, clock: Clock, fetches: list[bool]) -> Login:
    """What reads the tokens of that login."""
    return Login(
        issuer=ISSUER,
        audience=AUDIENCE,
        keys=KeySet(f"{server.url}/keys", on_fetch=fetches.append, now=clock),
        algorithms=("RS256", "ES256"),
        leeway=timedelta(seconds=30),
    )


def part(value: object) -> str:
    """Return one part of a token that is put together by hand."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": int(time.time()) + 600} | changes


def unsigned(algorithm: str, kid: object = "rsa-1") -> str:
    """Return a token without a signature."""
    return f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': kid})}.{part(claims())}."


def signed_by_the_public_key(key: Key) -> str:
    """Return a token whose HMAC secret is the key that everybody may read."""
    body = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': key.kid})}.{part(claims())}"
    signature = hmac.new(key.public_pem(), body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def signed_by_a_short_key() -> tuple[Key, str]:
    """Return an RSA key too short to be safe, and its token."""
    short = Key("short", size=1024)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return short, short.sign()


@pytest.mark.parametrize("key", [RSA, EC], ids=["RS256", "ES256"])
async def test_a_signed_in_reader_is_known_again_and_by_nothing_that_can_be_read(login: Login, key: Key) -> None:
    reader = await login.identify(key.sign("ada@bees.example"))
    assert reader == await login.identify(key.sign("ada@bees.example", iat=1))
    assert reader != await login.identify(key.sign("bob@bees.example"))
    assert reader.startswith("login:")
    assert "ada" not in reader


async def test_the_same_name_at_another_login_is_another_reader(login: Login, server: LoginServer) -> None:
    elsewhere = Login(
        issuer="https://other.example/",
        audience=AUDIENCE,
        keys=KeySet(f"{server.url}/keys"),
        algorithms=("RS256",),
        leeway=timedelta(0),
    )
    here = await login.identify(RSA.sign())
    assert await elsewhere.identify(RSA.sign(iss="https://other.example/")) != here


REFUSED: dict[str, tuple[Callable[[], str], str]] = {
    "expired": (lambda: RSA.sign(exp=int(time.time()) - 31), "expired"),
    "not valid yet": (lambda: RSA.sign(nbf=int(time.time()) + 60), "not valid yet"),
    "made in the future": (lambda: RSA.sign(iat=int(time.time()) + 60), "not valid yet"),
    "another issuer": (lambda: RSA.sign(iss="https://evil.example/"), "another login"),
    "no issuer": (lambda: RSA.sign(iss=None), "lacks iss"),
    "another audience": (lambda: RSA.sign(aud="wiki"), "another service"),
    "no audience": (lambda: RSA.sign(aud=None), "lacks aud"),
    "no end": (lambda: RSA.sign(exp=None), "lacks exp"),
    "no subject": (lambda: RSA.sign(None), "lacks sub"),
    "an empty subject": (lambda: RSA.sign(""), "names nobody"),
    "a subject that is no text": (lambda: RSA.sign(7), "not one of the site's login"),
    "an endless subject": (lambda: RSA.sign("a" * 1_001), "names nobody"),
    "an unknown key": (OTHER.sign, "does not have"),
    "another key under a known name": (lambda: OTHER.sign(headers={"kid": "rsa-1"}), "signature is wrong"),
    "a key of the other kind": (lambda: RSA.sign(headers={"kid": "ec-1"}), "not one of"),
    "a key's name that is no text": (lambda: unsigned("RS256", kid=7), "cannot be read"),
    "no algorithm": (lambda: unsigned("none"), "not signed by RS256 or ES256"),
    "an algorithm in name only": (lambda: unsigned("RS256"), "signature is wrong"),
    "the public key as a secret": (lambda: signed_by_the_public_key(RSA), "not signed by"),
    "an algorithm that is not allowed": (lambda: jwt.encode(claims(), OTHER.private, "RS512"), "not signed by"),
    "nonsense": (lambda: "nonsense", "cannot be read"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_token_that_is_not_right_is_refused_and_the_reason_said(login: Login, case: str) -> None:
    make, reason = REFUSED[case]
    with pytest.raises(Unauthorized, match=reason):
        await login.identify(make())


async def test_clocks_may_differ_by_the_leeway(login: Login) -> None:
    await login.identify(RSA.sign(exp=int(time.time()) - 5, nbf=int(time.time()) + 5))


async def test_a_changed_token_is_refused(login: Login) -> None:
    header, _, signature = RSA.sign("ada").split(".")
    with pytest.raises(Unauthorized, match="signature"):
        await login.identify(f"{header}.{part(claims(sub='bob'))}.{signature}")


async def test_keys_too_short_or_for_something_else_are_none(login: Login, server: LoginServer) -> None:
    short, token = signed_by_a_short_key()
    shared = {"kty": "oct", "kid": "shared", "k": base64.urlsafe_b64encode(SECRET.encode()).decode(), "alg": "HS256"}
    server.keys = [short.public_jwk(), shared, OTHER.public_jwk(use="enc"), {"kty": 7}]
    for refused in (token, OTHER.sign(), jwt.encode(claims(), SECRET, "HS256", {"kid": "shared"})):
        with pytest.raises(Unauthorized):
            await login.identify(refused)


async def test_a_token_that_names_no_key_is_read_where_there_is_but_one(login: Login, server: LoginServer) -> None:
    nameless = jwt.encode(claims(), RSA.private, "RS256")
    with pytest.raises(Unauthorized):
        await login.identify(nameless)
    server.keys = [RSA.public_jwk()]
    alone = Login(
        issuer=ISSUER,
        audience=AUDIENCE,
        keys=KeySet(f"{server.url}/keys"),
        algorithms=("RS256",),
        leeway=timedelta(0),
    )
    assert await alone.identify(nameless)


async def test_a_key_that_names_no_algorithm_takes_those_that_are_allowed(login: Login, server: LoginServer) -> None:
    bare = RSA.public_jwk()
    del bare["alg"]
    server.keys = [bare]
    assert await login.identify(RSA.sign())


async def test_keys_are_asked_for_once_and_again_when_old(login: Login, server: LoginServer, clock: Clock) -> None:
    for _ in range(3):
        await login.identify(RSA.sign())
    assert server.asked == ["/keys"]
    clock.seconds += FRESH_SECONDS + 1
    await login.identify(RSA.sign())
    assert len(server.asked) == 2


async def test_a_new_key_is_learned_at_once_but_unknown_ones_ask_no_more_than_now_and_then(
    login: Login, server: LoginServer, clock: Clock
) -> None:
    await login.identify(RSA.sign())
    server.keys = [OTHER.public_jwk()]
    clock.seconds += RETRY_SECONDS + 1
    assert await login.identify(OTHER.sign())
    with pytest.raises(Unauthorized, match="does not have"):
        await login.identify(RSA.sign())
    for number in range(20):
        with pytest.raises(Unauthorized):
            await login.identify(RSA.sign(headers={"kid": f"made-up-{number}"}))
    assert len(server.asked) == 2


async def test_known_keys_are_used_for_a_day_while_the_login_is_away(
    login: Login, server: LoginServer, clock: Clock, fetches: list[bool]
) -> None:
    await login.identify(RSA.sign())
    server.status = 500
    clock.seconds += FRESH_SECONDS + 1
    assert await login.identify(RSA.sign())
    assert fetches == [True, False]
    clock.seconds += STALE_SECONDS
    with pytest.raises(NotReady):
        await login.identify(RSA.sign())


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, None),
        (302, None),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"keys": []}'),
        (200, b'{"keys": [{"kty": "oct", "k": "AAAA"}]}'),
        (200, b" " * 500_001),
    ],
)
async def test_without_keys_nobody_can_be_checked_until_they_are_there(
    login: Login, server: LoginServer, clock: Clock, status: int, body: bytes | None
) -> None:
    server.status, server.body = status, body
    for _ in range(3):
        with pytest.raises(NotReady):
            await login.identify(RSA.sign())
    assert server.asked == ["/keys"]
    server.status, server.body = 200, None
    clock.seconds += NOTHING_RETRY_SECONDS + 1
    assert await login.identify(RSA.sign())


async def test_no_address_in_a_token_is_asked(login: Login, server: LoginServer) -> None:
    with serve_login(OTHER) as evil:
        for name in ("jku", "x5u"):
            with pytest.raises(Unauthorized):
                await login.identify(OTHER.sign(headers={name: f"{evil.url}/keys", "jwk": OTHER.public_jwk()}))
        assert evil.asked == []
    assert set(server.asked) == {"/keys"}
