"""Whether there is room for a question: a reader's conversations, and the messages of one, are bounded."""

from dataclasses import dataclass

from chatkit.types import ThreadsAddUserMessageReq, ThreadsCreateReq

from booklight.api.native import NativeRequest
from booklight.context import RequestContext
from booklight.errors import Invalid
from booklight.store.threads import SqlStore


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that is kept."""

    threads_per_reader: int
    messages_per_thread: int


async def check_room(request: NativeRequest, store: SqlStore, context: RequestContext, bounds: Bounds) -> None:
    """Raise Invalid, saying what makes room, for a question that would exceed `bounds`."""
    match request:
        case ThreadsCreateReq():
            most = bounds.threads_per_reader
            if await store.count_threads(most, context) >= most:
                raise Invalid(f"You have {most:,} conversations, as many as are kept; delete one to begin another.")
        case ThreadsAddUserMessageReq(params=params):
            most = bounds.messages_per_thread
            if await store.count_messages(params.thread_id, most, context) >= most:
                raise Invalid("This conversation is full; begin a new one to ask on.")
        case _:
            pass
