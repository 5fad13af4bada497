"""Threads in the store: saved, listed page by page, deleted, and nobody else's business."""

import tracemalloc

import pytest
from chatkit.store import NotFoundError
from chatkit.types import ClosedStatus, LockedStatus

from backend.tests.samples import NOON, sample_question, sample_thread
from booklight.context import RequestContext
from booklight.contracts import PageContext
from booklight.store.threads import SqlStore

ANN = "reader-ann"
BEN = "reader-ben"


def reader(owner: str = ANN, *, path: str | None = None, asked_on: str | None = None) -> RequestContext:
    return RequestContext(owner=owner, page=PageContext(path=path), asked_on=asked_on)


async def save_threads(store: SqlStore, *thread_ids: str, owner: str = ANN) -> None:
    for thread_id in thread_ids:
        await store.save_thread(sample_thread(thread_id), reader(owner))


async def listed(store: SqlStore, context: RequestContext, order: str = "asc") -> list[str]:
    page = await store.load_threads(100, None, order, context)
    return [thread.id for thread in page.data]


async def test_a_thread_comes_back_as_it_was_saved(store: SqlStore) -> None:
    thread = sample_thread(title="Overlap 🦉").model_copy(
        update={
            "status": LockedStatus(reason="because"),
            "allowed_image_domains": ["example.org"],
            "metadata": {"session_id": "s", "selections": [{"text": "a", "path": None}], "n": 1.5},
        }
    )
    await store.save_thread(thread, reader())
    assert await store.load_thread("thr_1", reader()) == thread


async def test_saving_again_changes_the_thread_and_keeps_its_place(store: SqlStore) -> None:
    await save_threads(store, "thr_1", "thr_2")
    changed = sample_thread(title="New").model_copy(update={"status": ClosedStatus(), "metadata": {"k": "v"}})
    await store.save_thread(changed, reader())
    assert await store.load_thread("thr_1", reader()) == changed
    assert await listed(store, reader()) == ["thr_1", "thr_2"]


async def test_threads_of_one_instant_are_listed_in_the_order_they_came(store: SqlStore) -> None:
    names = [f"thr_{n}" for n in (5, 1, 4, 2, 3)]
    await save_threads(store, *names)
    assert await listed(store, reader()) == names
    assert await listed(store, reader(), "desc") == names[::-1]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_of_threads_join_without_gap_or_overlap(store: SqlStore, order: str, limit: int) -> None:
    await save_threads(store, *[f"thr_{n}" for n in range(7)])
    seen, after = [], None
    for _ in range(7):
        page = await store.load_threads(limit, after, order, reader())
        seen += [thread.id for thread in page.data]
        if not page.has_more:
            break
        after = page.after
    assert seen == await listed(store, reader(), order)


async def test_a_list_tells_the_last_id_and_whether_there_is_more(store: SqlStore) -> None:
    await save_threads(store, "thr_1", "thr_2")
    first = await store.load_threads(1, None, "asc", reader())
    assert (first.after, first.has_more) == ("thr_1", True)
    rest = await store.load_threads(1, "thr_1", "asc", reader())
    assert (rest.after, rest.has_more) == (None, False)
    none = await store.load_threads(1, "thr_2", "asc", reader())
    assert (none.data, none.after, none.has_more) == ([], None, False)


@pytest.mark.parametrize("limit", [0, -5])
async def test_a_senseless_limit_still_gives_a_page(store: SqlStore, limit: int) -> None:
    await save_threads(store, "thr_1", "thr_2")
    assert len((await store.load_threads(limit, None, "asc", reader())).data) == 1


async def test_a_huge_limit_is_cut(store: SqlStore) -> None:
    await save_threads(store, *[f"thr_{n}" for n in range(201)])
    page = await store.load_threads(10**12, None, "asc", reader())
    assert (len(page.data), page.has_more) == (200, True)


async def test_only_threads_asked_on_a_page_are_listed_for_it(store: SqlStore) -> None:
    await save_threads(store, "thr_here", "thr_there", "thr_both", "thr_none")
    for thread_id, path in [("thr_here", "/a"), ("thr_there", "/b"), ("thr_both", "/b"), ("thr_both", "/a")]:
        question = sample_question(f"msg{path}", thread_id=thread_id)
        await store.add_thread_item(thread_id, question, reader(path=path))
    assert await listed(store, reader(asked_on="/a")) == ["thr_here", "thr_both"]
    assert await listed(store, reader(asked_on="/b")) == ["thr_there", "thr_both"]
    assert await listed(store, reader(asked_on="/a/?tab=2#top")) == ["thr_here", "thr_both"]
    assert await listed(store, reader(asked_on="/c")) == []
    assert await listed(store, reader(BEN, asked_on="/a")) == []


