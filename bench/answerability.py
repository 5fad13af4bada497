"""Fit what tells that a book answers, leaving one book out, on questions of which some have no answer.

    answerability.py INDEX=QUESTIONS.jsonl INDEX=QUESTIONS.jsonl …

INDEX is the folder of a book that was indexed with the default embedding. Prints the weights that
`booklight.search.answerability` holds, with and without the nearest passage, how well each fit tells apart the
questions of the book that it has not seen (AUC), and how many it refuses at each threshold.
"""

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from booklight.contracts import Evidence, Found, PageContext, SearchRequest
from booklight.evaluation.questions import Question, load_questions
from booklight.evaluation.run import page_paths
from booklight.evaluation.scoring import auc
from booklight.search.passages import search
from booklight_ingest.embed.embedder import open_embedder
from booklight_ingest.index.live import Index, open_index

Matrix = npt.NDArray[np.float64]

NAMES = ("match", "unknown", "stranger", "nearest")
STEPS = 60
# How strongly weights are held down, a question.
RIDGE = 0.005
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a book, with what speaks for an answer."""

    book: str
    answerable: bool
    evidence: Evidence


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("books", nargs="+", metavar="INDEX=QUESTIONS")
    asked = asyncio.run(_ask_all(parser.parse_args().books))
    for names in (NAMES, NAMES[:3]):
        for line in report(asked, names):
            print(line)


def report(asked: Sequence[Asked], names: Sequence[str]) -> Iterator[str]:
    """Yield the weights that a fit by `names` comes to, and what it is worth on books that it has not seen."""
    features = np.array([[float(getattr(one.evidence, name)) for name in names] for one in asked])
    answerable = np.array([one.answerable for one in asked])
    books = np.array([one.book for one in asked])
    weights = fit(features, answerable)
    yield "weights " + ", ".join(f"{name} {weight:.2f}" for name, weight in zip(("bias", *names), weights, strict=True))
    unseen = np.zeros(len(asked))
    for book in sorted(set(books)):
        held = books == book
        unseen[held] = predict(features[held], fit(features[~held], answerable[~held]))
        yield f"  unseen {book}: AUC {auc(list(unseen[held & answerable]), list(unseen[held & ~answerable])):.3f}"
    yield f"  unseen together: AUC {auc(list(unseen[answerable]), list(unseen[~answerable])):.3f}"
    for threshold in THRESHOLDS:
        refused = unseen < threshold
        shares = f"{refused[answerable].mean():.3f} of the answerable, {refused[~answerable].mean():.3f} of the others"
        yield f"  below {threshold:.2f}: {shares}"


def fit(features: Matrix, answerable: npt.NDArray[np.bool_]) -> Matrix:
    """Return the bias and the weights of a logistic regression, found by Newton's method on scaled features."""
    mean, spread = features.mean(0), features.std(0) + 1e-9
    scaled = np.c_[np.ones(len(features)), (features - mean) / spread]
    hold = np.diag(np.r_[1e-6, np.full(features.shape[1], RIDGE * len(features))])
    weights = np.zeros(scaled.shape[1])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (likely - answerable) + hold @ weights
        curve = (scaled * (likely * (1 - likely))[:, None]).T @ scaled + hold
        weights -= np.linalg.solve(curve, slope)
    unscaled = weights[1:] / spread
    return np.r_[weights[0] - unscaled @ mean, unscaled]


def predict(features: Matrix, weights: Matrix) -> Matrix:
    """Return how likely each question is answered."""
    likely: Matrix = 1 / (1 + np.exp(-(weights[0] + features @ weights[1:])))
    return likely


async def _ask_all(books: Sequence[str]) -> list[Asked]:
    asked: list[Asked] = []
    for book in books:
        folder, _, file = book.partition("=")
        index = await open_index(Path(folder), open_embedder())
        async with index.reading() as reading:
            paths = page_paths(reading.generation.manifest.pages)
        for question in load_questions(Path(file)):
            found = await _search(index, question, paths(question.page))
            if found.evidence is not None and found.evidence.nearest is not None:
                asked.append(Asked(Path(file).stem, question.answerable, found.evidence))
        await index.close()
    return asked


async def _search(index: Index, question: Question, path: str | None) -> Found:
    page = PageContext(path=path)
    return await search(index, SearchRequest([question.question], question.scope, page, question.selected_text))


if __name__ == "__main__":
    main()
