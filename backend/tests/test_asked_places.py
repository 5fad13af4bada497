"""Where on a page a reader has asked before: what they selected and what answers cited, theirs alone, within bounds."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest_asyncio
from chatkit.types import URLSource

from backend.tests.live import Json, Live, Reader, live_sidecar, question_request, thread_of
from backend.tests.paced_model import PacedModel
from backend.tests.samples import sample_answer, sample_question, sample_thread
from booklight.context import RequestContext
from booklight.contracts import MAX_ADDRESS, AskedPlace, PageContext, Selection
from booklight.store.asked_places import MAX_ITEMS, MAX_PLACES, MAX_SHOWN, MAX_THREADS
from booklight.store.threads import SqlStore

ANN = "reader-ann"
PAGE, OTHER = "/book/docs/hives", "/book/docs/dances"
ASKED = "/assistant/asked"


def on_page(path: str = PAGE, *selections: Selection, locale: str | None = None) -> RequestContext:
    """Return the context in which Ann asks on a page."""
    return RequestContext(owner=ANN, page=PageContext(path=path, locale=locale), selections=selections)


async def ask(
    store: SqlStore, thread: str, context: RequestContext, cited: str | None = None, question: str = "Why smoke?"
) -> None:
    """Keep a question and, where it `cited` an address, its answer, in a new thread."""
    await store.save_thread(sample_thread(thread, title="A title"), context)
    await ask_on(store, thread, context, cited, question)


async def ask_on(
    store: SqlStore, thread: str, context: RequestContext, cited: str | None = None, question: str = "Why smoke?"
) -> None:
    """Keep another question in a thread, and its answer."""
    asked = sample_question(item_id=store.generate_item_id("message", sample_thread(thread), context), text=question)
    await store.add_thread_item(thread, asked.model_copy(update={"thread_id": thread}), context)
    if cited is None:
        return
    answer = sample_answer(item_id=f"{asked.id}_a", thread_id=thread)
    answer.content[0].annotations[0].source = URLSource(url=cited, title="Smoke", description="Light the smoker…")
    await store.add_thread_item(thread, answer, context)


async def places(store: SqlStore, path: str = PAGE, locale: str | None = None) -> list[AskedPlace]:
    return await store.load_asked_places(on_page(path, locale=locale))


async def test_what_was_selected_and_what_was_cited_is_found_on_its_own_page_newest_first(store: SqlStore) -> None:
    marked = Selection(text="Light the smoker", path=PAGE, anchor="using-a-smoker")
    await ask(store, "thr_1", on_page(PAGE, marked), f"https://bees.example{OTHER}/#the%20dance", "What for?")
    await ask(store, "thr_2", on_page(OTHER), f"https://bees.example{PAGE}#lighting")
    here, there = await places(store), await places(store, f"https://bees.example{OTHER}/index.html?x=1#y")
    assert [(place.thread_id, place.question, place.anchor, place.text) for place in here] == [
        ("thr_2", "Why smoke?", "lighting", "Light the smoker…"),
        ("thr_1", "What for?", "using-a-smoker", "Light the smoker"),
    ]
    assert [(place.thread_id, place.anchor) for place in there] == [("thr_1", "the dance")]
    assert await places(store, "/book/docs") == []


async def test_a_selection_is_of_the_page_it_was_made_on_wherever_the_question_was_asked(store: SqlStore) -> None:
    await ask(store, "thr_1", on_page(OTHER, Selection(text="Smoke hides", path=PAGE), Selection(text="A dance")))
    assert [(place.text, place.anchor) for place in await places(store)] == [("Smoke hides", None)]
    assert [place.text for place in await places(store, OTHER)] == ["A dance"]


async def test_one_conversation_marks_a_section_once_and_what_was_selected_there_goes_first(store: SqlStore) -> None:
    cited = f"https://bees.example{PAGE}#lighting"
    await ask(store, "thr_1", on_page(), cited, "First?")
    await ask_on(store, "thr_1", on_page(), cited, "Second?")
    await ask(store, "thr_2", on_page(PAGE, Selection(text="Put paper", path=PAGE, anchor="lighting")), cited)
    found = [(place.thread_id, place.question, place.text) for place in await places(store)]
    assert found == [("thr_2", "Why smoke?", "Put paper"), ("thr_1", "Second?", "Light the smoker…")]


async def test_what_is_only_nearest_to_a_question_without_an_answer_is_not_marked(store: SqlStore) -> None:
    context = on_page()
    context.turn.answer = "not_covered"
    await ask(store, "thr_1", context, f"https://bees.example{PAGE}#lighting")
    assert await places(store) == []


async def test_the_same_address_in_another_language_is_another_page(store: SqlStore) -> None:
    await ask(store, "thr_1", on_page(PAGE, Selection(text="Rauch"), locale="de"))
    await ask(store, "thr_2", on_page(PAGE, Selection(text="smoke")))
    assert [place.text for place in await places(store, locale="en")] == ["smoke"]
    assert [place.text for place in await places(store, locale="de")] == ["smoke", "Rauch"]
    assert [place.text for place in await places(store)] == ["smoke", "Rauch"]


async def test_what_is_deleted_or_replaced_is_marked_no_more(store: SqlStore) -> None:
    await ask(store, "thr_1", on_page(), f"https://bees.example{PAGE}#lighting")
    await ask(store, "thr_2", on_page(PAGE, Selection(text="smoke")))
    await store.delete_thread_item(
        "thr_1", (await store.load_thread_items("thr_1", None, 9, "desc", on_page())).data[0].id, on_page()
    )
    await store.delete_thread("thr_2", on_page())
    assert await places(store) == []


async def test_no_more_is_read_and_sent_than_a_page_can_show(store: SqlStore) -> None:
    for number in range(MAX_PLACES + 2):
        marked = Selection(text=f"{number} " + "x" * 5_000, path=PAGE)
        await ask(store, f"thr_{number}", on_page(PAGE, marked), question="Wh" + "y" * 5_000)
    found = await places(store)
    assert len(found) == MAX_PLACES
    assert found[0].thread_id == f"thr_{MAX_PLACES + 1}"
    assert {len(place.question) for place in found} == {MAX_SHOWN}
    assert max(len(place.text or "") for place in found) == 1_000


async def test_a_question_about_more_than_can_be_read_marks_nothing_and_keeps_its_answer_to_itself(
    store: SqlStore,
) -> None:
    far = "/" + "ä" * (MAX_ADDRESS - 1)
    most = [Selection(text=f"{number}" * 1_000, path=far, anchor=far) for number in range(10)]
    await ask(store, "thr_1", on_page(PAGE), question="Before?")
    await ask_on(store, "thr_1", on_page(PAGE, *most), f"https://bees.example{PAGE}#lighting", "The long one?")
    assert [place.question for place in await places(store)] == ["The long one?"]
    assert await places(store, far) == []


async def test_only_the_newest_conversations_are_looked_through(store: SqlStore) -> None:
    await ask(store, "thr_old", on_page(PAGE, Selection(text="smoke")))
    for number in range(MAX_THREADS - 1):
        await store.save_thread(sample_thread(f"thr_{number}"), on_page())
    assert len(await places(store)) == 1
    await store.save_thread(sample_thread("thr_new"), on_page())
    assert await places(store) == []


async def test_only_the_newest_questions_of_a_conversation_are_looked_through(store: SqlStore) -> None:
    await ask(store, "thr_1", on_page(PAGE, Selection(text="smoke")))
    for _ in range(MAX_ITEMS - 1):
        await ask_on(store, "thr_1", on_page())
    assert len(await places(store)) == 1
    await ask_on(store, "thr_1", on_page())
    assert await places(store) == []


@pytest_asyncio.fixture
async def live(database_url: str) -> AsyncIterator[Live]:
    """A sidecar whose model cites what it finds of the waggle dance, on each database."""
    async with live_sidecar(PacedModel(["In eights [^1]."], searches=True), database_url) as sidecar:
        yield sidecar


async def asked_on(reader: Reader, body: Json) -> Json:
    """Return what the sidecar answers about a page."""
    answer = await reader.http.post(ASKED, json=body, headers=reader.headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_reader_is_told_of_their_own_questions_alone_and_of_none_once_deleted(live: Live) -> None:
    ann, bob = await live.reader(), await live.reader()
    marked = {"text": "Smoke hides the scent", "path": PAGE, "anchor": "using-a-smoker"}
    events = await ann.ask("How do they dance?", page_context={"path": PAGE, "locale": "en"}, selections=[marked])
    thread = thread_of(events)
    [selected] = (await asked_on(ann, {"path": f"{PAGE}/", "locale": "en"}))["places"]
    [cited] = (await asked_on(ann, {"path": OTHER}))["places"]
    assert selected | {"asked_at": ""} == {
        "thread_id": thread,
        "question": "How do they dance?",
        "anchor": "using-a-smoker",
        "text": "Smoke hides the scent",
        "asked_at": "",
    }
    assert datetime.fromisoformat(selected["asked_at"]).tzinfo is not None
    assert (cited["thread_id"], cited["anchor"]) == (thread, "the-waggle-dance")
    assert cited["text"].startswith("A waggle dance is a figure of eight")
    assert (await asked_on(bob, {"path": PAGE})) == {"places": []}
    await live.http.post("/assistant/forget", headers=ann.headers)
    assert (await asked_on(ann, {"path": PAGE})) == {"places": []}


async def test_a_page_that_is_none_is_refused_by_name(live: Live) -> None:
    reader = await live.reader()
    bodies: list[tuple[Any, str]] = [
        ({}, "path: name a page"),
        ({"path": ""}, "path: name a page"),
        ({"path": 7}, "path: "),
        ({"path": "/" + "x" * MAX_ADDRESS}, "path"),
        ({"path": PAGE, "locale": "x" * 201}, "locale"),
        ([], "JSON object"),
    ]
    for body, told in bodies:
        refused = await live.http.post(ASKED, json=body, headers=reader.headers)
        assert refused.status_code == 422
        assert told in refused.json()["error"]["message"]


async def test_pages_that_are_not_of_the_book_are_no_error(live: Live) -> None:
    reader = await live.reader()
    await reader.send(question_request("How?", page_context={"path": PAGE}))
    for path in ("//[", "/%ff%00", "\x00", "../..", "javascript:x", "/book/docs/ﷺ"):
        assert (await asked_on(reader, {"path": path})) == {"places": []}


async def test_nobody_is_told_without_a_token(live: Live) -> None:
    none = await live.http.post(ASKED, json={"path": PAGE})
    wrong = await live.http.post(ASKED, json={"path": PAGE}, headers={"Authorization": "Bearer no.such.token"})
    assert (none.status_code, wrong.status_code) == (401, 401)
    assert "X-Booklight-Token" not in none.headers
