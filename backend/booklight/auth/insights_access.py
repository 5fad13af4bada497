"""Who may see what readers ask: whoever has the operator's key, and readers of whom the site's login says so."""

import hmac
from datetime import UTC, datetime, timedelta

import jwt

from booklight.auth.oidc import Login
from booklight.auth.tokens import ALGORITHM, bearer
from booklight.errors import Unauthorized

LIFETIME = timedelta(days=30)
_ISSUER = "booklight-insights"


class InsightsAccess:
    """Decides by `key`, by a pass that was issued for it, and by `claim` of the tokens of `login`.

    `claim` is a name, of a claim that has to be true, or `name=value`: it is that value, or a list that holds it.
    """

    def __init__(self, *, key: str | None, claim: str | None, login: Login | None) -> None:
        self._key = key
        self._claim = claim
        self._login = login

    @property
    def has_key(self) -> bool:
        """Whether there is a key that can be typed."""
        return self._key is not None

    def accepts(self, key: str) -> bool:
        """Say whether `key` is the operator's; how long that takes tells nothing of it."""
        return self._key is not None and hmac.compare_digest(key.encode(), self._key.encode())

    def issue_pass(self) -> str:
        """Return what stands in for the key for LIFETIME, while it is the same. Raises Unauthorized without one."""
        if self._key is None:
            raise Unauthorized("There is no key to open this with.")
        claims = {"iss": _ISSUER, "exp": datetime.now(UTC) + LIFETIME}
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    async def allows(self, authorization: str | None, cookie: str | None) -> bool:
        """Say whether a request with these may see them. Raises NotReady where a sign-in cannot be checked."""
        if cookie is not None and self._is_pass(cookie):
            return True
        if authorization is None:
            return False
        try:
            token = bearer(authorization)
        except Unauthorized:
            return False
        return self.accepts(token) or self._is_pass(token) or await self._is_granted(token)

    def _is_pass(self, token: str) -> bool:
        if self._key is None:
            return False
        try:
            jwt.decode(token, self._key, algorithms=[ALGORITHM], issuer=_ISSUER, options={"require": ["iss", "exp"]})
        except jwt.PyJWTError:
            return False
        return True

    async def _is_granted(self, token: str) -> bool:
        if self._login is None or self._claim is None:
            return False
        try:
            claims = await self._login.read_claims(token)
        except Unauthorized:
            return False
        name, names_value, value = self._claim.partition("=")
        found = claims.get(name)
        if not names_value:
            return found is True
        return value in found if isinstance(found, list) else found == value
