"""How a turn ended: what is counted and logged of it, and the error that its viewers see."""

from dataclasses import dataclass
from typing import Literal

from chatkit.errors import ErrorCode
from chatkit.types import ErrorEvent

from booklight.context import AnswerKind, FallbackReason
from booklight.errors import RequestError
from booklight.store.database import StoreUnavailable

Outcome = Literal["done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class TurnReport:
    """How a turn went, in seconds; `first_text` is None when the answer never began.

    `failure` is the error kind of what went wrong, even where the fallback answered all the same. `found` says whether
    the book had an answer, and is None where it was not searched; `answer`, what kind of answer it was.
    """

    outcome: Outcome
    seconds: float
    first_text: float | None
    failure: str | None = None
    found: bool | None = None
    fallback: FallbackReason | None = None
    answer: AnswerKind | None = None
    tokens_in: int = 0
    tokens_out: int = 0


def error_kind(failure: BaseException | None) -> str:
    """Return the error kind of a failure that the answering did not foresee."""
    match failure:
        case RequestError():
            return failure.code
        case StoreUnavailable():
            return "database"
        case _:
            return "internal"


def error_event(failure: BaseException, message: str) -> ErrorEvent:
    """Return what viewers see of `failure`: its own text where that was written for readers, else `message`."""
    if isinstance(failure, RequestError):
        return ErrorEvent(code="custom", message=str(failure), allow_retry=True)
    return ErrorEvent(code=ErrorCode.STREAM_ERROR, message=message, allow_retry=True)
