"""What stands before everything else: who a proxy says has sent a request, and which pages may read the answer."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from booklight.auth.client_address import FORWARDED, TrustedProxies
from booklight.auth.origins import AllowedOrigins


class ForwardedMiddleware:
    """Puts the reader's address in the place of that of the last proxy, as far as `proxies` are to be believed."""

    def __init__(self, app: ASGIApp, proxies: TrustedProxies) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["client"] is not None:
            forwarded = Headers(scope=scope).getlist(FORWARDED)
            if forwarded:
                scope["client"] = (self._proxies.client_of(scope["client"][0], forwarded), 0)
        await self._app(scope, receive, send)


class BookCorsMiddleware(CORSMiddleware):
    """Lets pages of `origins` read what is answered, by the rules of CORS; a refused one is logged."""

    def __init__(self, app: ASGIApp, origins: AllowedOrigins, *, request: list[str], answer: list[str]) -> None:
        super().__init__(app, allow_methods=["GET", "POST"], allow_headers=request, expose_headers=answer, max_age=7200)
        self._origins = origins

    def is_allowed_origin(self, origin: str) -> bool:
        """Say whether pages of an origin may read the answers."""
        return self._origins.allow(origin)

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer the question that a browser asks before a request to another origin."""
        if not self._origins.allow(request_headers["origin"]):
            self._origins.log_refused(request_headers["origin"])
        return super().preflight_response(request_headers)
