"""Session tokens: an anonymous reader is known by a token that this sidecar signed, and by nothing else about them."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
from pydantic import BaseModel

from booklight.errors import Unauthorized

LIFETIME = timedelta(days=30)
RENEWABLE = timedelta(days=90)
"""How long after its end a token still renews the same reader."""
MIN_SESSION_ID = 32
READER_HEADER = "X-Booklight-Token"
ALGORITHM = "HS256"

_ISSUER = "booklight"
_ANONYMOUS = "reader:"


class Session(BaseModel):
    """A token to send as `Authorization: Bearer`, and when it ends."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever asks. `token` is set when it was made for this request, and then the answer carries it."""

    id: str
    token: str | None = None


class Tokens:
    """Signs and reads readers' tokens with one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def identify(self, authorization: str | None, session_id: str | None = None) -> Reader:
        """Return who sent `authorization`, else whose `session_id` it is, else a new reader.

        Raises Unauthorized for a token that is not ours or has expired.
        """
        if authorization is not None:
            return Reader(self._read(bearer(authorization), leeway=timedelta(0)))
        if session_id is not None and len(session_id) >= MIN_SESSION_ID:
            return Reader(session_reader(session_id))
        reader = _new_reader()
        return Reader(reader, self._sign(reader).token)

    def renew(self, authorization: str | None) -> Session:
        """Return a session of the same reader, or of a new one for whoever brings no token.

        Raises Unauthorized for a token that is not ours or expired too long ago.
        """
        if authorization is None:
            return self._sign(_new_reader())
        return self._sign(self._read(bearer(authorization), leeway=RENEWABLE))

    def owner_of(self, token: str) -> str:
        """Return the id of the reader whose token it is or once was. Raises Unauthorized for one that is not ours."""
        return self._read(token, leeway=timedelta(days=365_000))

    def _sign(self, reader: str) -> Session:
        now = datetime.now(UTC)
        expires_at = (now + LIFETIME).replace(microsecond=0)
        claims = {"iss": _ISSUER, "sub": reader, "iat": now, "exp": expires_at}
        return Session(token=jwt.encode(claims, self._secret, algorithm=ALGORITHM), expires_at=expires_at)

    def _read(self, token: str, *, leeway: timedelta) -> str:
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                issuer=_ISSUER,
                leeway=leeway,
                options={"require": ["iss", "sub", "exp"], "verify_iat": False},
            )
        except jwt.ExpiredSignatureError:
            raise Unauthorized("The token has expired; renew it at /assistant/session.") from None
        except jwt.InvalidTokenError:
            raise Unauthorized("The token is not one of this server's; get one at /assistant/session.") from None
        reader = str(claims["sub"])
        if not reader.startswith(_ANONYMOUS):
            # Whoever else holds the key still signs nobody in: that is the login's alone.
            raise Unauthorized("The token is not one of this server's; get one at /assistant/session.")
        return reader


def bearer(authorization: str) -> str:
    """Return the token of an `Authorization` header. Raises Unauthorized if there is none."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("Send the token as `Authorization: Bearer <token>`.")
    return token.strip()


def session_reader(session_id: str) -> str:
    """Return the id of the reader that a `session_id` stands for, which cannot be read from it."""
    return f"session:{hashlib.sha256(session_id.encode()).hexdigest()}"


def _new_reader() -> str:
    return f"{_ANONYMOUS}{secrets.token_hex(16)}"
