"""Ask an index the questions of a file and see what it finds, as `booklight eval` does."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from backend.contracts import PageContext, Scope
from backend.evaluation.scoring import (
    Scores,
    Section,
    accepted_sections,
    auc,
    found_at,
    mean,
    normal_source,
    pages_of,
    score,
)
from backend.evaluation.scoring import section as section_key
from backend.search.passages import DEFAULT_BOOSTS, Boosts, search
from ingest.errors import IngestError
from ingest.index import Index
from ingest.pages import Page

ASKED_FOR = 50
SHOWN_OF_A_MISS = 3


class QuestionsUnreadable(IngestError):
    """A file of questions, or a gate on its figures, is not what it should be."""


class Gold(BaseModel):
    """A section that answers a question. A heading of None is the page's introduction; `title` is its page's."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    source: str
    heading: str | None = None
    title: str | None = None

    def accepted(self) -> frozenset[Section]:
        """Return the ways a ranking may name this section."""
        return accepted_sections(self.source, self.heading, self.title)


class Question(BaseModel):
    """A question, where its reader is, and the sections that answer it. `page` is a source or a permalink."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    question: str
    page: str | None = None
    selected_text: str | None = None
    scope: Scope = "full_book"
    gold: tuple[Gold, ...] = ()
    answerable: bool = True
    kind: str | None = None

    @property
    def counts(self) -> bool:
        """Whether it enters the figures of ranking: the others only tell about answerability."""
        return self.answerable and bool(self.gold)


@dataclass(frozen=True, slots=True)
class Place:
    """The section that a passage stands in."""

    source: str
    heading: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What a question got, best first."""

    id: str
    results: tuple[Place, ...]
    answerability: float


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of `questions` questions by section and by page."""

    questions: int
    section: Scores
    page: Scores


@dataclass(frozen=True, slots=True)
class Miss:
    """A question none of whose sections is among the first ten, with what was found instead."""

    id: str
    question: str
    scope: Scope
    expected: tuple[Place, ...]
    found: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of a run. `auc` is None without questions of both kinds."""

    asked: int
    all: Group
    by_scope: dict[str, Group]
    by_kind: dict[str, Group]
    auc: float | None
    misses: tuple[Miss, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """A figure and the least it may be, as in `ndcg@10=0.7`."""

    figure: str
    least: float


def load_questions(path: Path) -> list[Question]:
    """Read a file of questions, one JSON object a line. Raises QuestionsUnreadable naming the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsUnreadable(f"{path} cannot be read: {error}") from error
    questions = [_question(line, f"{path}:{at}") for at, line in enumerate(lines, start=1) if line.strip()]
    if not questions:
        raise QuestionsUnreadable(f"{path} holds no questions: write one JSON object a line")
    repeated = {question.id for question in questions if [other.id for other in questions].count(question.id) > 1}
    if repeated:
        raise QuestionsUnreadable(f"{path} gives several questions the same id: {', '.join(sorted(repeated))}")
    return questions


async def ask_all(
    index: Index,
    questions: Sequence[Question],
    pages: Iterable[Page] = (),
    boosts: Boosts = DEFAULT_BOOSTS,
    progress: Callable[[int, int], None] | None = None,
) -> list[Result]:
    """Search for every question. `pages` are the book's, and tell the permalink of a question's source."""
    paths = {normal_source(page.source): page.path for page in pages}
    results = []
    for done, question in enumerate(questions, start=1):
        page = PageContext(path=paths.get(normal_source(question.page), question.page) if question.page else None)
        found = await search(
            index,
            [question.question],
            scope=question.scope,
            page=page,
            selection=question.selected_text,
            boosts=boosts,
            limit=ASKED_FOR,
        )
        places = tuple(Place(passage.chunk.source, passage.chunk.heading) for passage in found.passages)
        results.append(Result(question.id, places, found.answerability))
        if progress:
            progress(done, len(questions))
    return results


def evaluate(questions: Sequence[Question], results: Iterable[Result]) -> Evaluation:
    """Score a run; a question without a result counts as one that found nothing."""
    by_id = {result.id: result for result in results}
    asked = [(question, by_id.get(question.id) or Result(question.id, (), 0.0)) for question in questions]
    ranked = [pair for pair in asked if pair[0].counts]
    return Evaluation(
        asked=len(asked),
        all=_group(ranked),
        by_scope=_groups(ranked, lambda question: question.scope),
        by_kind=_groups(ranked, lambda question: question.kind or "other"),
        auc=auc(
            [result.answerability for question, result in asked if question.answerable],
            [result.answerability for question, result in asked if not question.answerable],
        ),
        misses=tuple(_miss(question, result) for question, result in ranked if _is_miss(question, result)),
    )


def figures(evaluation: Evaluation) -> dict[str, float]:
    """Return the figures that gates can name: `ndcg@10`, `recall@5`, `mrr`, `page_ndcg@10`, …, and `auc`."""
    named = {
        f"{prefix}{name}": value
        for prefix, scores in (("", evaluation.all.section), ("page_", evaluation.all.page))
        for name, value in _named(scores).items()
    }
    return named | ({} if evaluation.auc is None else {"auc": evaluation.auc})


def parse_gate(text: str) -> Gate:
    """Read `figure=least`. Raises QuestionsUnreadable."""
    figure, _, least = text.partition("=")
    try:
        return Gate(figure.strip().lower(), float(least))
    except ValueError:
        raise QuestionsUnreadable(f"{text!r} is not a gate: write it like ndcg@10=0.7") from None


def missed_gates(evaluation: Evaluation, gates: Iterable[Gate]) -> list[str]:
    """Return a line for each gate that the run does not pass. Raises QuestionsUnreadable for an unknown figure."""
    known = figures(evaluation)
    missed = []
    for gate in gates:
        if gate.figure not in known:
            raise QuestionsUnreadable(f"there is no figure {gate.figure!r}: use one of {', '.join(known)}")
        if known[gate.figure] < gate.least:
            missed.append(f"{gate.figure} is {known[gate.figure]:.3f}, and must be at least {gate.least:g}")
    return missed


def results_lines(results: Iterable[Result]) -> Iterable[str]:
    """Return a run as JSON lines, the form that `--out` writes."""
    return (json.dumps(asdict(result), ensure_ascii=False) for result in results)


def evaluation_fields(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as one JSON document."""
    return asdict(evaluation) | {"figures": figures(evaluation)}


def _question(line: str, where: str) -> Question:
    try:
        return Question.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the line"
        raise QuestionsUnreadable(f"{where} is not a question: {place}: {first['msg']}") from None


def _groups(asked: Sequence[tuple[Question, Result]], name: Callable[[Question], str]) -> dict[str, Group]:
    names = sorted({name(question) for question, _ in asked})
    return {group: _group([pair for pair in asked if name(pair[0]) == group]) for group in names}


def _group(asked: Sequence[tuple[Question, Result]]) -> Group:
    by_section = [score(_found(question, result), len(question.gold)) for question, result in asked]
    by_page = [_page_scores(question, result) for question, result in asked]
    return Group(len(asked), mean(by_section), mean(by_page))


def _found(question: Question, result: Result) -> list[bool]:
    ranking = [section_key(place.source, place.heading) for place in result.results]
    return found_at(ranking, [gold.accepted() for gold in question.gold])


def _page_scores(question: Question, result: Result) -> Scores:
    expected = pages_of(gold.accepted() for gold in question.gold)
    return score(found_at([(normal_source(place.source), "") for place in result.results], expected), len(expected))


def _is_miss(question: Question, result: Result) -> bool:
    return not any(_found(question, result)[:10])


def _miss(question: Question, result: Result) -> Miss:
    expected = tuple(Place(gold.source, gold.heading) for gold in question.gold)
    return Miss(question.id, question.question, question.scope, expected, result.results[:SHOWN_OF_A_MISS])


def _named(scores: Scores) -> dict[str, float]:
    recall = {f"recall@{cut}": value for cut, value in scores.recall.items()}
    return {**recall, "ndcg@10": scores.ndcg, "mrr": scores.mrr}
