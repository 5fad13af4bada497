"""What a typing error costs a search: questions as they are, with one error each, and with it corrected.

    .venv/bin/python bench/spelling.py QUESTIONS.jsonl [INDEX]

Each answerable question gets an error in one of its longer words, in three ways that differ by their seed: a letter too
few, too many or another one, or two that have changed places. Prints nDCG@10 by section, without the cross-encoder.
"""

import asyncio
import random
import string
import sys
from collections.abc import Sequence
from pathlib import Path

from booklight.evaluation.questions import Question, load_questions
from booklight.evaluation.report import evaluate
from booklight.evaluation.run import ask_all
from booklight_ingest.embed.sentence_vectors import SentenceVectors
from booklight_ingest.index.live import open_index
from booklight_ingest.languages import STOP_WORDS

SEEDS = (1, 2, 3)
SHORTEST = 5


class Uncorrected(SentenceVectors):
    """The default embedder, with a vocabulary that has every word."""

    def knows(self, word: str) -> bool:
        return True


def main(arguments: list[str]) -> int:
    """Print the figures."""
    questions = [question for question in load_questions(Path(arguments[0])) if question.answerable]
    asyncio.run(compare(questions, Path(arguments[1] if len(arguments) > 1 else ".booklight/index")))
    return 0


async def compare(questions: Sequence[Question], index: Path) -> None:
    """Ask the questions spelled rightly, and wrongly with and without correction."""
    wrong = [mistype(question, random.Random(f"{seed} {question.id}")) for seed in SEEDS for question in questions]
    for name, embedder, asked in (
        ("as they are", SentenceVectors(), questions),
        ("with an error", Uncorrected(), wrong),
        ("corrected", SentenceVectors(), wrong),
    ):
        print(f"{name:<15}{await quality(asked, index, embedder):.3f}", flush=True)


async def quality(questions: Sequence[Question], index: Path, embedder: SentenceVectors) -> float:
    """Return nDCG@10 by section."""
    opened = await open_index(index, embedder)
    async with opened.reading() as reading:
        pages = reading.generation.manifest.pages
    numbered = [question.model_copy(update={"id": str(at)}) for at, question in enumerate(questions)]
    figures = evaluate(numbered, await ask_all(opened, numbered, pages)).all
    await opened.close()
    return figures.section.ndcg


def mistype(question: Question, chance: random.Random) -> Question:
    """Return the question with an error in one of its longer words, if it has any."""
    words = question.question.split()
    long = [at for at, word in enumerate(words) if len(word) >= SHORTEST and word.isalpha() and is_content(word)]
    if long:
        at = chance.choice(long)
        words[at] = with_error(words[at], chance)
    return question.model_copy(update={"question": " ".join(words)})


def with_error(word: str, chance: random.Random) -> str:
    """Return `word` with one error behind its first letter."""
    at = chance.randrange(1, len(word) - 1)
    before, after = word[:at], word[at:]
    letter = chance.choice(string.ascii_lowercase)
    return chance.choice(
        (before + after[1:], before + letter + after, before + letter + after[1:], before + after[1::-1] + after[2:])
    )


def is_content(word: str) -> bool:
    """Say whether a word tells what is asked about."""
    return word.lower() not in STOP_WORDS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
