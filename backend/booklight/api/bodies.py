"""The body of a request: read within bounds, then parsed, so that nothing a client sends is more than a clear error."""

from pydantic import JsonValue
from pydantic_core import from_json
from starlette.requests import Request

from booklight.errors import BadRequest, Invalid, TooLarge, UnsupportedMediaType

MAX_BODY = 1_000_000
MAX_DISCARDED = 16_000_000

JsonObject = dict[str, JsonValue]


async def read_json(request: Request) -> JsonObject:
    """Return the JSON object a client sent, whatever content type it named.

    Raises UnsupportedMediaType, TooLarge, BadRequest when it is not JSON, and Invalid when it is not an object.
    """
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise UnsupportedMediaType("Send the request as JSON; multipart forms are not read.")
    body = await _read_body(request)
    if not body.strip():
        raise BadRequest("The request is empty; send a JSON object.")
    try:
        parsed: JsonValue = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise BadRequest("The request is not JSON that can be read; send a JSON object in UTF-8.") from None
    if not isinstance(parsed, dict):
        raise Invalid("The request has to be a JSON object.")
    return parsed


async def _read_body(request: Request) -> bytes:
    """Read a body of at most MAX_BODY bytes.

    A larger one is read to its end and dropped before it is refused, since an answer to a request that is still being
    sent resets the connection; beyond MAX_DISCARDED that is what happens.
    """
    body, size = bytearray(), 0
    async for part in request.stream():
        size += len(part)
        if size <= MAX_BODY:
            body += part
        elif size > MAX_DISCARDED:
            break
    if size > MAX_BODY:
        raise TooLarge("The request is larger than 1 MB.")
    return bytes(body)