async def test_a_reader_sees_only_their_own_threads(store: SqlStore) -> None:
    await save_threads(store, "thr_ann")
    await save_threads(store, "thr_ben", owner=BEN)
    assert await listed(store, reader()) == ["thr_ann"]
    assert await listed(store, reader(BEN)) == ["thr_ben"]


@pytest.mark.parametrize(
    "thread_id",
    [
        "thr_ben",
        "thr_unknown",
        "",
        pytest.param("a\x00b", id="nul"),
        pytest.param("\ud800", id="surrogate"),
        "' OR 1=1 --",
        pytest.param("x" * 100_000, id="long"),
    ],
)
async def test_a_thread_that_is_not_theirs_is_not_there(store: SqlStore, thread_id: str) -> None:
    await save_threads(store, "thr_ben", owner=BEN)
    with pytest.raises(NotFoundError, match="no such thread"):
        await store.load_thread(thread_id, reader())
    with pytest.raises(NotFoundError, match="no such thread"):
        await store.delete_thread(thread_id, reader())
    with pytest.raises(NotFoundError, match="no such cursor"):
        await store.load_threads(10, thread_id, "asc", reader())
    assert await listed(store, reader(BEN)) == ["thr_ben"]


async def test_another_readers_thread_cannot_be_saved_over(store: SqlStore) -> None:
    await save_threads(store, "thr_ben", owner=BEN)
    with pytest.raises(NotFoundError):
        await store.save_thread(sample_thread("thr_ben", title="Mine"), reader())
    assert await store.load_thread("thr_ben", reader(BEN)) == sample_thread("thr_ben")


async def test_a_deleted_thread_is_gone_with_its_items(store: SqlStore) -> None:
    await save_threads(store, "thr_1", "thr_2")
    for thread_id in ("thr_1", "thr_2"):
        await store.add_thread_item(thread_id, sample_question(thread_id=thread_id), reader())
    await store.delete_thread("thr_1", reader())
    assert await listed(store, reader()) == ["thr_2"]
    with pytest.raises(NotFoundError):
        await store.load_thread_items("thr_1", None, 10, "asc", reader())
    await save_threads(store, "thr_1")
    assert (await store.load_thread_items("thr_1", None, 10, "asc", reader())).data == []
    assert len((await store.load_thread_items("thr_2", None, 10, "asc", reader())).data) == 1


async def test_a_thread_deleted_during_a_request_is_not_created_again(store: SqlStore) -> None:
    turn = reader()
    await store.save_thread(sample_thread(), turn)
    await store.delete_thread("thr_1", reader())
    with pytest.raises(NotFoundError):
        await store.save_thread(sample_thread(title="Made from the question"), turn)
    assert await listed(store, reader()) == []


async def test_what_a_database_cannot_store_is_replaced_and_the_rest_kept(store: SqlStore) -> None:
    thread = sample_thread(title="a\x00b\ud800c🦉")
    thread.metadata = {"k\x00": ["\udfff", "é\\u0000", {"deep": "\x00"}], "nan": float("nan")}
    await store.save_thread(thread, reader())
    kept = await store.load_thread("thr_1", reader())
    assert kept.title == "a\ufffdb\ufffdc🦉"
    assert kept.metadata == {"k\ufffd": ["\ufffd", "é\\u0000", {"deep": "\ufffd"}], "nan": None}


async def test_ids_are_long_and_carry_the_prefix_of_their_type(store: SqlStore) -> None:
    thread = sample_thread()
    assert store.generate_thread_id(reader()).startswith("thr_")
    assert store.generate_item_id("message", thread, reader()).startswith("msg_")
    assert store.generate_item_id("tool_call", thread, reader()).startswith("tc_")
    ids = {store.generate_item_id("workflow", thread, reader()) for _ in range(100)}
    assert {len(item_id) for item_id in ids} == {len("wf_") + 32}
    assert len(ids) == 100


async def test_times_come_back_as_chatkit_makes_them(store: SqlStore) -> None:
    await save_threads(store, "thr_1")
    thread = await store.load_thread("thr_1", reader())
    assert thread.created_at == NOON
    assert thread.created_at.tzinfo is None


async def test_a_list_reads_nothing_that_it_does_not_send(store: SqlStore) -> None:
    context = RequestContext(owner=ANN)
    for number in range(40):
        thread = sample_thread(f"thr_{number}").model_copy(update={"metadata": {"filler": "x" * 500_000}})
        await store.save_thread(thread, context)
    tracemalloc.start()
    try:
        listed = await store.load_threads(40, None, "desc", context)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(listed.data) == 40
    assert most < 2_000_000
