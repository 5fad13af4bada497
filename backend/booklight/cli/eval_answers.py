"""`booklight eval --answers`: what the sidecar's own quotations are worth, by the words that answers must hold."""

from collections.abc import Callable, Sequence
from functools import partial

from rich import box
from rich.table import Table
from rich.text import Text

from booklight.context import RequestContext
from booklight.contracts import PageContext, Selection
from booklight.evaluation.answers import AnswerEvaluation, GivenAnswer
from booklight.evaluation.questions import Question
from booklight.evaluation.run import SectionRef, page_paths
from booklight.extractive import BlockJudge
from booklight.extractive.asking import ask
from booklight.search.connection import boosts, connect_reranker, opened_index
from booklight.search.passages import search
from booklight.settings import Settings

# Nobody waits: every block is judged, however slow the machine.
SECONDS = 60.0


async def ask_answers(
    settings: Settings, questions: Sequence[Question], progress: Callable[[int, int], None], *, rerank: bool
) -> list[GivenAnswer]:
    """Return the extractive model's answers to the questions, from the index that the settings name."""
    reranker = connect_reranker(settings) if rerank else None
    nearby = boosts(settings)
    answers: list[GivenAnswer] = []
    async with opened_index(settings) as index:
        async with index.reading() as reading:
            paths = page_paths(reading.generation.manifest.pages)
        judge = BlockJudge(lambda: reranker, lambda: index, SECONDS)
        search_book = partial(search, index, boosts=nearby, reranker=reranker)

        for done, question in enumerate(questions, start=1):
            marked = (Selection(text=question.selected_text),) if question.selected_text else ()
            context = RequestContext(
                owner="eval",
                page=PageContext(path=paths(question.page)),
                scope=None if question.scope == "full_book" else question.scope,
                selections=marked,
            )
            given = await ask(question.question, search_book, judge, context)
            quoted = tuple(SectionRef(passage.chunk.source, passage.chunk.heading) for passage in given.cited)
            refused = given.tier in {"not_covered", None}
            answers.append(GivenAnswer(question.id, given.text, given.tier == "sure", refused, quoted))
            progress(done, len(questions))
    return answers


def answers_table(evaluation: AnswerEvaluation) -> Table:
    """Return the figures, a line each."""
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
