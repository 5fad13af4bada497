"""Every refusal as JSON: `{"error": {"code", "message"}}`, and never a word of an exception that is not ours."""

from http import HTTPStatus

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from booklight.errors import RequestError, TooManyRequests, Unauthorized
from booklight.ops.metrics import Metrics
from booklight.ops.redaction import log_error


class Refusal(BaseModel):
    """Why a request was refused: a code for programs, a message for readers."""

    code: str
    message: str


class RefusalBody(BaseModel):
    """The body of every answer that is not a success."""

    error: Refusal


def install_refusals(app: FastAPI, metrics: Metrics) -> None:
    """Make `app` answer every error with a RefusalBody, and count it."""

    def refuse(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
        metrics.count_error(code)
        body = RefusalBody(error=Refusal(code=code, message=message))
        return JSONResponse(body.model_dump(), status, headers)

    @app.exception_handler(RequestError)
    async def refuse_request(request: Request, error: RequestError) -> Response:
        return refuse(error.status, error.code, str(error), _headers(error))

    @app.exception_handler(HTTPException)
    async def refuse_route(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        return refuse(status, status.name.lower(), status.phrase, dict(error.headers or {}))

    @app.exception_handler(ClientDisconnect)
    async def let_go(request: Request, error: ClientDisconnect) -> Response:
        return Response(status_code=HTTPStatus.BAD_REQUEST)

    @app.exception_handler(Exception)
    async def refuse_kindly(request: Request, error: Exception) -> Response:
        log_error(f"{ascii(request.url.path)[1:-1]} failed", error)
        return refuse(500, "internal", "Something went wrong here. Please try again.")


def _headers(error: RequestError) -> dict[str, str] | None:
    match error:
        case TooManyRequests():
            return {"Retry-After": str(error.retry_after)}
        case Unauthorized():
            return {"WWW-Authenticate": "Bearer"}
        case _:
            return None
