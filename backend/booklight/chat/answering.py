"""Answers: by the model while it can be reached and today's budget lasts, else by the fallback."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

from agents import MaxTurnsExceeded, RunConfig, TResponseInputItem
from chatkit.errors import CustomStreamError
from chatkit.types import (
    AssistantMessageContentPartTextDelta,
    NoticeEvent,
    ThreadItemAddedEvent,
    ThreadItemRemovedEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
)
from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError, RateLimitError

from booklight.chat.turn import SORRY
from booklight.citations.stage import Absolute
from booklight.context import FallbackReason, RequestContext
from booklight.llm.agent import BookAgent
from booklight.llm.run import FAILURES, CutShort, Failure, stream_run
from booklight.ops.redaction import log_failure
from booklight.store.quotas import DailyBudget, SpentBy
from booklight.store.threads import SqlStore
from booklight_ingest.errors import IngestError

MODEL_DOWN = "The model that writes the answers cannot be reached at the moment. These are quotations from the book."
MODEL_LOST = "The model searched several times and wrote no answer. These are quotations from the book."
BUDGET_SPENT: dict[SpentBy, str] = {
    "reader": "You have used today's share of written answers. Until tomorrow these are quotations from the book.",
    "everybody": "Today's budget for written answers is used up. Until tomorrow these are quotations from the book.",
}
FALLBACKS: dict[SpentBy, FallbackReason] = {"reader": "reader_budget", "everybody": "everybody_budget"}


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers with `agent`, in at most `model_calls` steps. `absolute` makes of a passage's path what readers get.

    `run_config` names the model and `fallback`, if given, the one to use when that fails or `budget` is spent.
    """

    store: SqlStore
    agent: BookAgent
    run_config: RunConfig
    fallback: RunConfig | None
    budget: DailyBudget
    model_calls: int
    absolute: Absolute

    async def answer(
        self, thread: ThreadMetadata, inputs: list[TResponseInputItem], context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Yield the events of an answer. Raises CustomStreamError with a text for readers.

        Where the model fails before its first word the fallback answers, so that a reader gets passages and no apology.
        """
        turn, run_config, begun, said = context.turn, self.run_config, list[str](), False
        run = partial(
            stream_run,
            self.agent,
            inputs,
            context,
            thread_id=thread.id,
            new_id=partial(self.store.generate_item_id, thread=thread, context=context),
            absolute=self.absolute,
            model_calls=self.model_calls,
        )
        if self.fallback is not None and (spent := await self.store.spend_turn(context.owner, self.budget)) is not None:
            turn.fallback, run_config = FALLBACKS[spent], self.fallback
            yield NoticeEvent(level="warning", message=BUDGET_SPENT[spent])
        try:
            async for event in run(run_config):
                match event:
                    case ThreadItemAddedEvent():
                        begun.append(event.item.id)
                    case ThreadItemUpdatedEvent(update=AssistantMessageContentPartTextDelta()):
                        said = True
                yield event
            return
        except FAILURES as failure:
            turn.failure = _error_kind(failure)
            log_failure(turn.id, failure)
            if said or self.fallback is None or self.fallback is run_config or isinstance(failure, IngestError):
                raise CustomStreamError(_explain(failure), allow_retry=True) from failure
            notice = MODEL_LOST if isinstance(failure, MaxTurnsExceeded) else MODEL_DOWN
        finally:
            if turn.tokens and self.budget.bounded:
                await self.store.spend_tokens(context.owner, turn.tokens)
        for item_id in begun:
            yield ThreadItemRemovedEvent(item_id=item_id)
        turn.fallback = "model_down"
        yield NoticeEvent(level="warning", message=notice)
        turn.searches, turn.scope_exhausted, turn.found = 0, False, False
        async for event in run(self.fallback):
            yield event


def _error_kind(failure: Failure) -> str:
    """Return the error kind under which a failure is counted."""
    match failure:
        case IngestError():
            return "index"
        case MaxTurnsExceeded():
            return "too_many_searches"
        case CutShort():
            return "cut_short"
        case APITimeoutError():
            return "model_timeout"
        case APIConnectionError():
            return "model_unreachable"
        case RateLimitError():
            return "model_rate_limit"
        case APIStatusError():
            return "model_status"
        case _:
            return "model"


def _explain(failure: Failure) -> str:
    """Return what a reader is told; the failure's own text is for nobody but the operator."""
    match failure:
        case IngestError():
            return "The book cannot be searched at the moment. Please try again later."
        case MaxTurnsExceeded():
            return "I searched several times and found no answer. A more precise question may help."
        case CutShort():
            return "The answer has reached the length that is set here. Ask for the part that is missing."
        case OpenAIError():
            return "The model that writes the answers cannot be reached at the moment. Please try again in a while."
        case _:
            return SORRY
