"""Every method of the store that serves a reader, called by another one: nothing is told and nothing is changed."""

import inspect
from collections.abc import Awaitable, Callable
from datetime import timedelta

from chatkit.store import NotFoundError
from chatkit.types import FileAttachment, Page
from sqlalchemy import Row, select

from backend.tests.samples import sample_answer, sample_question, sample_thread
from booklight.chat.dead_turn import conclude
from booklight.context import RequestContext
from booklight.contracts import PageContext, Selection
from booklight.store.tables import metadata
from booklight.store.threads import SqlStore
from booklight.store.turn_events import KeptEvents

ANN, BEN = "reader-ann", "reader-ben"
PAGE = PageContext(path="/docs/a")
DAY = timedelta(days=1)
FILE = FileAttachment(id="atc_1", name="a.txt", mime_type="text/plain")

CALLS: dict[str, Callable[[SqlStore, RequestContext], Awaitable[object]]] = {
    "load_thread": lambda store, ben: store.load_thread("thr_1", ben),
    "save_thread": lambda store, ben: store.save_thread(sample_thread(title="Ben's"), ben),
    "delete_thread": lambda store, ben: store.delete_thread("thr_1", ben),
    "load_threads": lambda store, ben: store.load_threads(10, None, "asc", ben),
    "replace_title": lambda store, ben: store.replace_title("thr_1", "Ann's", "Ben's", ben),
    "count_threads": lambda store, ben: store.count_threads(9, ben),
    "count_messages": lambda store, ben: store.count_messages("thr_1", 9, ben),
    "load_thread_items": lambda store, ben: store.load_thread_items("thr_1", None, 10, "asc", ben),
    "load_item": lambda store, ben: store.load_item("thr_1", "msg_1", ben),
    "add_thread_item": lambda store, ben: store.add_thread_item("thr_1", sample_answer(), ben),
    "note_answer": lambda store, ben: store.note_answer("thr_1", "msg_1", ben),
    "save_item": lambda store, ben: store.save_item("thr_1", sample_question(text="Ben's"), ben),
    "delete_thread_item": lambda store, ben: store.delete_thread_item("thr_1", "msg_1", ben),
    "save_feedback": lambda store, ben: store.save_feedback("thr_1", ["msg_1"], "negative", None, ben),
    "save_attachment": lambda store, ben: store.save_attachment(FILE, ben),
    "load_attachment": lambda store, ben: store.load_attachment("atc_1", ben),
    "delete_attachment": lambda store, ben: store.delete_attachment("atc_1", ben),
    "begin_turn": lambda store, ben: store.begin_turn("thr_1", "bens", ben, 60),
    "ask_stop": lambda store, ben: store.ask_stop("thr_1", ben),
    "follow_turn": lambda store, ben: store.follow_turn("thr_1", ben, 60),
    "load_turn_events": lambda store, ben: store.load_turn_events("thr_1", "anns", 0, ben),
    "find_dead_turn": lambda store, ben: store.find_dead_turn("thr_1", ben),
    "end_dead_turn": lambda store, ben: store.end_dead_turn("thr_1", "anns", conclude, ben),
    "hide_replaced": lambda store, ben: store.hide_replaced("thr_1", "msg_1", ben),
    "replace_hidden": lambda store, ben: store.replace_hidden("thr_1", ben, sample_answer()),
    "load_asked_places": lambda store, ben: store.load_asked_places(ben),
    "add_share": lambda store, ben: store.add_share("thr_1", "msg_shared", "bens", DAY, ben),
    "delete_shares": lambda store, ben: store.delete_shares("thr_1", "msg_shared", ben),
    "load_share_state": lambda store, ben: store.load_share_state("thr_1", "msg_shared", ben),
    "count_shares": lambda store, ben: store.count_shares(ben),
    "give_up_replacing": lambda store, ben: store.give_up_replacing("thr_1", ben),
}


async def test_nobody_is_told_of_or_changes_what_is_anothers(store: SqlStore) -> None:
    ann = RequestContext(owner=ANN, page=PAGE, selections=(Selection(text="overlap"),))
    await store.save_thread(sample_thread(title="Ann's"), ann)
    await store.add_thread_item("thr_1", sample_question(), ann)
    await store.add_thread_item("thr_1", sample_answer("msg_shared"), ann)
    await store.add_share("thr_1", "msg_shared", "anns", DAY, ann)
    assert await store.begin_turn("thr_1", "anns", ann, 60)
    await store.renew_turn("thr_1", "anns", -1, KeptEvents(0, ["{}"]))
    before = await everything(store)
    told = {name: await outcome(call(store, RequestContext(owner=BEN, page=PAGE))) for name, call in CALLS.items()}
    assert {name for name, said in told.items() if said} == set()
    assert await everything(store) == before


def test_no_method_that_serves_a_reader_is_forgotten() -> None:
    methods = inspect.getmembers(SqlStore, inspect.iscoroutinefunction)
    serving = {name for name, method in methods if "context" in inspect.signature(method).parameters}
    assert {name for name in serving if not name.startswith("_")} == set(CALLS)


async def outcome(call: Awaitable[object]) -> object:
    """Return what a call tells: nothing where there is no such thing for this reader."""
    try:
        said = await call
    except NotFoundError:
        return None
    return said.data if isinstance(said, Page) else said


async def everything(store: SqlStore) -> list[Row[tuple[object, ...]]]:
    """Return all rows of all tables."""
    async with store._database.statement() as connection:
        return [row for table in metadata.sorted_tables for row in await connection.execute(select(table))]
