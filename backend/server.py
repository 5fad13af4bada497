"""The ChatKit server of a book: what happens in a turn, and what else a client may ask for."""

from collections.abc import AsyncIterator
from typing import Any

from agents import MaxTurnsExceeded, RunConfig, TResponseInputItem
from chatkit.actions import Action
from chatkit.agents import AgentContext
from chatkit.errors import CustomStreamError
from chatkit.server import ChatKitServer
from chatkit.types import (
    AssistantMessageContentPartTextDelta,
    FeedbackKind,
    NonStreamingReq,
    NoticeEvent,
    StreamingReq,
    StreamOptions,
    StreamOptionsEvent,
    SyncCustomActionResponse,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemRemovedEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
    WidgetItem,
)
from openai import OpenAIError
from pydantic import BaseModel

from backend.agent.book import BookAgent
from backend.agent.inputs import build_input
from backend.agent.runs import FAILURES, Failure, stream_run
from backend.citations.stage import Absolute, cite
from backend.context import RequestContext
from backend.failures import log_failure
from backend.protocol.wire import encode
from backend.store.asking import note_asking
from backend.store.threads import SqlStore
from backend.turns.running import Turns
from backend.turns.turn import SORRY
from ingest.errors import IngestError

MAX_HISTORY = 60
MAX_TITLE = 60
STAND_IN = "The model that writes the answers cannot be reached at the moment. These are quotations from the book."


class BookServer(ChatKitServer[RequestContext]):
    """Answers from a book with `agent`. `absolute` turns a passage's path into the URL that readers get.

    `run_config` names the model that answers and `stand_in`, if given, the one that does when it cannot.
    """

    def __init__(
        self,
        store: SqlStore,
        turns: Turns,
        *,
        agent: BookAgent,
        run_config: RunConfig,
        stand_in: RunConfig | None,
        absolute: Absolute,
    ) -> None:
        super().__init__(store)
        self.threads = store
        self._turns = turns
        self._agent = agent
        self._run_config = run_config
        self._stand_in = stand_in
        self._absolute = absolute

    def stream(self, request: StreamingReq, context: RequestContext) -> AsyncIterator[ThreadStreamEvent]:
        """Return the events that answer `request`: ChatKit's `process` before it makes them bytes."""
        return self._process_streaming_impl(request, context)

    async def reply(self, request: NonStreamingReq, context: RequestContext) -> bytes:
        """Return the JSON that answers `request`."""
        return await self._process_non_streaming(request, context)

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Answer the latest question of `thread`; a stop ends the model's run and the answer with it.

        A model that fails before its first word is stood in for, so that a reader gets the passages and no apology.
        """
        thread.title = thread.title or _title(input_user_message)
        thread.metadata = note_asking(thread.metadata, context)
        latest = await self.threads.load_thread_items(thread.id, None, MAX_HISTORY, "desc", context)
        inputs = await build_input(latest.data[::-1], thread, context)
        begun, said = list[str](), False
        try:
            async for event in self._run(thread, inputs, context, self._run_config):
                match event:
                    case ThreadItemAddedEvent():
                        begun.append(event.item.id)
                    case ThreadItemUpdatedEvent(update=AssistantMessageContentPartTextDelta()):
                        said = True
                yield event
        except FAILURES as failure:
            log_failure(context.turn_id, failure)
            if said or self._stand_in is None or isinstance(failure, IngestError):
                raise CustomStreamError(_explain(failure), allow_retry=True) from failure
        else:
            return
        for item_id in begun:
            yield ThreadItemRemovedEvent(item_id=item_id)
        yield NoticeEvent(level="warning", message=STAND_IN)
        context.searches, context.scope_exhausted = 0, False
        async for event in self._run(thread, inputs, context, self._stand_in):
            yield event

    async def _run(
        self,
        thread: ThreadMetadata,
        inputs: list[TResponseInputItem],
        context: RequestContext,
        run_config: RunConfig,
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Yield one run's events, cited; none if the answer has been stopped."""
        if context.stop.asked:
            return

        def new_id() -> str:
            return self.threads.generate_item_id("message", thread, context)

        run_context: AgentContext[RequestContext] = AgentContext(
            thread=thread, store=self.threads, request_context=context
        )
        events = stream_run(self._agent, inputs, run_context, run_config, new_id)
        async for event in cite(events, context, self._absolute):
            yield event

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
    words = " ".join("".join(part.text for part in question.content).split()) if question else ""
    if len(words) <= MAX_TITLE:
        return words or None
    return words[: MAX_TITLE - 1].rsplit(" ", 1)[0] + "…"


def _explain(failure: Failure) -> str:
    """Return what a reader is told; the failure's own text is for nobody but the operator."""
    match failure:
        case IngestError():
            return "The book cannot be searched at the moment. Please try again later."
        case MaxTurnsExceeded():
            return "I searched several times and found no answer. A more precise question may help."
        case OpenAIError():
            return "The model that writes the answers cannot be reached at the moment. Please try again in a while."
        case _:
            return SORRY
