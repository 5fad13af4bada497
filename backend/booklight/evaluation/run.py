"""Ask an index the questions of a file, and keep what it found."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from booklight.contracts import PageContext, SearchRequest
from booklight.evaluation.questions import Question
from booklight.evaluation.scoring import normal_source
from booklight.search.passages import DEFAULT_BOOSTS, Boosts, search
from booklight.search.reranking import Reranker
from booklight_ingest.index.live import Index
from booklight_ingest.index.manifest import KnownPage
from booklight_ingest.pages import Page

ASKED_FOR = 50


@dataclass(frozen=True, slots=True)
class SectionRef:
    """The section that a passage stands in."""

    source: str
    heading: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What a question got, best first."""

    id: str
    results: tuple[SectionRef, ...]
    answerability: float


async def ask_all(
    index: Index,
    questions: Sequence[Question],
    pages: Iterable[Page | KnownPage] = (),
    boosts: Boosts = DEFAULT_BOOSTS,
    progress: Callable[[int, int], None] | None = None,
    reranker: Reranker | None = None,
) -> list[Result]:
    """Search for every question. `pages` are the book's, and tell the permalink of a question's source."""
    paths = page_paths(pages)
    results = []
    for done, question in enumerate(questions, start=1):
        page = PageContext(path=paths(question.page))
        found = await search(
            index,
            SearchRequest([question.question], question.scope, page, question.selected_text),
            boosts=boosts,
            limit=ASKED_FOR,
            reranker=reranker,
        )
        places = tuple(SectionRef(passage.chunk.source, passage.chunk.heading) for passage in found.passages)
        results.append(Result(question.id, places, found.answerability))
        if progress:
            progress(done, len(questions))
    return results


def page_paths(pages: Iterable[Page | KnownPage]) -> Callable[[str | None], str | None]:
    """Return what tells the permalink of the page that a question names by its source, or by the permalink itself."""
    paths = {normal_source(page.source): page.path for page in pages if page.source}
    return lambda named: paths.get(normal_source(named), named) if named else None


def unknown_sources(questions: Iterable[Question], pages: Iterable[Page | KnownPage]) -> list[str]:
    """Return a line for each page that a question names and that is neither the source nor the path of one."""
    known = {normal_source(name) for page in pages for name in (page.source, page.path) if name}
    return [
        f"question {question.id} names {name}, which is no page of the book"
        for question in questions
        for name in dict.fromkeys([*filter(None, [question.page]), *(gold.source for gold in question.gold)])
        if normal_source(name.rstrip("/")) not in known
    ]


def results_lines(results: Iterable[Result]) -> Iterable[str]:
    """Return a run as JSON lines, the form that `--out` writes."""
    return (json.dumps(asdict(result), ensure_ascii=False) for result in results)
