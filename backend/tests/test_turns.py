"""A turn and its log, where HTTP cannot reach: a store that fails, ids that repeat, events that come late."""

import asyncio
import gc
import json
import weakref
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

import pytest
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ErrorEvent,
    Page,
    ProgressUpdateEvent,
    Thread,
    ThreadCreatedEvent,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
)

from backend.tests.samples import sample_question
from booklight import timing
from booklight.chat.log import TurnLog
from booklight.chat.open_items import end_early
from booklight.chat.turn import Turn
from booklight.chat.turn_report import TurnReport
from booklight.chat.turns import Turns
from booklight.context import RequestContext
from booklight.errors import ThreadBusy
from booklight.llm.notices import notices_of
from booklight.store.database import StoreUnavailable
from booklight.store.dead_turns import Conclude
from booklight.store.leases import RemoteTurn
from booklight.store.renewals import Renewal
from booklight.store.turn_events import NO_EVENTS, KeptEvents, no_events

NOON = datetime(2026, 5, 17, 12)
GERMAN = notices_of("de")


class LostConnection(StoreUnavailable):
    """The database went away."""


class MemoryStore:
    """What a turn needs of a store, and a note of what was asked of it in what order."""

    def __init__(self, *, free: bool = True, saves: bool = True) -> None:
        self.free, self.saves = free, saves
        self.calls: list[str] = []
        self.items: list[ThreadItem] = []

    async def begin_turn(self, thread_id: str, turn_id: str, context: RequestContext, seconds: float) -> bool:
        self.calls.append("begin")
        return self.free

    async def renew_turn(self, thread_id: str, turn_id: str, seconds: float, new: KeptEvents = NO_EVENTS) -> Renewal:
        return Renewal(goes_on=True)

    async def end_turn(
        self, thread_id: str, turn_id: str, rest: Callable[[], KeptEvents] = no_events, *, keeps_some: bool = True
    ) -> None:
        self.calls.append("end")

    async def find_dead_turn(self, thread_id: str, context: RequestContext) -> str | None:
        return None

    async def end_dead_turn(self, thread_id: str, turn_id: str, conclude: Conclude, context: RequestContext) -> bool:
        return False

    async def replace_hidden(self, thread_id: str, context: RequestContext, *new: ThreadItem) -> None:
        self.calls.append("replace")

    async def give_up_replacing(self, thread_id: str, context: RequestContext) -> None:
        self.calls.append("give up")

    async def ask_stop(self, thread_id: str, context: RequestContext) -> None:
        self.calls.append("stop")

    async def follow_turn(self, thread_id: str, context: RequestContext, seconds: float) -> RemoteTurn | None:
        return None

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: RequestContext) -> None:
        self.calls.append("add")
        if not self.saves:
            raise LostConnection("password=hunter2")
        self.items.append(item)

    async def delete_thread(self, thread_id: str, context: RequestContext) -> None:
        self.calls.append("delete")


def created() -> ThreadCreatedEvent:
    return ThreadCreatedEvent(thread=Thread(id="thr_1", created_at=NOON, items=Page()))


def asked() -> ThreadItemDoneEvent:
    return ThreadItemDoneEvent(item=sample_question())


def message(item_id: str = "msg_a", text: str | None = None) -> AssistantMessageItem:
    content = [] if text is None else [AssistantMessageContent(text=text)]
    return AssistantMessageItem(id=item_id, thread_id="thr_1", created_at=NOON, content=content)


def said(text: str, item_id: str = "msg_a") -> ThreadItemUpdatedEvent:
    delta = AssistantMessageContentPartTextDelta(content_index=0, delta=text)
    return ThreadItemUpdatedEvent(item_id=item_id, update=delta)


async def stream(
    *events: ThreadStreamEvent, failure: Exception | None = None, hold: asyncio.Event | None = None
) -> AsyncIterator[ThreadStreamEvent]:
    """Yield `events`, then wait for `hold`, then raise `failure`."""
    for event in events:
        yield event
    if hold is not None:
        await hold.wait()
    if failure is not None:
        raise failure


async def run(
    store: MemoryStore, events: AsyncIterator[ThreadStreamEvent], thread_id: str | None = None
) -> tuple[Turn, TurnReport, list[ThreadStreamEvent]]:
    """Run a turn to its end and return it with its report and its events."""
    context = RequestContext(owner="reader:1")
    context.turn.locale = "de"
    turn = Turn(store, events, context, thread_id=thread_id, resume_seconds=0)
    report = await turn.run()
    return turn, report, await read(turn.log)


