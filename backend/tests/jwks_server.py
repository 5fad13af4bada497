"""A site's login for tests: real keys, tokens signed by them, and a real server that publishes them."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from backend.tests.http_server import QuietHandler, serve_requests

ISSUER = "https://login.bees.example/"
AUDIENCE = "booklight"

Json = dict[str, Any]


class Key:
    """A key pair of the login, for `algorithm`; `kid` names it, and `size` is an RSA key's."""

    def __init__(self, kid: str, algorithm: str = "RS256", size: int = 2048) -> None:
        self.kid = kid
        self.algorithm = algorithm
        self.private: Any = (
            ec.generate_private_key(ec.SECP256R1())
            if algorithm == "ES256"
            else rsa.generate_private_key(public_exponent=65537, key_size=size)
        )

    def public_jwk(self, **changes: str) -> Json:
        """Return the public half, as the login publishes it."""
        kind = ECAlgorithm if self.algorithm == "ES256" else RSAAlgorithm
        published: Json = kind.to_jwk(self.private.public_key(), as_dict=True)
        return published | {"kid": self.kid, "use": "sig", "alg": self.algorithm} | changes

    def public_pem(self) -> bytes:
        """Return the public half as PEM."""
        return bytes(self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def sign(self, subject: object = "ada", *, headers: Json | None = None, **claims: object) -> str:
        """Return a token for `subject`; a claim that is None is left out."""
        now = int(time.time())
        said = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 600} | claims
        given = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(given, self.private, self.algorithm, {"kid": self.kid, **(headers or {})})


@dataclass
class LoginServer:
    """What the server publishes, and what was asked of it. With `status` it answers without keys."""

    url: str = ""
    keys: list[Json] = field(default_factory=list)
    status: int = 200
    body: bytes | None = None
    asked: list[str] = field(default_factory=list)

    def settings(self) -> Json:
        """Return the settings of a sidecar that trusts this login."""
        return {"jwt_issuer": ISSUER, "jwt_audience": AUDIENCE, "jwt_jwks_url": f"{self.url}/keys"}


@contextmanager
def serve_login(*keys: Key) -> Iterator[LoginServer]:
    """Serve the public halves of `keys` until the block ends."""
    login = LoginServer(keys=[key.public_jwk() for key in keys])

    class Answer(QuietHandler):
        def do_GET(self) -> None:
            login.asked.append(self.path)
            body = json.dumps({"keys": login.keys}).encode() if login.body is None else login.body
            elsewhere = {"Location": f"{login.url}/elsewhere"} if 300 <= login.status < 400 else {}
            self.answer(login.status, body, **elsewhere)

    with serve_requests(Answer) as login.url:
        yield login
