"""Times: naive and local as chatkit makes them, in UTC where they leave the process."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from chatkit.types import (
    NoticeEvent,
    Page,
    SyncCustomActionResponse,
    Thread,
    ThreadCreatedEvent,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadUpdatedEvent,
)
from pydantic import BaseModel

from backend.tests.samples import NOON, sample_answer, sample_question, sample_thread
from booklight.store.timestamps import to_local, to_utc, with_utc


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kathmandu"], autouse=True)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run the test with the process in that time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def full_thread() -> Thread:
    return Thread(**sample_thread().model_dump(), items=Page[ThreadItem](data=[sample_question(), sample_answer()]))


def test_a_moment_survives_the_way_to_the_database_and_back() -> None:
    for hour in range(0, 24 * 366, 7):
        moment = datetime(2026, 1, 1, 0, 30, 0, 123457, tzinfo=UTC) + timedelta(hours=hour)
        local = to_local(moment)
        assert local.tzinfo is None
        assert to_utc(local) == moment


def test_both_hours_that_a_clock_shows_twice_are_kept_apart(zone: str) -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    for moment in (first, first + timedelta(hours=1)):
        assert to_utc(to_local(moment)) == moment


def test_chatkit_can_subtract_what_comes_back() -> None:
    assert abs(datetime.now() - to_local(datetime.now(UTC))) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "message",
    [
        full_thread(),
        sample_question(),
        Page(data=[sample_question(), sample_answer()]),
        Page(data=[full_thread()]),
        ThreadCreatedEvent(thread=full_thread()),
        ThreadUpdatedEvent(thread=full_thread()),
        ThreadItemAddedEvent(item=sample_answer()),
        ThreadItemDoneEvent(item=sample_answer()),
        ThreadItemReplacedEvent(item=sample_answer()),
        SyncCustomActionResponse(updated_item=sample_answer()),
    ],
    ids=lambda message: type(message).__name__,
)
def test_whatever_carries_a_time_leaves_with_its_zone(message: BaseModel) -> None:
    before = message.model_dump_json()
    sent = with_utc(message).model_dump_json()
    expected = to_utc(NOON).isoformat().replace("+00:00", "Z")
    assert sent == before.replace(NOON.isoformat(), expected)
    assert sent != before
    assert message.model_dump_json() == before, "what chatkit holds is not changed"


@pytest.mark.parametrize("message", [NoticeEvent(level="info", message="Hi"), SyncCustomActionResponse()])
def test_what_carries_no_time_leaves_as_it_is(message: BaseModel) -> None:
    assert with_utc(message) is message
