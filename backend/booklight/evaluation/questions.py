"""A file of questions, each with the sections that answer it: what a book's search is measured by."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from booklight.contracts import Scope
from booklight.evaluation.scoring import SectionKey, accepted_sections
from booklight_ingest.errors import IngestError


class QuestionsUnreadable(IngestError):
    """A file of questions, or a gate on its figures, is not what it should be."""


class Gold(BaseModel):
    """A section that answers a question. A heading of None is the page's introduction; `title` is its page's."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    source: str
    heading: str | None = None
    title: str | None = None

    def accepted(self) -> frozenset[SectionKey]:
        """Return the ways a ranking may name this section."""
        return accepted_sections(self.source, self.heading, self.title)


class Question(BaseModel):
    """A question, where its reader is, and the sections that answer it. `page` is a source or a permalink.

    `answer` are the words that an answer must hold: all of one of the alternatives.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    question: str
    page: str | None = None
    selected_text: str | None = None
    scope: Scope = "full_book"
    gold: tuple[Gold, ...] = ()
    answerable: bool = True
    kind: str | None = None
    answer: tuple[tuple[str, ...], ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it enters the figures of ranking: the others only tell about answerability."""
        return self.answerable and bool(self.gold)


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


def _question(line: str, where: str) -> Question:
    try:
        return Question.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the line"
        raise QuestionsUnreadable(f"{where} is not a question: {place}: {first['msg']}") from None
