"""The figures of a run: by section and by page, by scope and kind, and the questions it missed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from booklight.contracts import Scope
from booklight.evaluation.questions import Question
from booklight.evaluation.run import Result, SectionRef
from booklight.evaluation.scoring import Scores, auc, found_at, mean, normal_source, pages_of, score
from booklight.evaluation.scoring import section as section_key

SHOWN_OF_A_MISS = 3


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
    expected: tuple[SectionRef, ...]
    found: tuple[SectionRef, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of a run. `auc` is None without questions of both kinds."""

    asked: int
    all: Group
    by_scope: dict[str, Group]
    by_kind: dict[str, Group]
    auc: float | None
    misses: tuple[Miss, ...]


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
        for name, value in named_scores(scores).items()
    }
    return named | ({} if evaluation.auc is None else {"auc": evaluation.auc})


def named_scores(scores: Scores) -> dict[str, float]:
    """Return scores by the names that people and gates give them."""
    recall = {f"recall@{cut}": value for cut, value in scores.recall.items()}
    return {**recall, "ndcg@10": scores.ndcg, "mrr": scores.mrr}


def evaluation_fields(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as one JSON document."""
    return asdict(evaluation) | {"figures": figures(evaluation)}


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
    expected = tuple(SectionRef(gold.source, gold.heading) for gold in question.gold)
    return Miss(question.id, question.question, question.scope, expected, result.results[:SHOWN_OF_A_MISS])
