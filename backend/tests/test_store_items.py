"""Items in the store: every type, in order, each in its own thread."""

import asyncio

import pytest
from chatkit.store import NotFoundError
from chatkit.types import AssistantMessageItem, HiddenContextItem, ThreadItem

from backend.tests.samples import EVERY_ITEM, NOON, sample_answer, sample_item, sample_question, sample_thread
from booklight.context import RequestContext
from booklight.store.threads import SqlStore

ANN = "reader-ann"
BEN = "reader-ben"


def reader(owner: str = ANN) -> RequestContext:
    return RequestContext(owner=owner)


@pytest.fixture
async def thread_store(store: SqlStore) -> SqlStore:
    """A store in which ann has thr_1 and thr_2, and ben has thr_ben."""
    for thread_id, owner in [("thr_1", ANN), ("thr_2", ANN), ("thr_ben", BEN)]:
        await store.save_thread(sample_thread(thread_id), reader(owner))
    return store


async def listed(store: SqlStore, thread_id: str = "thr_1", order: str = "asc") -> list[ThreadItem]:
    return (await store.load_thread_items(thread_id, None, 100, order, reader())).data


@pytest.mark.parametrize("item_type", EVERY_ITEM)
async def test_an_item_of_every_type_comes_back_as_it_was_saved(thread_store: SqlStore, item_type: str) -> None:
    item = sample_item(item_type)
    await thread_store.add_thread_item("thr_1", item, reader())
    assert await thread_store.load_item("thr_1", item.id, reader()) == item
    assert await listed(thread_store) == [item]


async def test_items_of_one_instant_come_in_the_order_they_were_added(thread_store: SqlStore) -> None:
    added = [sample_question(f"msg_{n}") for n in (3, 1, 2)]
    for item in added:
        await thread_store.add_thread_item("thr_1", item, reader())
    assert await listed(thread_store) == added
    assert await listed(thread_store, order="desc") == added[::-1]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 3, 5])
async def test_pages_of_items_join_without_gap_or_overlap(thread_store: SqlStore, order: str, limit: int) -> None:
    for n in range(5):
        await thread_store.add_thread_item("thr_1", sample_question(f"msg_{n}"), reader())
        await thread_store.add_thread_item("thr_2", sample_question(f"msg_{n}", thread_id="thr_2"), reader())
    seen, after = [], None
    for _ in range(7):
        page = await thread_store.load_thread_items("thr_1", after, limit, order, reader())
        seen += page.data
        if not page.has_more:
            break
        after = page.after
    assert seen == await listed(thread_store, order=order)


async def test_a_page_after_the_last_item_is_empty(thread_store: SqlStore) -> None:
    await thread_store.add_thread_item("thr_1", sample_question(), reader())
    page = await thread_store.load_thread_items("thr_1", "msg_1", 10, "asc", reader())
    assert (page.data, page.after, page.has_more) == ([], None, False)


async def test_a_cursor_from_another_thread_or_from_nowhere_is_refused(thread_store: SqlStore) -> None:
    await thread_store.add_thread_item("thr_2", sample_question("msg_other", thread_id="thr_2"), reader())
    for cursor in ("msg_other", "msg_unknown", "\x00", ""):
        with pytest.raises(NotFoundError):
            await thread_store.load_thread_items("thr_1", cursor, 10, "asc", reader())


@pytest.mark.parametrize("save", ["add_thread_item", "save_item"])
async def test_an_item_saved_again_is_replaced_in_its_place(thread_store: SqlStore, save: str) -> None:
    for item in (sample_answer("msg_a", "Half"), sample_question("msg_q")):
        await thread_store.add_thread_item("thr_1", item, reader())
    whole = sample_answer("msg_a", "Half and whole")
    await {"add_thread_item": thread_store.add_thread_item, "save_item": thread_store.save_item}[save](
        "thr_1", whole, reader()
    )
    assert await listed(thread_store) == [whole, sample_question("msg_q")]


