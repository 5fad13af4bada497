"""The errors of a request that cannot be served, and of a component of the sidecar that cannot be opened.

RequestError                 status  code
├── BadRequest               400     bad_request        not JSON, empty
├── Unauthorized             401     unauthorized       a token that is not ours, or long expired
├── ForeignOrigin            403     foreign_origin     made by a page that may not ask
├── NotFound                 404     not_found          unknown or another reader's: the same answer
├── ThreadBusy               409     thread_busy        another turn is running in this thread
├── TooLarge                 413     too_large
├── UnsupportedMediaType     415     unsupported_media_type
├── Invalid                  422     invalid            well-formed but wrong; names the field
├── TooManyRequests          429     too_many_requests  carries Retry-After
└── NotReady                 503     not_ready          names the component that is missing
"""

from typing import ClassVar

DATABASE_SILENT = "The database does not answer; check BOOKLIGHT_DATABASE_URL and the database itself."
"""Why a component is missing, when it is a database that was set up and cannot be reached."""

INDEX_SILENT = "The index cannot be searched; the server's log says why."
"""Why a component is missing, when it is an index that was opened and no longer answers."""

OLD_INDEX = "The new index cannot be used, and questions are answered from the one before; the server's log says why."
"""What is said of an index that answers and is not the newest."""

DISK_FULL = "The disk of the database takes no more."
"""Why a component is missing, when it is a database that can be read and not written."""


class RequestError(Exception):
    """Base of every error a client may see; its text is written for a reader and holds no internals."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"


class BadRequest(RequestError):
    """The body is not JSON, or is empty."""

    status, code = 400, "bad_request"


class Unauthorized(RequestError):
    """The token is not one of ours, or expired too long ago to renew."""

    status, code = 401, "unauthorized"


class ForeignOrigin(RequestError):
    """The request was made by a page of an origin that may not call the sidecar."""

    status, code = 403, "foreign_origin"


class NotFound(RequestError):
    """There is no such thing for this reader, whether or not another reader has it."""

    status, code = 404, "not_found"


class ThreadBusy(RequestError):
    """Another turn is running in this thread."""

    status, code = 409, "thread_busy"


class TooLarge(RequestError):
    """The body is larger than the limit."""

    status, code = 413, "too_large"


class UnsupportedMediaType(RequestError):
    """The body is multipart."""

    status, code = 415, "unsupported_media_type"


class Invalid(RequestError):
    """The body is well-formed JSON that says something this server does not accept."""

    status, code = 422, "invalid"


class TooManyRequests(RequestError):
    """A limit was reached; `retry_after` is in whole seconds."""

    status, code = 429, "too_many_requests"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotReady(RequestError):
    """A component that the answer needs is missing; the text names it and the command that mends it."""

    status, code = 503, "not_ready"


class ComponentUnavailable(Exception):
    """A component cannot be opened. `reason` tells clients what mends it; the text is for the operator's log."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
