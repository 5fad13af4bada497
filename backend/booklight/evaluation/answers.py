"""How good answers are: each is judged by the words it must hold, and by how sure it was."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from booklight.evaluation.questions import Question
from booklight.evaluation.run import SectionRef
from booklight.evaluation.scoring import section as section_key

Verdict = Literal["right", "partly", "wrong_and_sure", "wrong_and_hedged", "refused_rightly", "refused_wrongly"]
"""`right` holds the words it must, `partly` only quotes a section that does; `hedged` answers were not sure."""

_QUOTE_MARK = re.compile(r"^[ >]+", re.MULTILINE)
_CITATION = re.compile(r"\[\^\d+\]")


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was answered to a question: the text, whether it was sure, whether it was a refusal, and what it quotes."""

    id: str
    text: str
    sure: bool
    refused: bool
    quoted: tuple[SectionRef, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """An answer with its question and the verdict on it."""

    question: Question
    answer: GivenAnswer
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class AnswerEvaluation:
    """The verdicts on the answers to some questions, and the figures they come to, each from 0 to 1."""

    judged: tuple[JudgedAnswer, ...]
    figures: dict[str, float]


def evaluate_answers(questions: Sequence[Question], answers: Iterable[GivenAnswer]) -> AnswerEvaluation:
    """Judge the answers to those of the questions that say what an answer must hold, or that have none."""
    given = {answer.id: answer for answer in answers}
    asked = [question for question in questions if question.answer or not question.answerable]
    judged = [JudgedAnswer(question, given[question.id], judge(question, given[question.id])) for question in asked]
    return AnswerEvaluation(tuple(judged), _figures(judged))


def judge(question: Question, answer: GivenAnswer) -> Verdict:
    """Return the verdict on an answer."""
    if answer.refused:
        return "refused_wrongly" if question.answerable else "refused_rightly"
    if question.answerable and holds_words(answer.text, question.answer):
        return "right"
    if _quotes_gold(question, answer):
        return "partly"
    return "wrong_and_sure" if answer.sure else "wrong_and_hedged"


def holds_words(text: str, alternatives: Iterable[Sequence[str]]) -> bool:
    """Say whether a text holds all words of one of the alternatives, as a reader sees it, in any case."""
    plain = _plain(text)
    return any(all(_plain(word) in plain for word in words) for words in alternatives)


def answers_fields(evaluation: AnswerEvaluation) -> list[dict[str, Any]]:
    """Return each answer with the verdict on it, as JSON has it."""
    return [
        {"id": one.question.id, "question": one.question.question, "verdict": one.verdict, **asdict(one.answer)}
        for one in evaluation.judged
    ]


def _figures(judged: Sequence[JudgedAnswer]) -> dict[str, float]:
    """Return each verdict's share: of all questions where an answer was wrong, else of those it can be given on."""
    counts = Counter(one.verdict for one in judged)
    answerable = sum(one.question.answerable for one in judged)
    asked_of = {"right": answerable, "partly": answerable, "refused_wrongly": answerable}
    asked_of["refused_rightly"] = len(judged) - answerable
    shares = {name: counts[name] / (asked_of.get(name, len(judged)) or 1) for name in get_args(Verdict)}
    sure = [one.verdict == "right" for one in judged if one.answer.sure]
    return shares | {"sure": len(sure) / (len(judged) or 1), "right_when_sure": sum(sure) / (len(sure) or 1)}


def _quotes_gold(question: Question, answer: GivenAnswer) -> bool:
    accepted = [gold.accepted() for gold in question.gold]
    return any(section_key(place.source, place.heading) in names for place in answer.quoted for names in accepted)


def _plain(text: str) -> str:
    return " ".join(_CITATION.sub("", _QUOTE_MARK.sub("", text)).split()).casefold()