async def test_an_id_used_in_another_thread_is_another_item(thread_store: SqlStore) -> None:
    first, second = sample_answer("__fake_id__", "First"), sample_answer("__fake_id__", "Second", "thr_2")
    bens = sample_answer("__fake_id__", "Ben's", "thr_ben")
    await thread_store.add_thread_item("thr_1", first, reader())
    await thread_store.add_thread_item("thr_2", second, reader())
    await thread_store.add_thread_item("thr_ben", bens, reader(BEN))
    await thread_store.delete_thread_item("thr_2", "__fake_id__", reader())
    assert await listed(thread_store) == [first]
    assert await listed(thread_store, "thr_2") == []
    assert await thread_store.load_item("thr_ben", "__fake_id__", reader(BEN)) == bens


async def test_deleting_an_item_twice_or_one_never_saved_is_no_error(thread_store: SqlStore) -> None:
    await thread_store.add_thread_item("thr_1", sample_question(), reader())
    for item_id in ("msg_1", "msg_1", "msg_never", "\x00"):
        await thread_store.delete_thread_item("thr_1", item_id, reader())
    assert await listed(thread_store) == []


@pytest.mark.parametrize("thread_id", ["thr_ben", "thr_unknown", "\x00"])
async def test_items_of_a_thread_that_is_not_theirs_are_not_there(thread_store: SqlStore, thread_id: str) -> None:
    bens = sample_question("msg_ben", thread_id="thr_ben")
    await thread_store.add_thread_item("thr_ben", bens, reader(BEN))
    attempts = [
        thread_store.load_thread_items(thread_id, None, 10, "asc", reader()),
        thread_store.load_thread_items(thread_id, "msg_ben", 10, "asc", reader()),
        thread_store.load_item(thread_id, "msg_ben", reader()),
        thread_store.add_thread_item(thread_id, sample_question("msg_new", thread_id=thread_id), reader()),
        thread_store.save_item(thread_id, sample_question("msg_ben", "Mine", thread_id), reader()),
        thread_store.delete_thread_item(thread_id, "msg_ben", reader()),
    ]
    for attempt in attempts:
        with pytest.raises(NotFoundError):
            await attempt
    page = await thread_store.load_thread_items("thr_ben", None, 10, "asc", reader(BEN))
    assert page.data == [bens]


async def test_an_unknown_item_is_not_found(thread_store: SqlStore) -> None:
    await thread_store.add_thread_item("thr_2", sample_question("msg_other", thread_id="thr_2"), reader())
    for item_id in ("msg_unknown", "msg_other", "\ud800"):
        with pytest.raises(NotFoundError, match="no such item"):
            await thread_store.load_item("thr_1", item_id, reader())


async def test_unstorable_characters_do_not_shift_what_follows_them(thread_store: SqlStore) -> None:
    answer = sample_answer(text="a\x00b\ud83dc 🦉 \\u0000")
    await thread_store.add_thread_item("thr_1", answer, reader())
    kept = await thread_store.load_item("thr_1", answer.id, reader())
    assert isinstance(kept, AssistantMessageItem)
    assert kept.content[0].text == "a\ufffdb\ufffdc 🦉 \\u0000"
    assert kept.content[0].annotations == answer.content[0].annotations
    assert len(kept.content[0].text) == len(answer.content[0].text)


async def test_hidden_content_of_any_shape_is_kept(thread_store: SqlStore) -> None:
    content = {"deep": [[{"k": [None, True, 0, -1.5, 2**60, "\x00"]}]], "": ""}
    item = HiddenContextItem(id="h", thread_id="thr_1", created_at=NOON, content=content)
    await thread_store.add_thread_item("thr_1", item, reader())
    kept = await thread_store.load_item("thr_1", "h", reader())
    assert isinstance(kept, HiddenContextItem)
    assert kept.content == {"deep": [[{"k": [None, True, 0, -1.5, 2**60, "\ufffd"]}]], "": ""}


async def test_items_added_at_once_are_all_kept_in_one_order(thread_store: SqlStore) -> None:
    added = [sample_question(f"msg_{n}") for n in range(20)]
    await asyncio.gather(*(thread_store.add_thread_item("thr_1", item, reader()) for item in added))
    forth, back = await listed(thread_store), await listed(thread_store, order="desc")
    assert sorted(item.id for item in forth) == sorted(item.id for item in added)
    assert forth == back[::-1]
