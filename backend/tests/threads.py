"""Threads, items and contexts for tests of the agent, without a database."""

from datetime import UTC, datetime
from typing import cast

from chatkit.agents import AgentContext
from chatkit.store import Store
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    InferenceOptions,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
    UserMessageTextContent,
)

from booklight.context import RequestContext

NOW = datetime(2026, 1, 1, tzinfo=UTC)
THREAD = ThreadMetadata(id="thread_1", created_at=NOW)


def agent_context(
    request: RequestContext | None = None, store: Store[RequestContext] | None = None
) -> AgentContext[RequestContext]:
    """Return the context of a run; without a store it serves tools, which use none."""
    return AgentContext[RequestContext](
        thread=THREAD,
        store=cast(Store[RequestContext], store),
        request_context=request or RequestContext(owner="reader"),
    )


def streamed_so_far(context: AgentContext[RequestContext]) -> list[ThreadStreamEvent]:
    """Return the events that tools have streamed."""
    queue = context._events
    return [cast(ThreadStreamEvent, queue.get_nowait()) for _ in range(queue.qsize())]


def question(text: str, *, id: str = "msg_q", quote: str | None = None) -> UserMessageItem:
    """Return a reader's message."""
    return UserMessageItem(
        id=id,
        thread_id=THREAD.id,
        created_at=NOW,
        content=[UserMessageTextContent(text=text)],
        quoted_text=quote,
        inference_options=InferenceOptions(),
    )


def reply(text: str, *, id: str = "msg_a") -> AssistantMessageItem:
    """Return an assistant's message."""
    return AssistantMessageItem(
        id=id, thread_id=THREAD.id, created_at=NOW, content=[AssistantMessageContent(text=text)]
    )
