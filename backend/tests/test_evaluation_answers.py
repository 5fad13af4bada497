"""Answers judged: by the words they must hold, by how sure they were, and by what they quote."""

import json
from pathlib import Path

import pytest

from backend.tests.command_line import PAGES, make_site, run_command
from booklight.evaluation.answers import GivenAnswer, Verdict, evaluate_answers, holds_words, judge
from booklight.evaluation.gates import Gate, missed_gates
from booklight.evaluation.questions import Gold, Question
from booklight.evaluation.run import SectionRef

EGGS = Question(
    id="eggs",
    question="How many eggs?",
    gold=(Gold(source="hives.mdx", heading="Queen"),),
    answer=(("2,000", "a day"), ("two thousand",)),
)
CHESS = Question(id="chess", question="Who castles?", answerable=False)
QUEEN, WAX = SectionRef("docs/hives.mdx", "Queen"), SectionRef("docs/hives.mdx", "Wax")


def given(
    text: str, *, id: str = "eggs", sure: bool = False, refused: bool = False, at: SectionRef = WAX
) -> GivenAnswer:
    return GivenAnswer(id, text, sure, refused, (at,))


@pytest.mark.parametrize(
    ("question", "answer", "verdict"),
    [
        (EGGS, given("She lays 2,000 eggs A DAY.[^1]", sure=True), "right"),
        (EGGS, given("Two\n> thousand.", at=QUEEN), "right"),
        (EGGS, given("She lays 2,000 eggs.", at=QUEEN), "partly"),
        (EGGS, given("Wax is yellow.", sure=True), "wrong_and_sure"),
        (EGGS, given("Wax is yellow."), "wrong_and_hedged"),
        (EGGS, given("Not covered: 2,000 a day", refused=True), "refused_wrongly"),
        (CHESS, given("Wax.", sure=True), "wrong_and_sure"),
        (CHESS, given("Wax."), "wrong_and_hedged"),
        (CHESS, given("Not covered", refused=True), "refused_rightly"),
    ],
)
def test_each_verdict(question: Question, answer: GivenAnswer, verdict: Verdict) -> None:
    assert judge(question, answer) == verdict


def test_words_are_found_across_lines_block_quotes_and_citations() -> None:
    assert holds_words("> the smoker is\n> lit[^2] first", [["is lit first"]])
    assert not holds_words("the smoker", [["smoker", "lit"]])


def test_the_figures_are_shares_of_those_that_can_be_so() -> None:
    more = EGGS.model_copy(update={"id": "more"})
    silent = Question(id="silent", question="No words are given for this one")
    answers = [
        given("2,000 a day", sure=True),
        given("Wax", id="more", sure=True),
        given("Not covered", id="chess", refused=True),
        given("Wax", id="silent"),
    ]
    figures = evaluate_answers([EGGS, more, CHESS, silent], answers).figures
    assert figures == {
        "right": 1 / 2,
        "partly": 0,
        "wrong_and_sure": 1 / 3,
        "wrong_and_hedged": 0,
        "refused_rightly": 1,
        "refused_wrongly": 0,
        "sure": 2 / 3,
        "right_when_sure": 1 / 2,
    }
    assert missed_gates(figures, [Gate("right", 0.5), Gate("wrong_and_sure", 0.4, at_most=True)]) == []
    assert missed_gates(figures, [Gate("wrong_and_sure", 0.04, at_most=True)]) == [
        "wrong_and_sure is 0.333, and must be at most 0.04"
    ]


def test_the_command_measures_search_and_answers_in_one_run_and_ends_with_the_gates_of_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(make_site(tmp_path))
    assert run_command("index", PAGES).exit_code == 0
    gold = [{"source": "hives.mdx", "heading": "Opening a hive"}]
    lines = [
        {"id": "smoke", "question": "What is needed for opening a hive?", "gold": gold, "answer": [["smoker"]]},
        {"id": "chess", "question": "Who invented castling?", "answerable": False},
    ]
    Path("questions.jsonl").write_text("\n".join(map(json.dumps, lines)))
    command = ["eval", "questions.jsonl", "--answers", "--min", "right=1", "--min", "recall@1=1"]
    printed = run_command(*command, "--json", "--out", "found.jsonl")
    assert printed.exit_code == 0, printed.stdout
    document = json.loads(printed.stdout)
    assert (document["figures"]["right"], document["figures"]["recall@1"], document["asked"]) == (1, 1, 2)
    assert [one["id"] for one in document["answers"]] == ["smoke", "chess"]
    assert [json.loads(line)["id"] for line in Path("found.jsonl").read_text().splitlines()] == ["smoke", "chess"]
    missed = run_command(*command, "--max", "right=0.5", "--max", "mrr=0.5")
    assert missed.exit_code == 1
    assert "answerability AUC 1.000" in missed.stdout
    assert "missed: right is 1.000, and must be at most 0.5" in missed.stdout
    assert "missed: mrr is 1.000, and must be at most 0.5" in missed.stdout
