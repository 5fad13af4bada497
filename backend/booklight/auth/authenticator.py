"""Authentication: a reader whom the site has signed in, or an anonymous one where those may ask."""

import jwt

from booklight.auth.oidc import Login
from booklight.auth.tokens import ALGORITHM, Reader, Session, Tokens, bearer
from booklight.errors import Unauthorized

SIGN_IN = "Only readers who are signed in may ask here; sign in and try again."


class Authenticator:
    """Identifies readers by `tokens` of our own and, if there is one, by the site's `login`.

    A token of ours is distinguished from one of the site's by its algorithm, which only says who checks it: each of
    the two accepts its own algorithms and keys alone.
    """

    def __init__(self, tokens: Tokens, *, login: Login | None = None, anonymous: bool = True) -> None:
        self._tokens = tokens
        self._login = login
        self._anonymous = anonymous

    async def identify(self, authorization: str | None, session_id: str | None = None) -> Reader:
        """Return who asks. Raises Unauthorized, and NotReady where a sign-in cannot be checked."""
        if self._login is not None and authorization is not None and not _is_ours(authorization):
            return Reader(await self._login.identify(bearer(authorization)))
        self._allow_anonymous()
        return self._tokens.identify(authorization, session_id)

    def renew(self, authorization: str | None) -> Session:
        """Begin or renew an anonymous session. Raises Unauthorized, also where nobody may be anonymous."""
        self._allow_anonymous()
        return self._tokens.renew(authorization)

    def _allow_anonymous(self) -> None:
        if not self._anonymous:
            raise Unauthorized(SIGN_IN)


def _is_ours(authorization: str) -> bool:
    try:
        return jwt.get_unverified_header(bearer(authorization)).get("alg") == ALGORITHM
    except jwt.PyJWTError:
        return False
