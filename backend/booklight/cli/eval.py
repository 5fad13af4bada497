"""`booklight eval`: ask the index a file of questions, print how good the answers' places are, and gate on it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from booklight.cli.console import (
    FOUND,
    Json,
    Progress,
    Rerank,
    exit_on_errors,
    print_json,
    print_notes,
    print_table,
    progress_bar,
    read_settings,
    write_lines,
)
from booklight.evaluation.answers import answers_fields, evaluate_answers
from booklight.evaluation.gates import Gate, missed_gates, parse_gate
from booklight.evaluation.questions import Question, load_questions
from booklight.evaluation.report import Evaluation, evaluate, evaluation_fields, figures
from booklight.evaluation.run import Result, ask_all, results_lines, unknown_sources
from booklight.evaluation.tables import answerability_line, figures_table, misses_table
from booklight.search.connection import boosts, connect_reranker, opened_index
from booklight.settings import Settings
from booklight_ingest.pages import load_book

File = Annotated[Path, typer.Argument(metavar="QUESTIONS.jsonl", help="One question a line, with what answers it.")]
Pages = Annotated[
    Path | None,
    typer.Option("--pages", metavar="PAGES_JSON", help="Tells the pages of sources; the index knows its own."),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="RESULTS.jsonl", help="Write what was found, line by line.")]
Answers = Annotated[bool, typer.Option("--answers", help="Score the answers without a model, by the words they hold.")]
Least = Annotated[
    list[str] | None, typer.Option("--min", metavar="FIGURE=LEAST", help="Such as ndcg@10=0.7; below, end with 1.")
]
Most = Annotated[
    list[str] | None,
    typer.Option("--max", metavar="FIGURE=MOST", help="Such as wrong_and_sure=0.04; above, 1."),
]


def run(
    file: File,
    pages: Pages = None,
    out: Out = None,
    least: Least = None,
    most: Most = None,
    answers: Answers = False,
    rerank: Rerank = True,
    json: Json = False,
) -> None:
    """Print the figures, and end with 1 if one is beyond its gate."""
    settings = read_settings()
    with exit_on_errors():
        gates = [*map(parse_gate, least or []), *(parse_gate(text, at_most=True) for text in most or [])]
        questions = load_questions(file)
        if answers:
            return _run_answers(settings, questions, gates, rerank=rerank, json=json)
        with progress_bar("Asking the questions") as progress:
            results, oddities = asyncio.run(_ask_all(settings, questions, pages, progress, rerank=rerank))
        print_notes(oddities)
        if out is not None:
            write_lines(out, results_lines(results))
        evaluation = evaluate(questions, results)
        missed = missed_gates(figures(evaluation), gates)
    if json:
        print_json(evaluation_fields(evaluation) | {"missed_gates": missed})
    else:
        _print_evaluation(evaluation, missed)
    return _end(missed)


def _run_answers(
    settings: Settings, questions: Sequence[Question], gates: Sequence[Gate], *, rerank: bool, json: bool
) -> None:
    """Print how good the answers are. What answers takes seconds to import, and to measure search does without."""
    from booklight.cli.eval_answers import answers_table, ask_answers, wrong_table

    with progress_bar("Asking the questions") as progress:
        given = asyncio.run(ask_answers(settings, questions, progress, rerank=rerank))
    evaluation = evaluate_answers(questions, given)
    missed = missed_gates(evaluation.figures, gates)
    if json:
        print_json(answers_fields(evaluation) | {"missed_gates": missed})
    else:
        print_table(answers_table(evaluation))
        print_table(wrong_table(evaluation))
        _print_missed(missed)
    return _end(missed)


def _end(missed: Sequence[str]) -> None:
    if missed:
        raise typer.Exit(FOUND)


async def _ask_all(
    settings: Settings, questions: Sequence[Question], pages_json: Path | None, progress: Progress, *, rerank: bool
) -> tuple[list[Result], list[str]]:
    """Return what each question found, and what is odd about the questions."""
    given = load_book(pages_json).pages if pages_json else None
    async with opened_index(settings) as index:
        async with index.reading() as reading:
            pages = given or reading.generation.manifest.pages
        reranker = connect_reranker(settings) if rerank else None
        results = await ask_all(index, questions, pages, boosts(settings), progress, reranker)
    return results, unknown_sources(questions, pages)


def _print_evaluation(evaluation: Evaluation, missed: Sequence[str]) -> None:
    print_table(figures_table(evaluation))
    print(f"{answerability_line(evaluation)}\n")
    if evaluation.misses:
        print_table(misses_table(evaluation.misses))
    _print_missed(missed)


def _print_missed(missed: Sequence[str]) -> None:
    for line in missed:
        print(f"missed: {line}")
