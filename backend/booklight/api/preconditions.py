"""What a request points at, looked up before it is served, so that a wrong target is a status and not a cut stream."""

from dataclasses import replace

from chatkit.types import (
    ClientToolCallItem,
    StructuredInputItem,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
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


async def check_targets(request: NativeRequest, store: SqlStore, context: RequestContext) -> RequestContext:
    """Look up the item that `request` is about, and return the context to serve it in.

    Raises Invalid for one of the wrong kind, NotFoundError for none.
    An answer that is asked for again is about what was selected the first time, unless something else is now.
    """
    match request:
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
