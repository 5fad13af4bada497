"""`booklight eval`: what it prints, what it writes, and when it fails a build."""

import json
from pathlib import Path
from typing import Any

import pytest

from backend.tests.command_line import PAGES, make_site, run_command

HIVES = "hives.mdx"
QUESTIONS: list[dict[str, Any]] = [
    {"id": "smoke", "question": "opening a hive", "gold": [{"source": HIVES, "heading": "Opening a hive"}]},
    {"id": "gone", "question": "box for bees", "gold": [{"source": HIVES, "heading": "[Wax](x) & honey"}]},
    {"id": "chess", "question": "Who invented castling?", "answerable": False, "kind": "unanswerable"},
]


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An indexed book, in whose folder commands run, with a file of questions."""
    monkeypatch.chdir(make_site(tmp_path))
    assert run_command("index", PAGES).exit_code == 0
    ask(QUESTIONS)
    return tmp_path


def ask(questions: list[dict[str, Any]]) -> None:
    Path("questions.jsonl").write_text("\n".join(map(json.dumps, questions)))


def test_the_figures_are_those_worked_out_by_hand() -> None:
    printed = run_command("eval", "questions.jsonl", "--json")
    assert printed.exit_code == 0
    document = json.loads(printed.stdout)
    # One of two questions is found, at once; both are on the only page; the third is told apart.
    assert document["figures"] == {
        **dict.fromkeys(("recall@1", "recall@5", "recall@10", "ndcg@10", "mrr"), 0.5),
        **dict.fromkeys(("page_recall@1", "page_recall@5", "page_recall@10", "page_ndcg@10", "page_mrr"), 1.0),
        "auc": 1.0,
    }
    assert (document["asked"], document["all"]["questions"]) == (3, 2)
    assert [miss["id"] for miss in document["misses"]] == ["gone"]


def test_the_tables_show_groups_and_misses_as_they_are_written() -> None:
    printed = run_command("eval", "questions.jsonl").stdout
    rows = {tuple(line.split()[:4]): line.split()[4:] for line in printed.splitlines()}
    assert rows["all", "2", "section", "0.500"] == ["0.500"] * 4
    assert rows["scope", "full_book", "2", "section"] == ["0.500"] * 5
    assert "answerability AUC 1.000" in printed
    assert "hives.mdx › [Wax](x) & honey" in printed
    assert "docs/hives.mdx › (introduction)" in printed


def test_a_run_can_be_written_for_a_scorer() -> None:
    run_command("eval", "questions.jsonl", "--out", "results.jsonl")
    lines = [json.loads(line) for line in Path("results.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == ["smoke", "gone", "chess"]
    assert lines[0]["results"][0] == {"source": "docs/hives.mdx", "heading": "Opening a hive"}
    assert all(0 <= line["answerability"] <= 1 for line in lines)


def test_a_gate_that_is_passed_ends_with_zero_and_one_that_is_missed_with_one() -> None:
    assert run_command("eval", "questions.jsonl", "--min", "ndcg@10=0.5", "--min", "auc=1").exit_code == 0
    missed = run_command("eval", "questions.jsonl", "--min", "nDCG@10=0.51", "--min", "mrr=0.5", "--out", "out.jsonl")
    assert missed.exit_code == 1
    assert "missed: ndcg@10 is 0.500, and must be at least 0.51" in missed.stdout
    assert "mrr is" not in missed.stdout
    assert Path("out.jsonl").exists()
    document = json.loads(run_command("eval", "questions.jsonl", "--min", "mrr=0.6", "--json").stdout)
    assert document["missed_gates"] == ["mrr is 0.500, and must be at least 0.6"]


def test_a_page_is_named_by_its_source_with_or_without_pages_json() -> None:
    here = {"id": "a", "question": "smoker", "page": HIVES, "scope": "current_page", "gold": QUESTIONS[0]["gold"]}
    ask([here])
    for arguments in ((), ("--pages", PAGES)):
        figures = json.loads(run_command("eval", "questions.jsonl", "--json", *arguments).stdout)["figures"]
        assert figures["recall@1"] == 1


def test_a_page_that_the_book_does_not_have_is_told() -> None:
    ask([{"id": "old", "question": "smoker", "page": "wax.mdx", "gold": [{"source": "honey.mdx"}]}])
    told = run_command("eval", "questions.jsonl").stderr
    assert "question old names wax.mdx, which is no page of the book" in told
    assert "question old names honey.mdx, which is no page of the book" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.jsonl",), "nowhere.jsonl cannot be read"),
        (("questions.jsonl", "--min", "ndcg@10"), "write it like ndcg@10=0.7"),
        (("questions.jsonl", "--min", "ndcg@10=nan"), "a number from 0 to 1"),
        (("questions.jsonl", "--min", "ndcg@7=0.7"), "there is no figure 'ndcg@7': use one of recall@1"),
        (("questions.jsonl", "--pages", "nowhere.json"), "nowhere.json does not exist"),
        (("questions.jsonl", "--out", "nowhere/results.jsonl"), "nowhere/results.jsonl cannot be written"),
    ],
)
def test_bad_use_is_one_line_and_status_two(arguments: tuple[str, ...], said: str) -> None:
    refused = run_command("eval", *arguments)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.stdout == ""