async def read(log: TurnLog, after: int = 0) -> list[ThreadStreamEvent]:
    """Return the events of a log that is or will be closed."""
    return [event async for batch in log.read(after, patience=5) for event in batch]


def kinds(events: Sequence[ThreadStreamEvent]) -> list[str]:
    return [event.type for event in events]


async def test_an_event_is_written_as_json_once_for_all_who_read_it() -> None:
    log = TurnLog()
    log.append(said("Bees"))
    log.append(said(" dance"))
    log.close()
    whole = [event async for batch in log.read_json(patience=5) for event in batch]
    later = [event async for batch in log.read_json(1, patience=5) for event in batch]
    assert [json.loads(event)["update"]["delta"] for event in whole] == ["Bees", " dance"]
    assert later[0] is whole[1]


async def test_a_turn_that_ends_by_itself_frees_its_thread_before_its_log_closes() -> None:
    store = MemoryStore()
    turn = Turn(store, stream(created(), asked()), RequestContext(owner="r"), thread_id=None, resume_seconds=0)
    running = asyncio.create_task(turn.run())
    async for _ in turn.log.read(patience=5):
        pass
    assert store.calls == ["end"]
    assert (await running).outcome == "done"


async def test_a_turn_that_has_ended_is_freed_without_the_garbage_collector() -> None:
    context = RequestContext(owner="r")
    turn = Turn(MemoryStore(), stream(created(), asked()), context, thread_id=None, resume_seconds=0)
    context.turn.cancellation.on_request(turn.stop)
    await turn.run()
    ended, log = weakref.ref(turn), weakref.ref(turn.log)
    gc.disable()
    try:
        del turn
        assert (ended(), log()) == (None, None)
    finally:
        gc.enable()


async def test_a_failure_keeps_what_was_said_and_says_nothing_of_itself() -> None:
    store = MemoryStore()
    events = stream(created(), asked(), ThreadItemAddedEvent(item=message()), said("Bees"), failure=LostConnection("x"))
    turn, report, seen = await run(store, events)
    assert report.outcome == "failed"
    assert kinds(seen)[-2:] == ["thread.item.done", "error"]
    assert store.items == [message(text="Bees"), end_early(message())]
    assert isinstance(turn.failure, LostConnection)
    error = seen[-1]
    assert isinstance(error, ErrorEvent)
    assert (error.message, error.allow_retry) == (GERMAN.went_wrong, True)


async def test_what_cannot_be_stored_is_not_shown_as_stored() -> None:
    store = MemoryStore(saves=False)
    _, report, seen = await run(store, stream(asked(), ThreadItemAddedEvent(item=message()), said("Bees")), "thr_1")
    assert report.outcome == "failed"
    assert isinstance(seen[-1], ErrorEvent)
    assert seen[-1].message == GERMAN.not_kept
    assert kinds(seen).count("thread.item.done") == 1
    assert "hunter2" not in str(seen)
    assert store.calls[-1] == "end"


async def test_an_answer_that_never_began_is_taken_back() -> None:
    events = stream(asked(), ThreadItemAddedEvent(item=message()), failure=LostConnection("x"))
    store = MemoryStore()
    _, _, seen = await run(store, events, "thr_1")
    assert kinds(seen)[-2:] == ["thread.item.removed", "error"]
    assert store.items == []


async def test_a_thread_without_its_question_is_deleted() -> None:
    store = MemoryStore()
    await run(store, stream(created(), failure=LostConnection("x")))
    assert store.calls == ["delete", "end"]


class BrokenStore(MemoryStore):
    """A store one of whose calls raises what no turn expects; a renewal raises it after the first."""

    def __init__(self, broken: str) -> None:
        super().__init__()
        self.broken = broken

    async def renew_turn(self, *renewed: object) -> Renewal:
        self._break("renew")
        return Renewal(goes_on=True)

    async def end_turn(self, *ended: object, keeps_some: bool = True) -> None:
        self._break("end")

    async def add_thread_item(self, *added: object) -> None:
        self._break("add")

    async def delete_thread(self, *deleted: object) -> None:
        self._break("delete")

    def _break(self, call: str) -> None:
        self.calls.append(call)
        if call == self.broken:
            raise ArithmeticError("password=hunter2")


