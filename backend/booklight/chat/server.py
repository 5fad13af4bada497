"""The ChatKit server of a book: what happens in a turn, and what else a client may ask for."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress

from chatkit.server import ChatKitServer
from chatkit.store import NotFoundError
from chatkit.types import (
    AssistantMessageItem,
    ClientEffectEvent,
    FeedbackKind,
    NonStreamingReq,
    StreamingReq,
    ThreadItem,
    ThreadItemDoneEvent,
    ThreadMetadata,
    ThreadsCreateReq,
    ThreadsRetryAfterItemReq,
    ThreadStreamEvent,
    URLSource,
    UserMessageInput,
    UserMessageItem,
)
from pydantic import BaseModel

from booklight.api.serialization import encode
from booklight.chat.answering import Answering
from booklight.chat.follow_ups import EFFECT, Suggestion, effect_data
from booklight.chat.lease import STORE_FAILURES
from booklight.context import RequestContext
from booklight.llm.inputs import HISTORY_TOKENS, build_input
from booklight.llm.titles import Titles, first_words
from booklight.ops.logging import fields
from booklight.ops.redaction import log_failure
from booklight.store.question_metadata import add_question_metadata
from booklight.store.threads import SqlStore
from booklight_ingest.chunks import Chunk
from booklight_ingest.errors import IngestError

MAX_HISTORY = 60

logger = logging.getLogger("booklight.turns")

Suggest = Callable[[Sequence[Chunk], Sequence[str]], Awaitable[list[Suggestion]]]
"""From the chunks an answer cited and the questions asked so far to what may be asked next."""


class BookServer(ChatKitServer[RequestContext]):
    """Answers from a book. `suggest` makes follow-up questions, raising IngestError when the index cannot be read.

    `declines` says of an answer's text that it is one of our own for "not in the book". `log_text` writes questions and
    answers to the log. `titles` replace the questions' words, where a model is set for that.
    """

    def __init__(
        self,
        store: SqlStore,
        *,
        answering: Answering,
        suggest: Suggest,
        declines: Callable[[str], bool],
        log_text: bool = False,
        history_tokens: int = HISTORY_TOKENS,
        titles: Titles | None = None,
    ) -> None:
        super().__init__(store)
        self.threads = store
        self._answering = answering
        self._suggest = suggest
        self._declines = declines
        self._log_text = log_text
        self._history_tokens = history_tokens
        self._titles = titles

    def stream(self, request: StreamingReq, context: RequestContext) -> AsyncIterator[ThreadStreamEvent]:
        """Return the events that answer `request`: ChatKit's `process` before it makes them bytes."""
        if isinstance(request, ThreadsRetryAfterItemReq):
            return self._answer_again(request.params.thread_id, request.params.item_id, context)
        if isinstance(request, ThreadsCreateReq):
            context.turn.first_title = first_words(_text(request.params.input))
        return self._process_streaming_impl(request, context)

    async def _answer_again(
        self, thread_id: str, question_id: str, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Answer a question again. ChatKit would delete what stands behind it first: here it goes as it is replaced."""
        thread = await self.threads.load_thread(thread_id, context)
        question = await self.threads.load_item(thread_id, question_id, context)
        if not isinstance(question, UserMessageItem):
            raise NotFoundError("There is no such question.")
        await self.threads.hide_replaced(thread_id, question_id, context)
        async for event in self._process_events(thread, context, lambda: self.respond(thread, question, context)):
            yield event

    async def reply(self, request: NonStreamingReq, context: RequestContext) -> bytes:
        """Return the JSON that answers `request`."""
        return await self._process_non_streaming(request, context)

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Answer the latest question of `thread`, and suggest what to ask next.

        A stop ends the model's run and the answer with it.
        """
        thread.title = thread.title or first_words(_text(input_user_message) if input_user_message else "")
        thread.metadata = add_question_metadata(thread.metadata, context)
        latest = await self._load_latest(thread, input_user_message, context)
        inputs = await build_input(latest, thread, context, history_tokens=self._history_tokens)
        answers: list[AssistantMessageItem] = []
        noted = None
        async for event in self._answering.answer(thread, inputs, context):
            match event:
                case ThreadItemDoneEvent(item=AssistantMessageItem() as item):
                    answers.append(item)
                    noted = context.turn.answer
            yield event
        if answers and context.turn.answer != noted:
            # A figure for the author is no reason to spoil the reader's answer.
            with suppress(*STORE_FAILURES):
                await self.threads.note_answer(thread.id, answers[-1].id, context)
        asked = [_text(item) for item in latest if isinstance(item, UserMessageItem)]
        if self._log_text:
            _log_text(asked, answers, context)
        if self._titles is not None and not any(isinstance(item, AssistantMessageItem) for item in latest):
            self._titles.begin(thread, asked[:1], _said(answers), context)
        suggestions = await self._follow_ups(answers, asked, context)
        if suggestions:
            yield ClientEffectEvent(name=EFFECT, data=effect_data(suggestions))

    async def _load_latest(
        self, thread: ThreadMetadata, question: UserMessageItem | None, context: RequestContext
    ) -> Sequence[ThreadItem]:
        """Return the latest items of a thread, oldest first."""
        if context.begins_thread and question is not None:
            return [question]
        return (await self.threads.load_thread_items(thread.id, None, MAX_HISTORY, "desc", context)).data[::-1]

    async def _follow_ups(
        self, answers: Sequence[AssistantMessageItem], asked: Sequence[str], context: RequestContext
    ) -> list[Suggestion]:
        """Return what may be asked next: nothing where the book had no answer, as then the nearest pages are named."""
        parts = [part for answer in answers for part in answer.content]
        turn = context.turn
        if not turn.found or turn.cancellation.requested or any(self._declines(part.text) for part in parts):
            return []
        urls = {note.source.url for part in parts for note in part.annotations if isinstance(note.source, URLSource)}
        absolute = self._answering.absolute
        cited = [passage.chunk for passage in turn.passages if absolute(passage.chunk.address) in urls]
        try:
            return await self._suggest(cited, asked)
        except IngestError as failure:
            log_failure(context.turn.id, failure)
            return []

    async def add_feedback(
        self, thread_id: str, item_ids: list[str], feedback: FeedbackKind, context: RequestContext
    ) -> None:
        """Keep what a reader thought of these items."""
        await self.threads.save_feedback(thread_id, item_ids, feedback, context.reason, context)

    async def handle_stream_cancelled(
        self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: RequestContext
    ) -> None:
        """Leave it to the turn to store the text, and add nothing to a later model's input."""

    async def close(self) -> None:
        """Cancel what runs beside the turns."""
        if self._titles is not None:
            await self._titles.close()

    def _serialize(self, obj: BaseModel) -> bytes:
        return encode(obj)


def _log_text(asked: Sequence[str], answers: Sequence[AssistantMessageItem], context: RequestContext) -> None:
    question = asked[-1] if asked else None
    logger.info("answered", extra=fields(turn=context.turn.id, question=question, answer=_said(answers)))


def _said(answers: Sequence[AssistantMessageItem]) -> str:
    return "\n".join(part.text for answer in answers for part in answer.content)


def _text(question: UserMessageInput | UserMessageItem) -> str:
    return "".join(part.text for part in question.content)
