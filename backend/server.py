"""The ChatKit server of a book: what happens in a turn, and what else a client may ask for."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from chatkit.actions import Action
from chatkit.server import ChatKitServer
from chatkit.types import (
    AssistantMessageItem,
    ClientEffectEvent,
    FeedbackKind,
    NonStreamingReq,
    StreamingReq,
    StreamOptions,
    StreamOptionsEvent,
    SyncCustomActionResponse,
    ThreadItem,
    ThreadItemDoneEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    URLSource,
    UserMessageItem,
    WidgetItem,
)
from pydantic import BaseModel

from backend.agent.inputs import build_input
from backend.answering import Answering
from backend.context import RequestContext
from backend.failures import log_failure
from backend.follow_ups import EFFECT
from backend.protocol.wire import encode
from backend.store.asking import note_asking
from backend.store.threads import SqlStore
from backend.turns.running import Turns
from ingest.chunks import Chunk
from ingest.errors import IngestError

MAX_HISTORY = 60
MAX_TITLE = 60

Suggest = Callable[[Sequence[Chunk], Sequence[str]], Awaitable[list[str]]]
"""From the chunks an answer cited and the questions asked so far to what may be asked next."""


class BookServer(ChatKitServer[RequestContext]):
    """Answers from a book. `suggest` makes follow-up questions, raising IngestError when the index cannot be read.

    `declines` says of an answer's text that it is one of our own for "not in the book".
    """

    def __init__(
        self,
        store: SqlStore,
        turns: Turns,
        *,
        answering: Answering,
        suggest: Suggest,
        declines: Callable[[str], bool],
    ) -> None:
        super().__init__(store)
        self.threads = store
        self._turns = turns
        self._answering = answering
        self._suggest = suggest
        self._declines = declines

    def stream(self, request: StreamingReq, context: RequestContext) -> AsyncIterator[ThreadStreamEvent]:
        """Return the events that answer `request`: ChatKit's `process` before it makes them bytes."""
        return self._process_streaming_impl(request, context)

    async def reply(self, request: NonStreamingReq, context: RequestContext) -> bytes:
        """Return the JSON that answers `request`."""
        return await self._process_non_streaming(request, context)

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Answer the latest question of `thread`, and suggest what to ask next.

        A stop ends the model's run and the answer with it.
        """
        thread.title = thread.title or _title(input_user_message)
        thread.metadata = note_asking(thread.metadata, context)
        latest = (await self.threads.load_thread_items(thread.id, None, MAX_HISTORY, "desc", context)).data[::-1]
        inputs = await build_input(latest, thread, context)
        answers: list[AssistantMessageItem] = []
        async for event in self._answering.answer(thread, inputs, context):
            match event:
                case ThreadItemDoneEvent(item=AssistantMessageItem() as item):
                    answers.append(item)
            yield event
        asked = [_text(item) for item in latest if isinstance(item, UserMessageItem)]
        questions = await self._follow_ups(answers, asked, context)
        if questions:
            yield ClientEffectEvent(name=EFFECT, data={"questions": questions})

    async def _follow_ups(
        self, answers: Sequence[AssistantMessageItem], asked: Sequence[str], context: RequestContext
    ) -> list[str]:
        """Return what may be asked next: nothing where the book had no answer, as then the nearest pages are named."""
        parts = [part for answer in answers for part in answer.content]
        if not context.found or context.stop.asked or any(self._declines(part.text) for part in parts):
            return []
        urls = {note.source.url for part in parts for note in part.annotations if isinstance(note.source, URLSource)}
        absolute = self._answering.absolute
        cited = [passage.chunk for passage in context.passages if absolute(passage.chunk.url) in urls]
        try:
            return await self._suggest(cited, asked)
        except IngestError as failure:
            log_failure(context.turn_id, failure)
            return []

    async def action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Stop the answer in `thread`, and say that nothing is left to cancel."""
        await self._turns.stop(thread.id, context)
        yield StreamOptionsEvent(stream_options=StreamOptions(allow_cancel=False))

    async def sync_action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: RequestContext
    ) -> SyncCustomActionResponse:
        """Stop the answer in `thread`."""
        await self._turns.stop(thread.id, context)
        return SyncCustomActionResponse()

    async def add_feedback(
        self, thread_id: str, item_ids: list[str], feedback: FeedbackKind, context: RequestContext
    ) -> None:
        """Keep what a reader thought of these items."""
        await self.threads.save_feedback(thread_id, item_ids, feedback, context.reason, context)

    async def handle_stream_cancelled(
        self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: RequestContext
    ) -> None:
        """Leave it to the turn to keep what was said, and tell no later model that a reader cancelled."""

    def _serialize(self, obj: BaseModel) -> bytes:
        return encode(obj)


def _title(question: UserMessageItem | None) -> str | None:
    """Return the beginning of a question, on one line, cut between words."""
    words = " ".join(_text(question).split()) if question else ""
    if len(words) <= MAX_TITLE:
        return words or None
    return words[: MAX_TITLE - 1].rsplit(" ", 1)[0] + "…"


def _text(question: UserMessageItem) -> str:
    return "".join(part.text for part in question.content)
