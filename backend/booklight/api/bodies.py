"""The body of a request: read within bounds, then parsed, so that nothing a client sends is more than a clear error.

What can be large is bounded before anything is made of it: how much is read, how many values that may hold, and how
long each list and each text is, wherever it stands.
"""

from collections.abc import Awaitable, Callable

from pydantic import JsonValue
from pydantic_core import from_json
from starlette.requests import Request

from booklight.contracts import MAX_ADDRESS, MAX_SELECTION
from booklight.errors import BadRequest, Invalid, TooLarge, UnsupportedMediaType

MAX_BODY = 1_000_000
MAX_DISCARDED = 16_000_000
MAX_VALUES = 2_000
"""Values that a body may hold, at any depth; a question has about twenty."""
MAX_LIST = 100
MAX_DEPTH = 20
MAX_NAME = 200
TEXTS = ("query", "queries", "text", "quoted_text", "selected_text", "values")
"""The fields that hold what readers write or mark; any other text is no longer than an address."""

JsonObject = dict[str, JsonValue]
ReadBody = Callable[[], Awaitable[JsonObject]]
"""Reads the body of one request; raises RequestError."""

_MAX_STRUCTURE = 64_000


async def read_json(request: Request) -> JsonObject:
    """Return the JSON object a client sent, whatever content type it named.

    Raises UnsupportedMediaType, TooLarge, BadRequest when it is not JSON, and Invalid when it is not an object.
    """
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise UnsupportedMediaType("Send the request as JSON; multipart forms are not read.")
    body = await read_body(request)
    if not body.strip():
        raise BadRequest("The request is empty; send a JSON object.")
    _check_number_of_values(body)
    try:
        parsed: JsonValue = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise BadRequest("The request is not JSON that can be read; send a JSON object in UTF-8.") from None
    if not isinstance(parsed, dict):
        raise Invalid("The request has to be a JSON object.")
    _check_lengths(parsed)
    return parsed


def _check_number_of_values(body: bytes) -> None:
    """Raise TooLarge for what would take long to parse, by what stands between its strings."""
    if len(body) <= MAX_VALUES:
        return
    bare = body.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in body else body
    structure = b"".join(bare.split(b'"')[::2]) if bare.count(b'"') <= 4 * MAX_VALUES else bare
    if len(structure) > _MAX_STRUCTURE or sum(map(structure.count, (b",", b":", b"[", b"{"))) > 2 * MAX_VALUES:
        raise TooLarge(f"The request holds more than {MAX_VALUES:,} values.")


def _check_lengths(body: JsonObject) -> None:
    """Raise Invalid for the first list or text that is too long, naming it."""
    waiting: list[tuple[int, str, str, JsonValue]] = [(0, "", "", body)]
    while waiting:
        depth, path, name, value = waiting.pop()
        if depth > MAX_DEPTH:
            raise Invalid(f"{path}: nothing is nested so deep")
        match value:
            case str():
                most = MAX_SELECTION if name in TEXTS else MAX_ADDRESS
                if len(value) > most:
                    raise Invalid(f"{path}: at most {most:,} characters are accepted")
            case list() if len(value) > MAX_LIST:
                raise Invalid(f"{path}: at most {MAX_LIST} entries are accepted")
            case list():
                waiting += [(depth + 1, f"{path}.{at}", name, part) for at, part in enumerate(value)]
            case dict() if len(value) > MAX_LIST or any(len(key) > MAX_NAME for key in value):
                where = path or "The request"
                raise Invalid(f"{where}: at most {MAX_LIST} names of {MAX_NAME} characters are accepted")
            case dict():
                waiting += [(depth + 1, f"{path}.{key}".removeprefix("."), key, part) for key, part in value.items()]


async def read_body(request: Request) -> bytes:
    """Read a body of at most MAX_BODY bytes. Raises TooLarge.

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
