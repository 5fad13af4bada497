import json
from collections.abc import AsyncIterator
from math import log2
from pathlib import Path

import pytest
import pytest_asyncio

from booklight.evaluation.gates import Gate, missed_gates, parse_gate
from booklight.evaluation.questions import Gold, Question, QuestionsUnreadable, load_questions
from booklight.evaluation.report import evaluate, evaluation_fields, figures
from booklight.evaluation.run import Result, SectionRef, ask_all, results_lines
from booklight_ingest.embed.sentence_vectors import SentenceVectors
from booklight_ingest.index.live import Index, open_index
from booklight_ingest.index.sync import sync_index
from ingest.tests.books import make_book, small_book

DOCKER = {"source": "docs/ship/deploy.mdx", "heading": "Docker"}
QUESTIONS = [
    {"id": "a", "question": "How do I push the image?", "gold": [DOCKER], "answerable": True, "kind": "howto"},
    {
        "id": "b",
        "question": "What is needed?",
        "page": "setup/install.mdx",
        "scope": "current_page",
        "gold": [{"source": "setup/install.mdx", "heading": "Requirements"}],
        "answerable": True,
        "kind": "context",
    },
    {"id": "c", "question": "Who won the chess olympiad?", "gold": [], "answerable": False, "kind": "unanswerable"},
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, QUESTIONS)) + "\n\n", encoding="utf-8")
    return path


@pytest_asyncio.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    chunks = small_book()
    await sync_index([make_book(chunks)], chunks, tmp_path / "index", SentenceVectors())
    found = await open_index(tmp_path / "index", SentenceVectors())
    yield found
    await found.close()


async def test_a_file_of_questions_is_asked_and_scored(file: Path, index: Index) -> None:
    seen = list[tuple[int, int]]()
    questions = load_questions(file)
    results = await ask_all(
        index, questions, make_book(small_book()).pages, progress=lambda done, of: seen.append((done, of))
    )
    evaluation = evaluate(questions, results)
    assert results[0].results[0] == SectionRef("docs/ship/deploy.mdx", "Docker")
    assert {place.source for place in results[1].results} == {"docs/setup/install.mdx"}
    assert (evaluation.asked, evaluation.all.questions, evaluation.auc) == (3, 2, 1)
    assert evaluation.all.section.recall[1] == 1
    assert set(evaluation.by_scope) == {"full_book", "current_page"}
    assert set(evaluation.by_kind) == {"howto", "context"}
    assert evaluation.misses == ()
    assert seen == [(1, 3), (2, 3), (3, 3)]


async def test_a_permalink_does_for_a_page(index: Index) -> None:
    question = Question(id="a", question="needed", page="/docs/setup/install/", scope="current_page")
    (result,) = await ask_all(index, [question])
    assert {place.source for place in result.results} == {"docs/setup/install.mdx"}


def test_a_miss_shows_what_was_expected_and_what_was_found(file: Path) -> None:
    wrong = Result(
        "a", (SectionRef("docs/ship/deploy.mdx", "Postgres"), *(SectionRef("x.mdx", str(at)) for at in range(12))), 0.4
    )
    evaluation = evaluate(load_questions(file), [wrong])
    assert [miss.id for miss in evaluation.misses] == ["a", "b"]
    assert evaluation.misses[0].expected == (SectionRef("docs/ship/deploy.mdx", "Docker"),)
    assert evaluation.misses[0].found[0] == SectionRef("docs/ship/deploy.mdx", "Postgres")
    assert evaluation.misses[1].found == ()
    assert evaluation.all.page.recall[1] == 0.5


def test_a_run_s_figures_are_those_worked_out_by_hand() -> None:
    both = (Gold(source="a.mdx", heading="One"), Gold(source="b.mdx"))
    questions = [
        Question(id="first", question="?", gold=both, kind="howto"),
        Question(id="second", question="?", gold=both[:1], scope="current_page"),
        Question(id="none", question="?", answerable=False),
    ]
    results = [
        # Ranks 1 and 3, as the repeated section counts once; by page, ranks 1 and 2.
        Result(
            "first",
            (*[SectionRef("docs/a.mdx", "One")] * 2, SectionRef("a.mdx", "Two"), SectionRef("b.mdx", None)),
            0.5,
        ),
        # Rank 2; by page, rank 1.
        Result("second", (SectionRef("a.mdx", "Two"), SectionRef("./docs/a.mdx", "`One` {#x}")), 0.9),
        Result("none", (), 0.5),
    ]
    found = figures(evaluate(questions, results))
    assert found == pytest.approx(
        {
            "recall@1": (1 + 0) / 2,
            "recall@5": 1,
            "recall@10": 1,
            "ndcg@10": ((1 + 1 / 2) / (1 + 1 / log2(3)) + 1 / log2(3)) / 2,
            "mrr": (1 + 1 / 2) / 2,
            "page_recall@1": 1,
            "page_recall@5": 1,
            "page_recall@10": 1,
            "page_ndcg@10": 1,
            "page_mrr": 1,
            "auc": (0.5 + 1) / 2,
        }
    )


def test_a_run_is_written_a_line_a_question() -> None:
    (line,) = results_lines([Result("a", (SectionRef("a.mdx", None),), 0.25)])
    assert json.loads(line) == {"id": "a", "results": [{"source": "a.mdx", "heading": None}], "answerability": 0.25}


def test_figures_can_be_gates(file: Path) -> None:
    evaluation = evaluate(load_questions(file), [Result("a", (SectionRef("ship/deploy.mdx", "Docker"),), 0.9)])
    assert missed_gates(figures(evaluation), [parse_gate("ndcg@10=0.5"), parse_gate("page_recall@5=0.5")]) == []
    assert missed_gates(figures(evaluation), [Gate("mrr", 0.7)]) == ["mrr is 0.500, and must be at least 0.7"]
    assert json.loads(json.dumps(evaluation_fields(evaluation)))["figures"] == figures(evaluation)


@pytest.mark.parametrize("text", ["ndcg@10", "ndcg@10=high", ""])
def test_a_gate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(QuestionsUnreadable, match="write it like"):
        parse_gate(text)


def test_an_unknown_figure_names_the_known_ones(file: Path) -> None:
    with pytest.raises(QuestionsUnreadable, match=r"no figure 'ndcg@3': use one of recall@1, .*ndcg@10"):
        missed_gates(figures(evaluate(load_questions(file), [])), [Gate("ndcg@3", 0.5)])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "holds no questions"),
        ("not json", r"questions.jsonl:1 is not a question"),
        ('{"id": "a", "question": "x"}\n{"id": "b"}', r"questions.jsonl:2 is not a question: question: Field required"),
        ('{"id": "a", "question": "x", "scope": "all"}', "scope: Input should be"),
        ('{"id": "a", "question": "x"}\n{"id": "a", "question": "y"}', "the same id: a"),
        ("\udcff", "cannot be read"),
    ],
)
def test_a_bad_file_is_told_by_its_line(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(QuestionsUnreadable, match=says):
        load_questions(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(QuestionsUnreadable, match=r"nowhere.jsonl cannot be read"):
        load_questions(tmp_path / "nowhere.jsonl")
