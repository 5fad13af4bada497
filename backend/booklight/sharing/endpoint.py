"""`/assistant/share` and `/assistant/shared/…`: a reader makes a link to an answer of theirs, and whoever has it reads.

Importing this module imports nothing that reading a database needs; that is done once somebody asks.
"""

from collections.abc import Callable
from typing import Protocol

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from booklight.api.bodies import read_json
from booklight.api.middleware import API, SHARED
from booklight.api.native import invalid
from booklight.api.openapi import error_responses, json_body
from booklight.auth.authenticator import Authenticator
from booklight.auth.client_address import client_address
from booklight.auth.origins import AllowedOrigins
from booklight.auth.rate_limits import RefusalLimit
from booklight.errors import (
    BadRequest,
    ForeignOrigin,
    Invalid,
    NotFound,
    NotReady,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    UnsupportedMediaType,
)
from booklight.sharing.contracts import AnswerAddress, LinksEnded, SharedAnswer, ShareLink, ShareState

NO_SUCH_LINK = "There is nothing at this address: the link has expired, or its answer is not shared any more."
PRIVATE = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "no-referrer"}
"""Sent with whatever a link shows."""

_READ_ERRORS = error_responses(NotFound, TooManyRequests, NotReady)
_OWN_ERRORS = error_responses(
    BadRequest,
    Unauthorized,
    ForeignOrigin,
    NotFound,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    TooManyRequests,
    NotReady,
)


class SharesAnswers(Protocol):
    """What keeps links to answers and shows them. `owner` is the reader's id; a foreign answer raises NotFound."""

    async def make(self, answer: AnswerAddress, owner: str) -> ShareLink: ...
    async def end(self, answer: AnswerAddress, owner: str) -> int: ...
    async def state(self, answer: AnswerAddress, owner: str) -> ShareState: ...
    async def load(self, share_id: str) -> SharedAnswer | None: ...
    async def page(self, shared: SharedAnswer, share_id: str) -> "WrittenPage": ...
    def gone_page(self, languages: str) -> "WrittenPage": ...


class WrittenPage(Protocol):
    """A page, and the policy under which a browser may show it."""

    @property
    def html(self) -> str: ...
    @property
    def policy(self) -> str: ...


class ShareEndpoint:
    """Answers requests about shared answers. `build` is called for each; it raises NotReady until it can.

    A link that shows nothing counts towards `refusals`, so that ids are not tried by the thousand.
    """

    def __init__(
        self,
        build: Callable[[], SharesAnswers],
        *,
        authenticator: Authenticator,
        refusals: RefusalLimit,
        origins: AllowedOrigins,
    ) -> None:
        self._build = build
        self._authenticator = authenticator
        self._refusals = refusals
        self._origins = origins

    def router(self) -> APIRouter:
        """Return the routes to add to the sidecar's."""
        router = APIRouter()
        body = json_body(AnswerAddress)

        @router.post(f"{API}/share", openapi_extra=body, responses=_OWN_ERRORS)
        async def share(request: Request) -> ShareLink:
            """Make a link by which whoever has it reads one answer of the reader whose token is sent."""
            return await self._build().make(*await self._read(request))

        @router.post(f"{API}/unshare", openapi_extra=body, responses=_OWN_ERRORS)
        async def unshare(request: Request) -> LinksEnded:
            """End all links to an answer of the reader whose token is sent."""
            return LinksEnded(ended=await self._build().end(*await self._read(request)))

        @router.post(f"{API}/shares", openapi_extra=body, responses=_OWN_ERRORS)
        async def shares(request: Request) -> ShareState:
            """Say how an answer of the reader whose token is sent is shared."""
            return await self._build().state(*await self._read(request))

        @router.get(f"{SHARED}{{share_id}}.json", response_model_exclude_none=True, responses=_READ_ERRORS)
        async def shared(share_id: str, request: Request, response: Response) -> SharedAnswer:
            """Return what a link shows."""
            response.headers.update(PRIVATE)
            found = await self._find(share_id, request)
            if found is None:
                raise NotFound(NO_SUCH_LINK)
            return found

        router.add_route(f"{SHARED}{{share_id}}", self._show, methods=["GET"], include_in_schema=False)
        return router

    async def _read(self, request: Request) -> tuple[AnswerAddress, str]:
        """Return which answer a request is about, and the id of the reader who asks. Raises RequestError."""
        await self._refusals.check(client_address(request))
        self._origins.check(request.headers.get("origin"), request.headers.get("host"))
        authorization = request.headers.get("authorization")
        if authorization is None:
            raise Unauthorized("Send the token of the reader whose answer it is.")
        reader = await self._authenticator.identify(authorization)
        try:
            return AnswerAddress.model_validate(await read_json(request)), reader.id
        except ValidationError as error:
            raise invalid(error) from None

    async def _find(self, share_id: str, request: Request) -> SharedAnswer | None:
        await self._refusals.check(client_address(request))
        return await self._build().load(share_id)

    async def _show(self, request: Request) -> Response:
        share_id = request.path_params["share_id"]
        found = await self._find(share_id, request)
        if found is not None:
            return _html(await self._build().page(found, share_id))
        await self._refusals.count(client_address(request), NotFound(NO_SUCH_LINK))
        return _html(self._build().gone_page(request.headers.get("accept-language", "")), NotFound.status)


def _html(page: WrittenPage, status: int = 200) -> HTMLResponse:
    return HTMLResponse(page.html, status, PRIVATE | {"Content-Security-Policy": page.policy})
