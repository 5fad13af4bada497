"""Error handlers: every error as JSON `{"error": {"code", "message"}}`, with no text of an unexpected exception."""

from http import HTTPStatus

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from booklight.api.middleware import loggable_path
from booklight.auth.client_address import client_address
from booklight.auth.rate_limits import RefusalLimit
from booklight.errors import RequestError, TooManyRequests, Unauthorized
from booklight.ops.metrics import Metrics
from booklight.ops.redaction import log_error


class ErrorDetail(BaseModel):
    """Why a request was refused: a code for programs, a message for readers."""

    code: str
    message: str


class ErrorBody(BaseModel):
    """The body of every answer that is not a success."""

    error: ErrorDetail


def add_error_handlers(app: FastAPI, metrics: Metrics, refusals: RefusalLimit) -> None:
    """Make `app` answer every error with an ErrorBody, and count it; what is refused counts towards `refusals`."""

    def respond(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
        metrics.count_error(code)
        body = ErrorBody(error=ErrorDetail(code=code, message=message))
        return JSONResponse(body.model_dump(), status, headers)

    @app.exception_handler(RequestError)
    async def on_request_error(request: Request, error: RequestError) -> Response:
        await refusals.count(client_address(request), error)
        return respond(error.status, error.code, str(error), _headers(error))

    @app.exception_handler(HTTPException)
    async def on_http_error(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        return respond(status, status.name.lower(), status.phrase, dict(error.headers or {}))

    @app.exception_handler(ClientDisconnect)
    async def on_disconnect(request: Request, error: ClientDisconnect) -> Response:
        return Response(status_code=HTTPStatus.BAD_REQUEST)

    @app.exception_handler(Exception)
    async def on_unexpected_error(request: Request, error: Exception) -> Response:
        log_error(f"{loggable_path(request.url.path)} failed", error)
        return respond(500, "internal", "Something went wrong here. Please try again.")


def _headers(error: RequestError) -> dict[str, str] | None:
    match error:
        case TooManyRequests():
            return {"Retry-After": str(error.retry_after)}
        case Unauthorized():
            return {"WWW-Authenticate": "Bearer"}
        case _:
            return None
