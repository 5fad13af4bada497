"""The routes of the sidecar: all under `/assistant`, but for `/metrics`."""

from typing import Protocol

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from booklight.api.bodies import ReadBody, read_json
from booklight.api.error_handlers import ErrorDetail
from booklight.api.middleware import API
from booklight.api.openapi import CHAT_ANSWERS, CHAT_BODY, error_responses, json_body
from booklight.auth.authenticator import Authenticator
from booklight.auth.client_address import client_address
from booklight.auth.origins import AllowedOrigins
from booklight.auth.rate_limits import RefusalLimit
from booklight.auth.tokens import Session
from booklight.contracts import AskedPlace, IndexStatus, PageContext, Readiness
from booklight.errors import (
    BadRequest,
    ForeignOrigin,
    Invalid,
    NotFound,
    NotReady,
    ThreadBusy,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    UnsupportedMediaType,
)
from booklight.ops.metrics import CONTENT_TYPE, Metrics

_CHAT_ERRORS = error_responses(
    BadRequest,
    Unauthorized,
    ForeignOrigin,
    NotFound,
    ThreadBusy,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    TooManyRequests,
    NotReady,
)

_ASKED_ERRORS = error_responses(
    BadRequest, Unauthorized, TooLarge, UnsupportedMediaType, Invalid, TooManyRequests, NotReady
)


class Missing(Readiness):
    """What is missing: in one message, as in every error, and component by component."""

    error: ErrorDetail


class AnswersChat(Protocol):
    """What answers a chat request in either dialect, reading its body once it knows who asks."""

    async def serve(self, read_body: ReadBody, *, authorization: str | None, address: str) -> Response: ...
    async def forget(self, authorization: str | None) -> int: ...
    async def asked_places(self, read_body: ReadBody, authorization: str | None) -> list[AskedPlace]: ...


class Forgotten(BaseModel):
    """How many conversations were deleted."""

    deleted: int


class AskedPlaces(BaseModel):
    """The places on one page, the last asked about first."""

    places: list[AskedPlace]


class SidecarLike(Protocol):
    """The sidecar, as far as its routes know it. `chat` and `index_status` raise NotReady."""

    def chat(self) -> AnswersChat: ...
    async def readiness(self) -> Readiness: ...
    async def index_status(self) -> IndexStatus: ...
    def uses_old_index(self) -> bool: ...


def sidecar_router(
    sidecar: SidecarLike,
    authenticator: Authenticator,
    metrics: Metrics,
    refusals: RefusalLimit,
    origins: AllowedOrigins,
) -> APIRouter:
    """Return the routes that `sidecar` answers, `authenticator` their sessions, and `metrics` what was counted.

    An address of which `refusals` counts too many is refused before anything else is done, and a page of none of the
    `origins` before anything is asked.
    """
    router = APIRouter()

    @router.post(
        f"{API}/chatkit", response_class=Response, openapi_extra=CHAT_BODY, responses=CHAT_ANSWERS | _CHAT_ERRORS
    )
    async def chat(request: Request) -> Response:
        """Answer a ChatKit request, or a question in the simple dialect."""
        address = client_address(request)
        await refusals.check(address)
        origins.check(request.headers.get("origin"), request.headers.get("host"))
        authorization = request.headers.get("authorization")
        return await sidecar.chat().serve(lambda: read_json(request), authorization=authorization, address=address)

    @router.post(f"{API}/session", responses=error_responses(Unauthorized, TooManyRequests))
    async def session(request: Request) -> Session:
        """Begin an anonymous session, or renew the one whose token is sent."""
        await refusals.check(client_address(request))
        return authenticator.renew(request.headers.get("authorization"))

    @router.post(f"{API}/forget", responses=error_responses(Unauthorized, TooManyRequests, NotReady))
    async def forget(request: Request) -> Forgotten:
        """Delete all conversations of the reader whose token is sent, for good."""
        await refusals.check(client_address(request))
        return Forgotten(deleted=await sidecar.chat().forget(request.headers.get("authorization")))

    @router.post(f"{API}/asked", openapi_extra=json_body(PageContext), responses=_ASKED_ERRORS)
    async def asked(request: Request) -> AskedPlaces:
        """Say where on a page the reader whose token is sent has asked before, or was led to by an answer."""
        await refusals.check(client_address(request))
        authorization = request.headers.get("authorization")
        return AskedPlaces(places=await sidecar.chat().asked_places(lambda: read_json(request), authorization))

    @router.get(f"{API}/health")
    async def health() -> dict[str, str]:
        """Say that the process is alive."""
        return {"status": "ok"}

    @router.get(f"{API}/ready", response_model=Readiness, responses={503: {"model": Missing}})
    async def ready() -> Response:
        """Say whether questions can be answered, and if not, what is missing and what mends it."""
        return _ready_response(await sidecar.readiness())

    @router.get(f"{API}/index", responses=error_responses(NotReady))
    async def index() -> IndexStatus:
        """Say what the index was built from."""
        return await sidecar.index_status()

    @router.get("/metrics", response_class=Response, responses={200: {"content": {CONTENT_TYPE: {}}}})
    async def prometheus() -> Response:
        """Return what was counted, for Prometheus."""
        metrics.note_index(old=sidecar.uses_old_index())
        return Response(metrics.render(), media_type=CONTENT_TYPE)

    return router


def _ready_response(readiness: Readiness) -> Response:
    if readiness.ready:
        return JSONResponse(readiness.model_dump(exclude_none=True))
    reasons = " ".join(part.reason for part in readiness.parts.values() if part.reason is not None)
    missing = Missing(ready=False, parts=readiness.parts, error=ErrorDetail(code=NotReady.code, message=reasons))
    return JSONResponse(missing.model_dump(exclude_none=True), NotReady.status)