@pytest.mark.parametrize("broken", ["renew", "add", "end"])
async def test_an_error_that_nobody_expects_is_the_last_event_and_the_thread_is_freed(
    broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(timing, "RENEW_SECONDS", 0)
    store, never = BrokenStore(broken), asyncio.Event()
    begun = (asked(), ThreadItemAddedEvent(item=message()), said("Bees"))
    turn, report, seen = await run(store, stream(*begun, hold=never if broken == "renew" else None), "thr_1")
    assert (kinds(seen).count("error"), kinds(seen)[-1]) == (1, "error")
    assert isinstance(turn.failure, ArithmeticError)
    assert (report.outcome, report.failure, store.calls[-1]) == ("failed", "internal", "end")
    assert "ArithmeticError" in caplog.text
    assert "hunter2" not in str(seen) + caplog.text


async def test_a_thread_that_cannot_be_deleted_is_freed_all_the_same() -> None:
    store = BrokenStore("delete")
    turn, _, seen = await run(store, stream(created()))
    assert kinds(seen)[-1] == "error"
    assert isinstance(turn.failure, ArithmeticError)
    assert store.calls == ["delete", "end"]


async def test_an_error_event_comes_after_what_was_said_and_always_has_a_message() -> None:
    store = MemoryStore()
    events = stream(asked(), ThreadItemAddedEvent(item=message()), said("Bees"), ErrorEvent(code="custom"))
    _, report, seen = await run(store, events, "thr_1")
    assert kinds(seen)[-2:] == ["thread.item.done", "error"]
    assert isinstance(seen[-1], ErrorEvent)
    assert seen[-1].message == GERMAN.went_wrong
    assert report.outcome == "failed"


async def test_a_busy_thread_is_refused_before_anything_is_written() -> None:
    store = MemoryStore(free=False)
    turns = Turns(store, resume_seconds=0, on_end=lambda _: None)
    with pytest.raises(ThreadBusy):
        await turns.start(stream(asked()), RequestContext(owner="r"), thread_id="thr_1")
    assert store.calls == ["begin"]


async def test_what_fails_before_the_first_event_is_raised() -> None:
    turns = Turns(MemoryStore(), resume_seconds=0, on_end=lambda _: None)
    with pytest.raises(LostConnection):
        await turns.start(stream(failure=LostConnection("x")), RequestContext(owner="r"), thread_id="thr_1")


async def test_a_stop_reaches_the_turn_here_or_else_the_store() -> None:
    store, hold, context = MemoryStore(), asyncio.Event(), RequestContext(owner="r")
    reports: list[TurnReport] = []
    turns = Turns(store, resume_seconds=60, on_end=reports.append)
    turn = await turns.start(stream(asked(), hold=hold), context, thread_id="thr_1")
    context.turn.cancellation.on_request(hold.set)
    await turns.stop("thr_elsewhere", context)
    assert turns.find("thr_1") is turn
    await turns.stop("thr_1", context)
    assert store.calls == ["begin", "stop", "end"]
    assert [report.outcome for report in reports] == ["stopped"]


async def test_a_turn_goes_on_while_anyone_views_it() -> None:
    hold, context = asyncio.Event(), RequestContext(owner="r")
    turns = Turns(MemoryStore(), resume_seconds=0, on_end=lambda _: None)
    turn = await turns.start(stream(asked(), hold=hold), context, thread_id="thr_1")
    first, second = (turn.log.read(patience=5) for _ in range(2))
    await anext(first)
    await anext(second)
    await second.aclose()
    await asyncio.sleep(0)
    assert not context.turn.cancellation.requested
    await first.aclose()
    context.turn.cancellation.on_request(hold.set)
    async with asyncio.timeout(5):
        await hold.wait()
    await turns.close()
    assert context.turn.cancellation.requested


async def test_a_log_can_be_read_from_anywhere_and_by_many() -> None:
    log = TurnLog()
    early = asyncio.create_task(read(log))
    await asyncio.sleep(0)
    for number in range(3):
        log.append(ProgressUpdateEvent(text=str(number)))
    late = asyncio.create_task(read(log, 2))
    await asyncio.sleep(0)
    log.append(ProgressUpdateEvent(text="3"))
    log.close()
    assert [event.model_dump()["text"] for event in await early] == ["0", "1", "2", "3"]
    assert [event.model_dump()["text"] for event in await late] == ["2", "3"]
    assert await read(log, 99) == []


async def test_a_silent_log_says_so_again_and_again() -> None:
    log = TurnLog()
    batches = log.read(patience=0)
    assert [await anext(batches), await anext(batches)] == [(), ()]
    log.close()
    assert [batch async for batch in batches] == []


async def test_what_is_in_the_log_does_not_change_behind_it() -> None:
    log, content = TurnLog(), AssistantMessageContent(text="")
    added = AssistantMessageContentPartAdded(content_index=0, content=content)
    log.append(ThreadItemUpdatedEvent(item_id="msg_a", update=added))
    content.text += "later"
    log.close()
    assert "later" not in str(await read(log))
