"""Inputs: what a model is given of a thread, of the page the reader is on and of what they selected.

Everything a reader or a page wrote goes in as the reader's message, in blocks, and never as instructions. Only the
latest items that fit the budget are given, oldest first.
"""

import json
from collections.abc import Sequence
from typing import assert_never

from agents import TResponseInputItem
from chatkit.agents import ThreadItemConverter
from chatkit.types import (
    AssistantMessageItem,
    ClientToolCallItem,
    GeneratedImageItem,
    HiddenContextItem,
    StructuredInput,
    StructuredInputItem,
    ThreadItem,
    ThreadMetadata,
    UserMessageItem,
    UserMessageTagContent,
    UserMessageTextContent,
)
from openai.types.responses import EasyInputMessageParam

from booklight.context import RequestContext
from booklight.contracts import PageContext
from booklight.llm.grounding import without_caveat
from booklight.llm.prompt_blocks import wrap

HISTORY_TOKENS = 6_000

_BYTES_PER_TOKEN = 4


async def build_input(
    items: Sequence[ThreadItem],
    thread: ThreadMetadata,
    context: RequestContext,
    *,
    history_tokens: int = HISTORY_TOKENS,
) -> list[TResponseInputItem]:
    """Return the model's input for the latest question of `thread`; `items` are its latest, oldest first.

    The latest user message is always given, whatever its length; earlier items as far as the budget goes, from a
    question on.
    """
    asked = max((place for place, item in enumerate(items) if isinstance(item, UserMessageItem)), default=-1)
    converter = BookItemConverter(context, asked=items[asked].id if asked >= 0 else None)
    history: list[TResponseInputItem] = []
    left = history_tokens
    for place in range(len(items) - 1, -1, -1):
        converted = await converter.to_agent_input(items[place])
        left -= 0 if place == asked else estimate_tokens(converted)
        if place < asked and left < 0:
            break
        if place == asked or left >= 0:
            history[:0] = converted
    return _from_a_question(history)


class BookItemConverter(ThreadItemConverter):
    """Converts thread items to plain messages that both wire formats take.

    Every user message keeps its quote. The one with the id `asked` also carries where the reader is and what they
    selected. An assistant's message goes back as text, as the Chat Completions format takes nothing else.
    """

    def __init__(self, context: RequestContext, *, asked: str | None) -> None:
        self._context = context
        self._asked = asked

    async def user_message_to_input(self, item: UserMessageItem, is_last_message: bool = True) -> TResponseInputItem:
        """Return the message as typed, after the blocks that belong to it."""
        quotes = [] if item.quoted_text is None else [item.quoted_text]
        blocks = [wrap("quote", quote) for quote in quotes]
        if item.id == self._asked:
            blocks = _reader_blocks(self._context, quotes)
        attached = [f"[attached file: {attachment.name}]" for attachment in item.attachments]
        return _message("user", "\n\n".join([*blocks, _typed_text(item), *attached]))

    async def assistant_message_to_input(self, item: AssistantMessageItem) -> TResponseInputItem | None:
        """Return the message's text, without what was added for readers, or nothing if it has none."""
        text = "\n\n".join(without_caveat(part.text) for part in item.content if part.text)
        return _message("assistant", text) if text else None

    async def hidden_context_to_input(self, item: HiddenContextItem) -> TResponseInputItem:
        """Return the context as text, whatever its type."""
        content = item.content if isinstance(item.content, str) else json.dumps(item.content, default=str)
        return _message("user", wrap("quote", content, kind="context"))

    async def client_tool_call_to_input(self, item: ClientToolCallItem) -> TResponseInputItem | None:
        """Return what a client's tool came back with, or nothing while it is waited for.

        As text and not as a tool's output: the client is the reader's, and only our own tool's output is to be trusted.
        """
        if item.status == "pending":
            return None
        return _message("user", wrap("quote", json.dumps(item.output, default=str), kind="result", tool=item.name))

    async def structured_input_to_input(self, item: StructuredInputItem) -> TResponseInputItem:
        """Return a form's questions, each with the reader's answer."""
        lines = [f"{question.question}: {_answered(question)}" for question in item.inputs]
        return _message("user", wrap("quote", "\n".join(lines), kind="form", status=item.status))

    async def generated_image_to_input(self, item: GeneratedImageItem) -> None:
        """Leave pictures out: nothing here makes or reads them."""


def _answered(question: StructuredInput) -> str:
    if question.answer is None:
        return "not answered"
    return "skipped" if question.answer.skipped else ", ".join(question.answer.values)


def _from_a_question(history: list[TResponseInputItem]) -> list[TResponseInputItem]:
    """Leave out answers whose question did not fit: some models insist that a reader speaks first."""
    first = next((place for place, item in enumerate(history) if item.get("role") == "user"), len(history))
    return history[first:]


def _reader_blocks(context: RequestContext, quotes: list[str]) -> list[str]:
    """Return the page and the selections as blocks, and the quotes that are not selections as well."""
    selected = [wrap("selection", marked.text, path=marked.path, anchor=marked.anchor) for marked in context.selections]
    known = {marked.text.strip() for marked in context.selections}
    quoted = [wrap("quote", quote) for quote in quotes if quote.strip() not in known]
    return [*_page_block(context.page), *selected, *quoted]


def _page_block(page: PageContext) -> list[str]:
    known = {
        "path": page.path,
        "chapter": None if page.current_chapter is None else str(page.current_chapter),
        "lesson": page.current_lesson,
        "locale": page.locale,
    }
    lines = [f"{name}: {value}" for name, value in known.items() if value is not None]
    return [wrap("page", "\n".join(lines))] if lines else []


def _typed_text(item: UserMessageItem) -> str:
    """Return what the reader typed, tags as `@tag`."""
    parts: list[str] = []
    for part in item.content:
        match part:
            case UserMessageTextContent():
                parts.append(part.text)
            case UserMessageTagContent():
                parts.append(f"@{part.text}")
            case _:
                assert_never(part)
    return "".join(parts)


def _message(role: str, text: str) -> TResponseInputItem:
    return EasyInputMessageParam(type="message", role="assistant" if role == "assistant" else "user", content=text)


def estimate_tokens(given: object) -> int:
    """Estimate the tokens of input items or texts, by the bytes of their JSON."""
    return len(json.dumps(given, ensure_ascii=False).encode()) // _BYTES_PER_TOKEN
