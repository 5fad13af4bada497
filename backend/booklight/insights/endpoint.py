"""`/assistant/insights`: what readers ask, live, for whoever may see it; for others there is nothing there.

Importing this module imports nothing that a report needs; that is done once somebody asks for one.
"""

from collections.abc import Callable
from importlib.resources import files
from typing import Protocol
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from booklight.api.bodies import read_body
from booklight.api.middleware import API
from booklight.auth.client_address import client_address
from booklight.auth.insights_access import LIFETIME, InsightsAccess
from booklight.auth.rate_limits import RefusalLimit
from booklight.errors import Invalid, NotFound

PATH = f"{API}/insights"
DAYS, MOST_DAYS = 30, 3_650
COOKIE = "booklight_insights"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
NOTHING_HERE = "There is nothing at this address."
WRONG_KEY = '<p role="alert">That is not the key.</p>'


class ShowsInsights(Protocol):
    """What makes the report of the last days, as a page and as JSON."""

    async def page(self, days: int, pass_token: str | None) -> str: ...
    async def document(self, days: int) -> str: ...


class InsightsEndpoint:
    """Answers requests for insights. `build` is called for each report; it raises NotReady until it can.

    Whoever may not see them counts towards `refusals`, so that keys are not tried by the thousand.
    """

    def __init__(self, build: Callable[[], ShowsInsights], access: InsightsAccess, refusals: RefusalLimit) -> None:
        self._build = build
        self._access = access
        self._refusals = refusals

    def routes(self) -> list[Route]:
        """Return the routes to add to the sidecar's."""
        return [
            Route(PATH, self._show, methods=["GET"]),
            Route(PATH, self._sign_in, methods=["POST"]),
            Route(f"{PATH}.json", self._tell, methods=["GET"]),
        ]

    async def _show(self, request: Request) -> Response:
        if not await self._allows(request):
            return await self._form(request)
        pass_token = self._access.issue_pass() if self._access.has_key else None
        return _html(await self._build().page(_days(request), pass_token))

    async def _tell(self, request: Request) -> Response:
        if not await self._allows(request):
            raise NotFound(NOTHING_HERE)
        return Response(await self._build().document(_days(request)), media_type="application/json")

    async def _sign_in(self, request: Request) -> Response:
        """Take the key that was typed, and leave a cookie that only these pages are sent, and no script can read."""
        await self._refusals.check(client_address(request))
        given = parse_qs((await read_body(request)).decode("utf-8", "replace")).get("key", [""])[0].strip()
        if not self._access.accepts(given):
            return await self._form(request, WRONG_KEY)
        answer = RedirectResponse(PATH, status_code=303)
        answer.set_cookie(
            COOKIE,
            self._access.issue_pass(),
            max_age=int(LIFETIME.total_seconds()),
            path=PATH,
            secure="https" in (request.url.scheme, request.headers.get("x-forwarded-proto")),
            httponly=True,
            samesite="strict",
        )
        return answer

    async def _allows(self, request: Request) -> bool:
        await self._refusals.check(client_address(request))
        return await self._access.allows(request.headers.get("authorization"), request.cookies.get(COOKIE))

    async def _form(self, request: Request, note: str = "") -> Response:
        """Return the form where a key can be typed, with the status of an address that is not there."""
        refused = NotFound(NOTHING_HERE)
        if not self._access.has_key:
            raise refused
        await self._refusals.count(client_address(request), refused)
        form = files("booklight.insights").joinpath("templates/key.html").read_text("utf-8")
        return _html(form.replace("<!-- note -->", note), NotFound.status)


def _html(text: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(text, status, {"Content-Security-Policy": POLICY})


def _days(request: Request) -> int:
    given = request.query_params.get("since", str(DAYS)).removesuffix("d")
    if not (given.isascii() and given.isdecimal() and len(given) < 5 and 1 <= int(given) <= MOST_DAYS):
        raise Invalid(f"since: give a number of days, from 1 to {MOST_DAYS}.")
    return int(given)
