"""An evaluation as people read it: tables of figures, and of what was missed or not answered right."""

from collections.abc import Iterable, Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from booklight.evaluation.answers import AnswerEvaluation
from booklight.evaluation.report import Evaluation, Group, Miss, named_scores
from booklight.evaluation.run import SectionRef
from booklight.evaluation.scoring import Scores

INTRODUCTION = "(introduction)"


def figures_table(evaluation: Evaluation) -> Table:
    """Return the figures by section and by page: of all questions, then of each scope and kind."""
    names = list(named_scores(evaluation.all.section))
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Questions")
    table.add_column("", justify="right")
    table.add_column("by")
    for name in names:
        table.add_column(name.replace("ndcg", "nDCG").replace("mrr", "MRR"), justify="right")
    for label, group in _labelled(evaluation):
        table.add_row(label, str(group.questions), "section", *_cells(group.section))
        table.add_row("", "", "page", *_cells(group.page))
    return table


def misses_table(misses: Iterable[Miss]) -> Table:
    """Return the questions none of whose sections is among the first ten, and what came instead."""
    table = Table(box=box.SIMPLE_HEAD, title="Not among the first ten", title_justify="left")
    for column in ("id", "question", "expected", "found instead"):
        table.add_column(column, overflow="fold")
    for miss in misses:
        # What authors write may look like Rich's markup.
        cells = (miss.id, miss.question, _names(miss.expected), _names(miss.found))
        table.add_row(*map(Text, cells), end_section=True)
    return table


def answerability_line(evaluation: Evaluation) -> str:
    """Return how well the search tells the questions that the book answers from the others."""
    if evaluation.auc is None:
        return "answerability: not measured, as that takes questions that the book does not answer"
    return f"answerability AUC {evaluation.auc:.3f}"


def answers_table(evaluation: AnswerEvaluation) -> Table:
    """Return the figures of answers, a line each."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(f"{len(evaluation.judged)} answers")
    table.add_column("share", justify="right")
    for name, value in evaluation.figures.items():
        table.add_row(name, f"{value:.3f}")
    return table


def wrong_table(evaluation: AnswerEvaluation) -> Table:
    """Return the answers that were not right, with the words they should have held."""
    table = Table(box=box.SIMPLE_HEAD, title="Not right", title_justify="left")
    for column in ("id", "question", "verdict", "should hold", "answer"):
        table.add_column(column, overflow="fold")
    for one in evaluation.judged:
        if one.verdict in {"right", "refused_rightly"}:
            continue
        wanted = " or ".join(" + ".join(words) for words in one.question.answer) or "nothing"
        cells = (one.question.id, one.question.question, one.verdict, wanted, one.answer.text[:200])
        table.add_row(*map(Text, cells), end_section=True)
    return table


def _labelled(evaluation: Evaluation) -> Iterator[tuple[str, Group]]:
    yield "all", evaluation.all
    for kind_of_group, groups in (("scope", evaluation.by_scope), ("kind", evaluation.by_kind)):
        for name, group in groups.items():
            yield f"{kind_of_group} {name}", group


def _cells(scores: Scores) -> list[str]:
    return [f"{value:.3f}" for value in named_scores(scores).values()]


def _names(places: Iterable[SectionRef]) -> str:
    return "\n".join(f"{place.source} › {place.heading or INTRODUCTION}" for place in places) or "nothing"
