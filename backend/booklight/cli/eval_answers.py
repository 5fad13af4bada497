"""`booklight eval --answers`: ask the extractive model the questions of a file, and keep what it answered."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from booklight.context import RequestContext
from booklight.contracts import PageContext, Selection
from booklight.evaluation.answers import GivenAnswer
from booklight.evaluation.questions import Question
from booklight.evaluation.run import SectionRef, page_paths
from booklight.extractive import BlockJudge
from booklight.extractive.asking import ask
from booklight.search.passages import Boosts, search
from booklight.search.reranking import Reranker
from booklight_ingest.index.live import Index
from booklight_ingest.index.manifest import KnownPage
from booklight_ingest.pages import Page

# Nobody waits: every block is judged, however slow the machine.
SECONDS = 60.0


async def answer_all(
    index: Index,
    questions: Sequence[Question],
    pages: Iterable[Page | KnownPage],
    boosts: Boosts,
    progress: Callable[[int, int], None],
    reranker: Reranker | None,
) -> list[GivenAnswer]:
    """Answer every question. `pages` are the book's, and tell the permalink of a question's source."""
    paths = page_paths(pages)
    judge = BlockJudge(lambda: reranker, lambda: index, SECONDS)
    search_book = partial(search, index, boosts=boosts, reranker=reranker)
    answers = []
    for done, question in enumerate(questions, start=1):
        given = await ask(question.question, search_book, judge, _asked_from(question, paths))
        quoted = tuple(SectionRef(passage.chunk.source, passage.chunk.heading) for passage in given.cited)
        refused = given.tier in {"not_covered", None}
        answers.append(GivenAnswer(question.id, given.text, given.tier == "sure", refused, quoted))
        progress(done, len(questions))
    return answers


def _asked_from(question: Question, paths: Callable[[str | None], str | None]) -> RequestContext:
    return RequestContext(
        owner="eval",
        page=PageContext(path=paths(question.page)),
        scope=None if question.scope == "full_book" else question.scope,
        selections=(Selection(text=question.selected_text),) if question.selected_text else (),
    )
