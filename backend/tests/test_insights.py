"""Insights: what readers asked, what was not answered, and that no report tells who they are."""

import asyncio
import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import numpy as np
import pytest
from chatkit.store import NotFoundError
from sqlalchemy import select

from backend.tests.command_line import run_command
from backend.tests.live import index_small_book, live_sidecar
from backend.tests.samples import sample_answer, sample_question, sample_thread
from backend.tests.small_book import SMOKER, WAGGLE
from booklight.assembly import connect_answering_model
from booklight.context import AnswerKind, RequestContext
from booklight.contracts import PageContext, Passage, Selection
from booklight.insights.book import BookPlaces, Place
from booklight.insights.build import build_report
from booklight.insights.groups import cluster, group_similar
from booklight.insights.page import render_page
from booklight.insights.questions import RecordedQuestion, load_questions_since
from booklight.insights.report import InsightsReport, Period
from booklight.insights.tables import report_csv
from booklight.settings import Settings
from booklight.store.database import Database, parse_database_url
from booklight.store.tables import items
from booklight.store.threads import SqlStore, open_store
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.embedder import NoEmbedder, open_embedder
from booklight_ingest.embed.vectors import Floats
from booklight_ingest.index.manifest import page_key

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
PERIOD = Period(SINCE, datetime(2026, 11, 29, tzinfo=UTC))
DANCES = "/book/docs/dances"
GAPS = ("How much does a beekeeping licence cost?", "What is the price of a beekeeping licence?")
OTHER_GAP = "Who won the football match on Saturday?"
SECRET = "ann@example.org"
SELECTED = Selection(text="figure of eight", path=DANCES, anchor="the-waggle-dance")


def asked(text: str, reader: str = "a", **values: Any) -> RecordedQuestion:
    """Return a question that the book did not answer, unless `values` say otherwise."""
    given: dict[str, Any] = {"asked_at": SINCE, "path": None, "selections": (), "tier": "not_covered"}
    return RecordedQuestion(text=text, reader=reader, **(given | values))


async def report_of(*questions: RecordedQuestion, floor: int = 1) -> InsightsReport:
    return await build_report(questions, PERIOD, BookPlaces(open_embedder()), floor=floor)


async def test_questions_that_ask_the_same_are_one_gap_named_by_the_most_central() -> None:
    questions = [*GAPS, "What does a licence for beekeeping cost?", OTHER_GAP, f"{GAPS[0].lower()} "]
    report = await report_of(*(asked(text, reader=str(number)) for number, text in enumerate(questions)))
    assert [gap.count for gap in report.gaps] == [4, 1]
    assert report.gaps[0].question in questions[:3]
    assert set(report.gaps[0].questions or ()) == {*questions[:3], questions[4].strip()}
    assert report.gaps[1].question == OTHER_GAP


async def test_words_below_the_floor_are_not_shown() -> None:
    few = [asked(GAPS[0], "a"), asked(GAPS[1], "b"), asked(GAPS[0], "b", rating="negative", reason="It is wrong.")]
    report = await report_of(*few, floor=3)
    (gap,), (bad,) = report.gaps, report.bad_answers
    assert (gap.question, gap.questions, gap.count, gap.readers) == (None, None, 3, 2)
    assert (bad.question, bad.questions, bad.reasons, bad.count) == (None, None, None, 1)
    shown = [report.model_dump_json(), report_csv(report), render_page(report)]
    assert not any(word in text for text in shown for word in ("licence", "wrong"))
    assert "fewer than 3 readers" in shown[2]
    (gap,) = (await report_of(*few, asked(GAPS[0], "c"), floor=3)).gaps
    assert gap.question in GAPS


async def test_of_different_questions_at_one_place_only_those_of_enough_readers_are_shown() -> None:
    book = BookPlaces(open_embedder(), pages={page_key(DANCES): Place(f"https://bees.example{DANCES}", "Dances")})
    texts = [("a", "Why?"), ("b", "Why?"), ("c", OTHER_GAP), ("d", GAPS[0]), ("e", GAPS[1])]
    questions = [
        asked(text, reader, path=DANCES, tier="sure" if text == "Why?" else "not_covered") for reader, text in texts
    ]
    (section,) = (await build_report(questions, PERIOD, book, floor=2)).sections
    assert (section.count, section.readers, section.unanswered) == (5, 5, 3)
    assert section.questions == ["Why?", *GAPS]
    (section,) = (await build_report(questions, PERIOD, book, floor=3)).sections
    assert (section.count, section.questions) == (5, None)


