"""Answers: by the model while it can be reached and today's budget lasts, else by the fallback."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from agents import MaxTurnsExceeded, RunConfig, TResponseInputItem
from chatkit.errors import CustomStreamError
from chatkit.types import (
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    NoticeEvent,
    SearchTask,
    TaskItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    URLSource,
)
from openai import OpenAIError

from booklight.citations.stage import Absolute
from booklight.context import AnswerKind, FallbackReason, RequestContext
from booklight.contracts import PageContext
from booklight.llm.agent import BookAgent
from booklight.llm.failures import (
    FAILURES,
    ContextExceeded,
    CutShort,
    Failure,
    NoAnswer,
    ServerFailed,
    Unreadable,
    error_kind,
    provider_facts,
)
from booklight.llm.first_search import FirstSearch
from booklight.llm.inputs import estimate_tokens
from booklight.llm.notices import Notices, notices_of
from booklight.llm.pieces import Ending
from booklight.llm.run import stream_run
from booklight.ops.redaction import log_failure
from booklight.store.quotas import DailyBudget, SpentBy
from booklight.store.threads import SqlStore
from booklight_ingest.errors import IngestError

FALLBACKS: dict[SpentBy, FallbackReason] = {"reader": "reader_budget", "everybody": "everybody_budget"}
SHOWN_SECTIONS = 3
_LEARNED_TRIES = 3
_SHRINK = 0.6


@dataclass(frozen=True, slots=True)
class Answerer:
    """A model with its agent. One with a `first_search` is given passages, and its answers are held against them.

    `kind_of` tells the kind of an answer by its text, where a model says that in words of its own.
    """

    agent: BookAgent
    run_config: RunConfig
    first_search: FirstSearch | None = None
    kind_of: Callable[[str], AnswerKind | None] | None = None


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers by `model`, in at most `model_calls` steps. `absolute` makes of a passage's path what readers get.

    `locale_of` tells the locale of a reader's page.

    The `fallback`, if given, answers when the model fails or `budget` is spent.
    """

    store: SqlStore
    model: Answerer
    fallback: Answerer | None
    budget: DailyBudget
    model_calls: int
    absolute: Absolute
    locale_of: Callable[[PageContext], str]

    async def answer(
        self, thread: ThreadMetadata, inputs: list[TResponseInputItem], context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Yield the events of an answer. Raises CustomStreamError with a text for readers.

        Where the model fails before its first word the fallback answers, so that a reader gets passages and no apology.
        """
        turn, answerer, begun, said = context.turn, self.model, list[str](), False
        turn.locale = self.locale_of(context.page)
        if self.fallback is not None and (spent := await self.store.spend_turn(context.owner, self.budget)) is not None:
            turn.fallback, answerer = FALLBACKS[spent], self.fallback
            notices = notices_of(turn.locale)
            told = notices.reader_budget if spent == "reader" else notices.everybody_budget
            yield NoticeEvent(level="warning", message=told)
        try:
            async for event in self._run(answerer, thread, inputs, context):
                match event:
                    case ThreadItemAddedEvent():
                        begun.append(event.item.id)
                    case ThreadItemUpdatedEvent(update=AssistantMessageContentPartTextDelta()):
                        said = True
                yield event
            return
        except FAILURES as failure:
            turn.failure = error_kind(failure)
            log_failure(turn.id, failure, provider_facts(failure))
            if said or self.fallback is None or answerer is self.fallback or isinstance(failure, IngestError):
                turn.answer = "cut" if said else None
                raise CustomStreamError(_explain(failure, turn.locale), allow_retry=True) from failure
            notice = _excuse(failure, notices_of(turn.locale))
        finally:
            if turn.tokens and self.budget.bounded:
                await self.store.spend_tokens(context.owner, turn.tokens)
        for item_id in begun:
            yield ThreadItemRemovedEvent(item_id=item_id)
        turn.fallback, turn.answer = "model_down", None
        yield NoticeEvent(level="warning", message=notice)
        turn.searches, turn.scope_exhausted, turn.found = 0, False, False
        async for event in self._run(self.fallback, thread, inputs, context):
            yield event

    async def _run(
        self, answerer: Answerer, thread: ThreadMetadata, inputs: list[TResponseInputItem], context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Run a model. One that reads first gets passages with the question, and fewer where they were too many."""
        new_id = partial(self.store.generate_item_id, thread=thread, context=context)
        run = partial(
            stream_run,
            answerer.agent,
            context=context,
            run_config=answerer.run_config,
            thread_id=thread.id,
            new_id=new_id,
            absolute=self.absolute,
            model_calls=self.model_calls,
        )
        first = answerer.first_search
        if first is None:
            async for event in run(inputs):
                match event:
                    case ThreadItemDoneEvent(item=AssistantMessageItem(content=parts)) if answerer.kind_of is not None:
                        context.turn.answer = answerer.kind_of("".join(part.text for part in parts))
                yield event
            return
        briefing = await first.find(inputs, context)
        if sources := first.sources(briefing):
            context.turn.report_progress(_sections(sources))
            task = SearchTask(queries=[briefing.question], title=_sections(sources), sources=sources)
            item = TaskItem(id=new_id("task"), thread_id=thread.id, created_at=datetime.now(), task=task)
            yield ThreadItemDoneEvent(item=item)
        learned: int | None = None
        for tries_left in reversed(range(_LEARNED_TRIES)):
            briefed = first.brief(inputs, briefing, context, learned)
            try:
                async for event in run(briefed, question=briefing.question):
                    yield event
                return
            except ContextExceeded as failure:
                if not tries_left:
                    raise
                smaller = int(estimate_tokens(briefed) * _SHRINK)
                learned = smaller if learned is not None else failure.tokens or smaller


def cut_notice(ending: Ending, notices: Notices) -> str:
    """Return how an answer came to its end early."""
    match ending:
        case "length":
            return notices.cut_length
        case "content_filter":
            return notices.cut_filtered
        case "repetition":
            return notices.cut_repetition
        case "unfinished" | "stop":
            return notices.cut_unfinished


def _sections(sources: list[URLSource]) -> str:
    """Return the names of the sections that were found, as one line."""
    return " · ".join(source.title for source in sources[:SHOWN_SECTIONS])


def _excuse(failure: Failure, notices: Notices) -> str:
    """Return why quotations take the place of the model's answer."""
    match failure:
        case MaxTurnsExceeded():
            return notices.model_lost
        case NoAnswer() | CutShort():
            return notices.model_silent
        case ContextExceeded():
            return notices.too_long
        case _:
            return notices.model_down


def _explain(failure: Failure, locale: str) -> str:
    """Return what a reader is told; the failure's own text is for nobody but the operator."""
    notices = notices_of(locale)
    match failure:
        case IngestError():
            return notices.index_down
        case MaxTurnsExceeded():
            return notices.lost_searching
        case CutShort(ending=ending):
            return cut_notice(ending, notices)
        case OpenAIError() | ServerFailed() | Unreadable():
            return notices.model_unreachable
        case _:
            return notices.went_wrong
