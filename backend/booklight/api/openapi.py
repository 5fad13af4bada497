"""The OpenAPI document: FastAPI's own, with what it cannot see of the chat route, whose body has two dialects."""

from chatkit.types import ChatKitReq
from fastapi import FastAPI
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind
from starlette.requests import Request
from starlette.responses import JSONResponse

from booklight.api.error_handlers import ErrorBody
from booklight.api.simple import SimpleRequest
from booklight.errors import RequestError

Described = dict[str, object]
"""A part of the document."""

CHAT_ANSWERS: dict[int | str, Described] = {
    200: {
        "description": "A stream of events, or JSON for the requests of the native dialect that do not stream.",
        "content": {"text/event-stream": {"schema": {}}, "application/json": {"schema": {}}},
    }
}

_BODY = "ChatRequest"
_REFERENCE = "#/components/schemas/{model}"
_BODY_REFERENCE = {"schema": {"$ref": _REFERENCE.format(model=_BODY)}}

CHAT_BODY: Described = {
    "requestBody": {
        "required": True,
        "description": "A ChatKit request, which has a `type`, or a question in the simple dialect, which has none.",
        "content": {"application/json": _BODY_REFERENCE, "text/plain": _BODY_REFERENCE},
    }
}


class ChatSchema(GenerateJsonSchema):
    """Leaves out the defaults of ChatKit's that JSON cannot represent."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {"non-serializable-default"}  # noqa: RUF012 - as declared there


class Api(FastAPI):
    """FastAPI with the chat requests among its schemas; they are worked out when the document is first asked for."""

    def openapi(self) -> Described:
        """Return the document."""
        if self.openapi_schema is None:
            document = super().openapi()
            body = TypeAdapter(ChatKitReq | SimpleRequest).json_schema(
                ref_template=_REFERENCE, schema_generator=ChatSchema
            )
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas |= body.pop("$defs")
            schemas[_BODY] = body
        return self.openapi_schema or {}

    def send_document(self, request: Request) -> JSONResponse:
        """Answer with the document. Making it takes long, so that this is not for the event loop."""
        return JSONResponse(self.openapi())


def error_responses(*errors: type[RequestError]) -> dict[int | str, Described]:
    """Return the responses that document a route which raises `errors`."""
    return {error.status: {"model": ErrorBody, "description": _meaning(error)} for error in errors}


def json_body(model: type[BaseModel]) -> Described:
    """Return the request body that documents a route which reads `model` itself."""
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}


def _meaning(error: type[RequestError]) -> str:
    return (error.__doc__ or "").split("\n")[0]