async def test_words_are_shown_without_what_tells_who_asked() -> None:
    report = await report_of(asked(f"Can you mail it to {SECRET}?", rating="negative", reason="Call +49 30 1234567."))
    assert report.gaps[0].question == "Can you mail it to [e-mail]?"
    assert report.bad_answers[0].reasons == ["Call [number]."]


async def test_no_text_of_a_reader_becomes_markup_or_a_formula() -> None:
    report = await report_of(asked("<script>alert(1)</script>"), asked('=HYPERLINK("http://evil.example")', "b"))
    page, table = render_page(report), report_csv(report)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    texts = [row["text"] for row in csv.DictReader(io.StringIO(table))]
    assert sorted(texts) == ['\'=HYPERLINK("http://evil.example")', "<script>alert(1)</script>"]


async def test_a_page_loads_nothing_and_runs_nothing() -> None:
    page = render_page(await report_of(asked(GAPS[0])))
    assert not any(loaded in page for loaded in ("<script", "<link", "<img", "@import", "url(", " src="))
    assert "default-src 'none'" in page


async def test_an_empty_month_is_a_report_too() -> None:
    report = await report_of()
    assert (report.questions, report.readers, report.answers, report.first_text) == (0, 0, {}, None)
    assert len(report.days) == 29
    assert "every question found an answer" in render_page(report)


async def test_without_an_embedding_only_the_same_words_are_one_gap() -> None:
    questions = [asked(GAPS[0]), asked(GAPS[0].upper()), asked(GAPS[1])]
    report = await build_report(questions, PERIOD, BookPlaces(NoEmbedder()), floor=1)
    assert [gap.count for gap in report.gaps] == [2, 1]


@pytest.mark.parametrize("size", [0, 1, 2, 40])
def test_clusters_are_those_of_average_linkage(size: int) -> None:
    rng = np.random.default_rng(size)
    vectors = rng.normal(size=(size, 3)).astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    distances, weights = 1 - vectors @ vectors.T, rng.integers(1, 4, size).astype(np.float64)
    found = {frozenset(members) for members in cluster(distances.copy(), weights)}
    assert found == {frozenset(members) for members in slow_clusters(distances, weights.tolist())}
    assert sorted(number for members in found for number in members) == [*range(size)]


def slow_clusters(distances: Floats, weights: Sequence[float]) -> list[list[int]]:
    """Return the same clusters, every mean worked out anew for every pair."""
    clusters = [[number] for number in range(len(distances))]

    def mean(ones: list[int], others: list[int]) -> float:
        total = sum(weights[a] * weights[b] for a in ones for b in others)
        return float(sum(weights[a] * weights[b] * distances[a, b] for a in ones for b in others) / total)

    while len(clusters) > 1:
        pairs = [(mean(a, b), i, j) for i, a in enumerate(clusters) for j, b in enumerate(clusters) if i < j]
        least, i, j = min(pairs)
        if least >= 0.45:
            break
        clusters[i] += clusters.pop(j)
    return clusters


def test_texts_beyond_the_most_that_are_compared_stay_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("booklight.insights.groups.MOST_GROUPED", 2)
    embedded: list[str] = []

    def embed(texts: Sequence[str]) -> Floats:
        embedded.extend(texts)
        return np.ones((len(texts), 1), dtype=np.float32)

    assert group_similar(["a", "b", "a", "c"], str, embed) == [["a", "a", "b"], ["c"]]
    assert embedded == ["a", "b"]


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of the small book, and conversations of four readers, one of them older than a month."""
    folder = tmp_path_factory.mktemp("month")
    asyncio.run(make_month(folder))
    return folder


async def make_month(folder: Path) -> None:
    await index_small_book(folder / "index")
    store = await open_store(f"sqlite:///{folder}/booklight.db")
    for reader in ("reader:ann", "reader:bob", "reader:eve"):
        await converse(store, reader, "What is a waggle dance?", "sure", best=stored(WAGGLE), selections=(SELECTED,))
        await converse(store, reader, GAPS[0], "not_covered", rated="No prices.")
    await converse(store, "reader:old", OTHER_GAP, "not_covered", days_ago=40)
    await store.close()


async def converse(
    store: SqlStore,
    reader: str,
    text: str,
    kind: AnswerKind,
    *,
    best: Chunk | None = None,
    selections: tuple[Selection, ...] = (),
    rated: str | None = None,
    days_ago: int = 1,
) -> str:
    """Keep a question on the page about dances and its answer two seconds later, and return the thread's id."""
    thread, asked_at = f"thr_{uuid4().hex}", datetime.now() - timedelta(days=days_ago)
    context = RequestContext(owner=reader, page=PageContext(path=DANCES), selections=selections, reason=rated)
    context.turn.answer, context.turn.searches = kind, 1
    context.turn.passages += [Passage(best, 1.0)] if best else []
    question, answer = sample_question(text=text, thread_id=thread), sample_answer(thread_id=thread)
    await store.save_thread(sample_thread(thread), context)
    await store.add_thread_item(thread, question.model_copy(update={"created_at": asked_at}), context)
    later = asked_at + timedelta(seconds=2)
    await store.add_thread_item(thread, answer.model_copy(update={"created_at": later}), context)
    if rated:
        await store.save_feedback(thread, [answer.id], "negative", rated, context)
    return thread


