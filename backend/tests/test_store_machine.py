"""The store against a model of it in plain lists: two readers do anything, in any order, with any ids."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, TypeVar

import pytest
from chatkit.store import NotFoundError
from chatkit.types import UserMessageItem
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from backend.tests.postgres import copied_database
from backend.tests.samples import sample_question, sample_thread
from booklight.context import RequestContext
from booklight.store.dead_turns import Conclusion
from booklight.store.leases import TurnLost
from booklight.store.threads import open_store
from booklight.store.turn_events import NO_EVENTS

OWNERS = st.sampled_from(["ann", "ben"])
THREADS = st.sampled_from(["thr_1", "thr_2", "thr_3"])
ITEMS = st.sampled_from(["msg_1", "msg_2", "msg_3", "msg_4"])
TURNS = st.sampled_from(["one", "two"])
LIMITS = st.integers(1, 5)
ORDERS = st.sampled_from(["asc", "desc"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)

Result = TypeVar("Result")


class ThreadModel:
    """What a thread should hold; `items` are in the order they were first added.

    `turn` is the one that holds it, and goes on holding it once its lease `ran_out`, until it is ended as dead.
    """

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.title = ""
        self.items: dict[str, UserMessageItem] = {}
        self.turn: str | None = None
        self.ran_out = False


class StoreMachine(RuleBasedStateMachine):
    """Each rule does the same to the store and to the model, and compares what comes of it."""

    new_database: ClassVar[Callable[[], AbstractContextManager[str]]]

    def __init__(self) -> None:
        super().__init__()
        self.database = ExitStack()
        url = self.database.enter_context(type(self).new_database())
        self.runner = asyncio.Runner()
        self.store = self.runner.run(open_store(url))
        self.model: dict[str, ThreadModel] = {}

    def teardown(self) -> None:
        self.runner.run(self.store.close())
        self.runner.close()
        self.database.close()

    def attempt(self, coroutine: Coroutine[Any, Any, Result], *, allowed: bool) -> Result | None:
        """Run `coroutine`, which must end in NotFoundError unless it is allowed."""
        if allowed:
            return self.runner.run(coroutine)
        with pytest.raises(NotFoundError):
            self.runner.run(coroutine)
        return None

    def own(self, thread_id: str, owner: str) -> ThreadModel | None:
        thread = self.model.get(thread_id)
        return thread if thread is not None and thread.owner == owner else None

    @rule(owner=OWNERS, thread_id=THREADS, title=TEXTS)
    def save_thread(self, owner: str, thread_id: str, title: str) -> None:
        thread = self.model.get(thread_id)
        allowed = thread is None or thread.owner == owner
        self.attempt(self.store.save_thread(sample_thread(thread_id, title), context(owner)), allowed=allowed)
        if allowed:
            self.model.setdefault(thread_id, ThreadModel(owner)).title = title

    @rule(owner=OWNERS, thread_id=THREADS)
    def delete_thread(self, owner: str, thread_id: str) -> None:
        thread = self.own(thread_id, owner)
        self.attempt(self.store.delete_thread(thread_id, context(owner)), allowed=thread is not None)
        if thread is not None:
            del self.model[thread_id]

    @rule(owner=OWNERS, thread_id=THREADS, item_id=ITEMS, words=TEXTS, turn=st.none() | TURNS)
    def save_item(self, owner: str, thread_id: str, item_id: str, words: str, turn: str | None) -> None:
        thread = self.own(thread_id, owner)
        item = sample_question(item_id, words, thread_id)
        writer = context(owner)
        writer.turn.id = turn
        if thread is not None and turn is not None and turn != thread.turn:
            with pytest.raises(TurnLost):
                self.runner.run(self.store.save_item(thread_id, item, writer))
            return
        self.attempt(self.store.save_item(thread_id, item, writer), allowed=thread is not None)
        if thread is not None:
            thread.items[item_id] = item

    @rule(owner=OWNERS, thread_id=THREADS, item_id=ITEMS)
    def delete_item(self, owner: str, thread_id: str, item_id: str) -> None:
        thread = self.own(thread_id, owner)
        deletion = self.store.delete_thread_item(thread_id, item_id, context(owner))
        self.attempt(deletion, allowed=thread is not None)
        if thread is not None:
            thread.items.pop(item_id, None)

    @rule(owner=OWNERS, thread_id=THREADS, item_id=ITEMS)
    def load_item(self, owner: str, thread_id: str, item_id: str) -> None:
        thread = self.own(thread_id, owner)
        expected = thread.items.get(item_id) if thread is not None else None
        loading = self.store.load_item(thread_id, item_id, context(owner))
        assert self.attempt(loading, allowed=expected is not None) == expected

    @rule(owner=OWNERS, thread_id=THREADS, after=st.none() | ITEMS, limit=LIMITS, order=ORDERS)
    def load_items(self, owner: str, thread_id: str, after: str | None, limit: int, order: str) -> None:
        thread = self.own(thread_id, owner)
        loading = self.store.load_thread_items(thread_id, after, limit, order, context(owner))
        known = thread is not None and (after is None or after in thread.items)
        page = self.attempt(loading, allowed=known)
        if page is None or thread is None:
            return
        rest = beyond(list(thread.items), after, order)
        assert page.data == [thread.items[item_id] for item_id in rest[:limit]]
        assert page.has_more == (len(rest) > limit)

    @rule(owner=OWNERS, after=st.none() | THREADS, limit=LIMITS, order=ORDERS)
    def load_threads(self, owner: str, after: str | None, limit: int, order: str) -> None:
        loading = self.store.load_threads(limit, after, order, context(owner))
        page = self.attempt(loading, allowed=after is None or self.own(after, owner) is not None)
        if page is None:
            return
        own = [thread_id for thread_id, thread in self.model.items() if thread.owner == owner]
        rest = beyond(own, after, order)
        assert [(thread.id, thread.title) for thread in page.data] == [(t, self.model[t].title) for t in rest[:limit]]
        assert page.has_more == (len(rest) > limit)

    @rule(owner=OWNERS, thread_id=THREADS, turn=TURNS, seconds=st.sampled_from([-1.0, 100.0]))
    def begin_turn(self, owner: str, thread_id: str, turn: str, seconds: float) -> None:
        thread = self.own(thread_id, owner)
        beginning = self.store.begin_turn(thread_id, turn, context(owner), seconds)
        begun = self.attempt(beginning, allowed=thread is not None)
        if thread is not None:
            assert begun == (thread.turn in (None, turn))
        if thread is not None and begun:
            thread.turn, thread.ran_out = turn, seconds < 0

    @rule(thread_id=THREADS, turn=TURNS)
    def renew_turn(self, thread_id: str, turn: str) -> None:
        thread = self.model.get(thread_id)
        held = thread is not None and thread.turn == turn
        assert self.runner.run(self.store.renew_turn(thread_id, turn, 100)).goes_on == held
        if thread is not None and held:
            thread.ran_out = False

    @rule(owner=OWNERS, thread_id=THREADS, turn=TURNS)
    def end_dead_turn(self, owner: str, thread_id: str, turn: str) -> None:
        thread = self.own(thread_id, owner)
        dead = thread is not None and thread.ran_out
        found = self.runner.run(self.store.find_dead_turn(thread_id, context(owner)))
        assert found == (thread.turn if thread is not None and dead else None)
        ending = self.store.end_dead_turn(thread_id, turn, lambda *_: Conclusion([], NO_EVENTS), context(owner))
        assert self.runner.run(ending) == (dead and found == turn)
        if thread is not None and found == turn:
            thread.turn, thread.ran_out = None, False

    @rule(thread_id=THREADS, turn=TURNS)
    def end_turn(self, thread_id: str, turn: str) -> None:
        self.runner.run(self.store.end_turn(thread_id, turn))
        thread = self.model.get(thread_id)
        if thread is not None and thread.turn == turn:
            thread.turn, thread.ran_out = None, False

    @invariant()
    def no_reader_sees_what_is_not_theirs(self) -> None:
        for owner in ("ann", "ben"):
            page = self.runner.run(self.store.load_threads(10, None, "asc", context(owner)))
            assert {thread.id for thread in page.data} == {t for t in self.model if self.own(t, owner)}


def context(owner: str) -> RequestContext:
    return RequestContext(owner=owner)


def beyond(ids: list[str], after: str | None, order: str) -> list[str]:
    """Return the ids that follow `after` in that order."""
    ordered = ids if order == "asc" else ids[::-1]
    return ordered if after is None else ordered[ordered.index(after) + 1 :]


@contextmanager
def copied_file(template: Path) -> Iterator[str]:
    with TemporaryDirectory(prefix="booklight-machine") as folder:
        shutil.copy(template, f"{folder}/b.db")
        yield f"sqlite:///{folder}/b.db"


@pytest.mark.parametrize("database_kind", ["sqlite", "postgres"])
def test_the_store_does_what_the_model_does(database_kind: str, request: pytest.FixtureRequest) -> None:
    template = request.getfixturevalue(f"migrated_{database_kind}")
    if database_kind == "sqlite":
        StoreMachine.new_database = partial(copied_file, template)
    else:
        StoreMachine.new_database = partial(copied_database, request.getfixturevalue("postgres"), template)
    limits = settings(max_examples=25, stateful_step_count=30, deadline=None, derandomize=True, database=None)
    StoreMachine.TestCase.settings = settings(limits, suppress_health_check=list(HealthCheck))
    StoreMachine.TestCase().runTest()
