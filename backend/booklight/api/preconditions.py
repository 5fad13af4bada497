"""What has to hold before a request is served, so that a wrong target or a full quota is a status and no cut stream."""

from dataclasses import dataclass, replace

from chatkit.types import (
    ClientToolCallItem,
    StructuredInputItem,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsRetryAfterItemReq,
    ThreadsSyncCustomActionReq,
    UserMessageItem,
    WidgetItem,
)

from booklight.api.native import NativeRequest
from booklight.context import RequestContext
from booklight.contracts import Selection
from booklight.errors import Invalid
from booklight.store.threads import SqlStore


@dataclass(frozen=True, slots=True)
class Quotas:
    """The most conversations of a reader, and the most messages of one, that are kept."""

    threads_per_reader: int
    messages_per_thread: int


async def check_preconditions(
    request: NativeRequest, store: SqlStore, context: RequestContext, quotas: Quotas
) -> RequestContext:
    """Check that what `request` is about exists and that no quota is full, and return the context to serve it in.

    Raises Invalid for an item of the wrong kind and for a question beyond `quotas`, NotFoundError for no item.
    An answer that is asked for again is about what was selected the first time, unless something else is now.
    """
    match request:
        case ThreadsCreateReq():
            most = quotas.threads_per_reader
            if await store.count_threads(most, context) >= most:
                raise Invalid(f"You have {most:,} conversations, as many as are kept; delete one to begin another.")
        case ThreadsAddUserMessageReq(params=asked):
            most = quotas.messages_per_thread
            if await store.count_messages(asked.thread_id, most, context) >= most:
                raise Invalid("This conversation is full; begin a new one to ask on.")
        case ThreadsRetryAfterItemReq(params=params):
            question = await store.load_item(params.thread_id, params.item_id, context)
            if not isinstance(question, UserMessageItem):
                raise Invalid("params.item_id: only a reader's own message can be answered again")
            if question.quoted_text and not context.selections:
                return replace(context, selections=(Selection(text=question.quoted_text),))
        case ThreadsAddStructuredInputReq(params=answers):
            form = await store.load_item(answers.thread_id, answers.item_id, context)
            if not isinstance(form, StructuredInputItem) or form.status != "pending":
                raise Invalid("params.item_id: this item waits for no input")
        case ThreadsAddClientToolOutputReq(params=output):
            last = await store.load_thread_items(output.thread_id, None, 1, "desc", context)
            if not any(isinstance(item, ClientToolCallItem) and item.status == "pending" for item in last.data):
                raise Invalid("params.thread_id: this conversation waits for no tool")
        case ThreadsCustomActionReq(params=act) | ThreadsSyncCustomActionReq(params=act) if act.item_id is not None:
            sender = await store.load_item(act.thread_id, act.item_id, context)
            if not isinstance(sender, WidgetItem):
                raise Invalid("params.item_id: this item has no actions")
        case _:
            pass
    return context