def stored(chunk: Chunk, **changes: Any) -> Chunk:
    """Return a chunk of the small book as the index has it, but for `changes`."""
    return replace(chunk, **{"id": str(uuid5(NAMESPACE_URL, chunk.id)), **changes})


def insights(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str, **settings: str) -> Any:
    """Run the command on the month of `folder`, and return what it printed."""
    monkeypatch.setenv("BOOKLIGHT_DATABASE_URL", f"sqlite:///{folder}/booklight.db")
    monkeypatch.setenv("BOOKLIGHT_INDEX_PATH", str(folder / "index"))
    monkeypatch.setenv("BOOKLIGHT_EMBEDDING", "none")
    for name, value in settings.items():
        monkeypatch.setenv(f"BOOKLIGHT_{name}", value)
    ended = run_command("insights", *arguments)
    assert ended.exit_code == 0, ended.output
    return ended


def test_the_command_reports_real_conversations_as_json(month: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = json.loads(insights(month, monkeypatch, "--json").stdout)
    assert (report["book"], report["questions"], report["readers"]) == ("Bees", 6, 3)
    assert report["answers"]["not_covered"] == 3
    assert sum(report["answers"].values()) == 6
    (gap,) = report["gaps"]
    assert (gap["question"], gap["count"], gap["readers"]) == (GAPS[0], 3, 3)
    assert report["pages"] == [
        {"url": f"https://bees.example{DANCES}", "title": "Dances", "questions": 6, "readers": 3, "unanswered": 3}
    ]
    (passage,) = report["passages"]
    assert (passage["heading"], passage["count"]) == ("The waggle dance", 3)
    assert {(one["heading"], one["url"], one["count"], one["unanswered"]) for one in report["sections"]} == {
        ("The waggle dance", f"https://bees.example{DANCES}#the-waggle-dance", 3, 0),
        ("Dances", f"https://bees.example{DANCES}", 3, 3),
    }
    (bad,) = report["bad_answers"]
    assert (bad["reasons"], bad["count"]) == (["No prices."], 3)
    assert report["drift"] == []
    assert report["first_text"] == {"median": 2.0, "p95": 2.0}
    assert report["answers"]["sure"] == 3


def test_the_period_and_the_floor_are_the_operators(month: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = month
    longer = json.loads(insights(folder, monkeypatch, "--since", "60d", "--json").stdout)
    assert longer["questions"] == 7
    assert OTHER_GAP not in str(longer)
    shown = json.loads(insights(folder, monkeypatch, "--since", "60", "--json", INSIGHTS_FLOOR="1").stdout)
    assert OTHER_GAP in str(shown)


def test_nothing_that_is_printed_names_a_reader(month: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = tmp_path / "insights.html"
    runs = [("--json",), ("--csv",), (), ("--html", str(page))]
    printed = "".join(insights(month, monkeypatch, *run, INSIGHTS_FLOOR="1").stdout for run in runs)
    for text in (printed, page.read_text()):
        assert "Dances" in text
        assert not any(word in text for word in ("reader:", "thr_", "msg_"))


def test_the_terminal_shows_figures_and_tables(month: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = insights(month, monkeypatch).stdout
    assert "6 questions by 3 readers" in shown
    for title in ("Not answered", "Bad answers", "Pages", "Selected passages", GAPS[0]):
        assert title in shown


def test_a_book_that_changed_since_shows_which_passages(month: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask_before_the_change() -> list[str]:
        store = await open_store(f"sqlite:///{month}/booklight.db")
        changed, vanished = stored(WAGGLE, content_hash="old"), stored(SMOKER, id=str(uuid4()))
        begun = [await converse(store, "reader:ann", "How do bees dance?", "sure", best=changed)]
        begun += [await converse(store, "reader:ann", "How do I light it?", "sure", best=vanished)]
        await store.close()
        return begun

    async def forget(begun: list[str]) -> None:
        store = await open_store(f"sqlite:///{month}/booklight.db")
        for thread in begun:
            await store.delete_thread(thread, RequestContext(owner="reader:ann"))
        await store.close()

    begun = asyncio.run(ask_before_the_change())
    report = json.loads(insights(month, monkeypatch, "--json", INSIGHTS_FLOOR="1").stdout)
    drift = report["drift"]
    asyncio.run(forget(begun))
    # What was not selected counts where the best passage stood, as far as that heading is still in the book.
    counts = {one["heading"]: (one["count"], one["unanswered"]) for one in report["sections"]}
    assert counts == {"The waggle dance": (4, 0), "Dances": (3, 3), "Using a smoker": (1, 0)}
    assert {(one["question"], one["heading"], one["change"], one["url"]) for one in drift} == {
        ("How do bees dance?", "The waggle dance", "changed", f"https://bees.example{DANCES}#the-waggle-dance"),
        ("How do I light it?", "Using a smoker", "vanished", "https://bees.example/book/docs/hives#using-a-smoker"),
    }


def test_without_an_index_there_are_no_pages_and_a_note(month: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    insights(month, monkeypatch, "--json")
    monkeypatch.setenv("BOOKLIGHT_INDEX_PATH", str(month / "none"))
    ended = run_command("insights", "--json")
    report = json.loads(ended.stdout)
    assert (report["book"], report["questions"], report["pages"], report["drift"]) == (None, 6, [], [])
    assert "booklight index" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("--since", "yesterday"), "--since yesterday"), (("--json", "--csv"), "one of them")],
)
def test_wrong_use_is_one_line(arguments: tuple[str, ...], told: str) -> None:
    ended = run_command("insights", *arguments)
    assert ended.exit_code == 2
    assert told in ended.stderr


async def test_what_a_turn_comes_to_after_its_answer_is_kept(store: SqlStore) -> None:
    thread = await converse(store, "reader:ann", "Who feeds the queen?", "cited")
    context = RequestContext(owner="reader:ann")
    context.turn.answer = "refused"
    await store.note_answer(thread, "msg_2", context)
    with pytest.raises(NotFoundError):
        await store.note_answer(thread, "msg_2", RequestContext(owner="reader:bob"))
    async with store._database.statement() as connection:
        kept = select(items.c.metadata).where(items.c.id == "msg_2", items.c.thread_id == thread)
        assert (await connection.execute(kept)).scalar_one() == {"answer": "refused"}


async def test_the_questions_of_a_period_are_the_same_on_every_database(store: SqlStore, database_url: str) -> None:
    await converse(store, "reader:ann", OTHER_GAP, "not_covered", rated="No.", selections=(SELECTED,))
    await converse(store, "reader:ann", "Too old?", "sure", days_ago=9)
    database = Database(parse_database_url(database_url))
    (found,) = await load_questions_since(database, datetime.now(UTC) - timedelta(days=8))
    await database.close()
    assert (found.text, found.reader, found.tier, found.seconds) == (OTHER_GAP, "reader:ann", "not_covered", 2.0)
    assert (found.rating, found.reason, found.path, found.selections) == ("negative", "No.", DANCES, (SELECTED,))
    assert [source.title for source in found.sources] == ["Why overlap"]


@pytest.mark.parametrize(
    ("question", "kinds"), [("What is a waggle dance?", {"sure", "likely"}), (OTHER_GAP, {"not_covered"})]
)
async def test_what_a_real_answer_came_to_is_kept(question: str, kinds: set[str], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/booklight.db"
    model = connect_answering_model(Settings(_env_file=None))
    async with live_sidecar(model, url) as live:
        await (await live.reader()).ask(question)
    database = Database(parse_database_url(url))
    (found,) = await load_questions_since(database, datetime.now(UTC) - timedelta(days=1))
    await database.close()
    assert found.tier in kinds
    assert found.seconds is not None
    assert found.best is None or found.best.url.startswith("https://bees.example/book/docs/")
