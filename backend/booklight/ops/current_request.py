"""The request that is being served, for the log and the spans: its id and kind, never its content."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import uuid4


@dataclass(slots=True)
class CurrentRequest:
    """A request's id, its kind, such as `threads.create`, once that has been read, and its trace if it has one."""

    kind: str
    id: str = field(default_factory=lambda: uuid4().hex)
    trace: str | None = None


current_request: ContextVar[CurrentRequest | None] = ContextVar("current_request", default=None)
"""Set for a request, and for the turn that it begins, which may outlast it."""


def set_request_kind(kind: str) -> None:
    """Set the kind of the current request."""
    request = current_request.get()
    if request is not None:
        request.kind = kind
