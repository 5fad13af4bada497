"""Threads, items and contexts for tests of the agent, without a database."""

from datetime import UTC, datetime

from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    InferenceOptions,
    ThreadMetadata,
    UserMessageItem,
    UserMessageTextContent,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
THREAD = ThreadMetadata(id="thread_1", created_at=NOW)


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
