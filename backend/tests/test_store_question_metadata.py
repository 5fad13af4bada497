"""What is kept of how a question was asked."""

from backend.tests.samples import sample_answer, sample_question, sample_thread
from booklight.context import RequestContext
from booklight.contracts import PageContext, Selection
from booklight.store.database import Database, parse_database_url
from booklight.store.question_metadata import add_question_metadata
from booklight.store.tables import items
from booklight.store.threads import SqlStore

ANN = "reader-ann"


def asking_about(*texts: str) -> RequestContext:
    return RequestContext(owner=ANN, selections=tuple(Selection(text=text, path="/docs/a") for text in texts))


async def test_the_table_tells_role_sources_and_where_a_question_was_asked(store: SqlStore, database_url: str) -> None:
    page = PageContext(path="/docs/a", current_chapter=3)
    context = RequestContext(owner=ANN, page=page, selections=(Selection(text="overlap"),))
    await store.save_thread(sample_thread(), context)
    await store.add_thread_item("thr_1", sample_question(), context)
    await store.add_thread_item("thr_1", sample_answer(), context)
    database = Database(parse_database_url(database_url))
    async with database.statement() as connection:
        question, answer = (await connection.execute(items.select().order_by(items.c.sequence))).all()
    await database.close()
    assert (question.type, question.role, question.path, question.sources) == ("user_message", "user", "/docs/a", [])
    assert question.metadata["page_context"] == {"path": "/docs/a", "current_chapter": 3}
    assert question.metadata["selections"] == [{"text": "overlap"}]
    assert (answer.type, answer.role, answer.path) == ("assistant_message", "assistant", None)
    assert [source["title"] for source in answer.sources] == ["Why overlap"]


async def test_a_thread_keeps_its_session_and_the_selections_asked_about(store: SqlStore) -> None:
    thread = sample_thread().model_copy(update={"metadata": {"other": "stays"}})
    for context in (asking_about("first"), asking_about("second", "third"), asking_about()):
        thread.metadata = add_question_metadata(thread.metadata, context)
        await store.save_thread(thread, context)
    metadata = (await store.load_thread("thr_1", asking_about())).metadata
    assert metadata["session"] == ANN
    assert metadata["selections"] == [{"text": text, "path": "/docs/a"} for text in ("first", "second", "third")]
    assert metadata["other"] == "stays"


def test_a_selection_asked_about_again_moves_to_the_end() -> None:
    metadata = add_question_metadata(add_question_metadata({}, asking_about("first", "second")), asking_about("first"))
    assert [selection["text"] for selection in metadata["selections"]] == ["second", "first"]


def test_a_thread_keeps_only_so_much_of_what_was_selected() -> None:
    metadata: dict[str, object] = {}
    for n in range(30):
        metadata = add_question_metadata(metadata, asking_about(f"{n}" + "x" * 10_000))
    kept = metadata["selections"]
    assert isinstance(kept, list)
    assert len(kept) == 20
    assert len(kept[-1]["text"]) == 1_000
    assert kept[-1]["text"].startswith("29x")


def test_noting_changes_a_copy() -> None:
    before: dict[str, object] = {}
    add_question_metadata(before, asking_about("first"))
    assert before == {}
