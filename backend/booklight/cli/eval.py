"""`booklight eval`: ask the index a file of questions, print how good the answers' places are, and gate on it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from booklight.cli.console import (
    FOUND,
    Json,
    Rerank,
    exit_on_errors,
    print_json,
    print_notes,
    print_table,
    progress_bar,
    read_settings,
    write_lines,
)
from booklight.evaluation.answers import AnswerEvaluation, GivenAnswer, answers_fields, evaluate_answers
from booklight.evaluation.gates import missed_gates, parse_gate
from booklight.evaluation.questions import Question, load_questions
from booklight.evaluation.report import Evaluation, evaluate, evaluation_fields, figures
from booklight.evaluation.run import Result, ask_all, results_lines, unknown_sources
from booklight.evaluation.tables import answerability_line, answers_table, figures_table, misses_table, wrong_table
from booklight.search.connection import boosts, connect_reranker, opened_index
from booklight.settings import Settings
from booklight_ingest.pages import load_book

File = Annotated[Path, typer.Argument(metavar="QUESTIONS.jsonl", help="One question a line, with what answers it.")]
Pages = Annotated[
    Path | None,
    typer.Option("--pages", metavar="PAGES_JSON", help="Tells the pages of sources; the index knows its own."),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="RESULTS.jsonl", help="Write what was found, line by line.")]
Answers = Annotated[bool, typer.Option("--answers", help="Score answers without a model too, by the words they hold.")]
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
        asked = asyncio.run(_ask_all(settings, questions, pages, rerank=rerank, answers=answers))
        print_notes(asked.oddities)
        if out is not None:
            write_lines(out, results_lines(asked.results))
        found = evaluate(questions, asked.results)
        answered = None if asked.answers is None else evaluate_answers(questions, asked.answers)
        known = figures(found) | (answered.figures if answered else {})
        missed = missed_gates(known, gates)
    if json:
        answers_field = {"answers": answers_fields(answered)} if answered else {}
        print_json(evaluation_fields(found) | answers_field | {"figures": known, "missed_gates": missed})
    else:
        _print_found(found)
        if answered:
            _print_answered(answered)
        for line in missed:
            print(f"missed: {line}")
    if missed:
        raise typer.Exit(FOUND)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the questions got, what is odd about them, and how they were answered, if that was wanted."""

    results: list[Result]
    oddities: list[str]
    answers: list[GivenAnswer] | None


async def _ask_all(
    settings: Settings, questions: Sequence[Question], pages_json: Path | None, *, rerank: bool, answers: bool
) -> _Asked:
    given = load_book(pages_json).pages if pages_json else None
    async with opened_index(settings) as index:
        async with index.reading() as reading:
            pages = given or reading.generation.manifest.pages
        connected = connect_reranker(settings) if rerank else None
        # Answers begin with the same search.
        reranker = connected.remembering() if connected else None
        with progress_bar("Asking the questions") as progress:
            results = await ask_all(index, questions, pages, boosts(settings), progress, reranker)
        answered = None
        if answers:
            # What answers takes seconds to import, and to measure search does without.
            from booklight.cli.eval_answers import answer_all

            with progress_bar("Answering them") as progress:
                answered = await answer_all(index, questions, pages, boosts(settings), progress, reranker)
    return _Asked(results, unknown_sources(questions, pages), answered)


def _print_found(evaluation: Evaluation) -> None:
    print_table(figures_table(evaluation))
    print(f"{answerability_line(evaluation)}\n")
    if evaluation.misses:
        print_table(misses_table(evaluation.misses))


def _print_answered(evaluation: AnswerEvaluation) -> None:
    print_table(answers_table(evaluation))
    print_table(wrong_table(evaluation))
