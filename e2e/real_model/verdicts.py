"""What becomes of a model's answers: searched, cited, shown as not from the book, right."""

import re
from collections.abc import Sequence
from pathlib import Path

from booklight.evaluation.answers import holds_words
from booklight.llm.grounding import without_caveat
from booklight.llm.notices import notices_of
from e2e.real_model.asking import Asked

SAID_BY_US = notices_of("en")
HANDBOOK = Path(__file__).resolve().parents[2] / "book/docs/_real_model.mdx"
_DECLINES = re.compile(r"\b(?:book|passages?|documentation|information)\b", re.IGNORECASE)
_DENIES = re.compile(r"\b(?:no|not|does ?n['’]t|do ?n['’]t|nothing)\b", re.IGNORECASE)


def is_caveated(asked: Asked) -> bool:
    """Say whether an answer is shown as not from the book: above its text, and as a notice."""
    return asked.text.startswith(SAID_BY_US.caveat) and asked.notices == [SAID_BY_US.unsupported]


def declines(asked: Asked) -> bool:
    """Say whether an answer says of the book that it says nothing."""
    return bool(_DECLINES.search(asked.text) and _DENIES.search(asked.text))


def is_right(asked: Asked) -> bool:
    """Say whether an answer of the model's own words holds those that it must."""
    return holds_words(without_caveat(asked.text), asked.question.answer)


def table(model: str, answers: Sequence[Asked]) -> str:
    """Return the handbook's part on what a real model answered: figures alone, as a search would find its questions."""
    answerable = [asked for asked in answers if asked.question.answerable]
    cited = [asked for asked in answers if asked.urls and not is_caveated(asked)]
    right = [asked for asked in answerable if is_right(asked)]
    figures = (
        ("searched before they were written", sum(asked.searched_first for asked in answers), len(answers)),
        ("that cite the book", len(cited), len(answers)),
        ("that say the book has no answer", sum(not asked.urls and declines(asked) for asked in answers), len(answers)),
        ("shown as not from the book", sum(map(is_caveated, answers)), len(answers)),
        ("right, where the book has the answer", len(right), len(answerable)),
    )
    rows = "\n".join(f"| {what} | {count} of {total} |" for what, count, total in figures)
    return f"""{{/* Made by `npm run test:model`. */}}

| Answers of {model} | |
| --- | --- |
{rows}
"""
