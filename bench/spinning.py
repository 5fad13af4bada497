"""What is saved by threads of a model that soon give their core away while they wait for each other.

The cross-encoder reads questions of the handbook with passages made of random words, on as many threads as in a
sidecar. These wait for each other at every step, and by onnxruntime's default one that waits keeps its core for
milliseconds; ours keep it for SPIN_MICROSECONDS. Both ways are measured in turn: alone, and beside a process for each
core that never rests. Ends with 1 if in every round ours take over a tenth longer alone, or no less beside others.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from interleaved import ROUNDS, Ratio
from synthetic import make_chunks

from booklight.evaluation.questions import load_questions
from booklight.search.reranking import WORDS_READ, PairScorer, load_cross_encoder
from booklight_ingest.embed import onnx_model
from booklight_ingest.embed.embedder import beginning
from e2e.product import ROOT

PAIRS = 60
DEFAULT_SPIN = -1
CORES = os.cpu_count() or 1
ALONE_TARGET, BESIDE_TARGET = 1.1, 1.0
"""How many times as long as by default ours may take."""

Pairs = Sequence[tuple[str, str]]


def main() -> int:
    """Print what both ways take, as ratios; return 1 if a target is missed."""
    questions = load_questions(ROOT / "book/questions.jsonl")
    chunks = make_chunks(PAIRS)
    pairs = [(questions[at % len(questions)].question, beginning(chunk, WORDS_READ)) for at, chunk in enumerate(chunks)]
    ours, default = open_model(onnx_model.SPIN_MICROSECONDS), open_model(DEFAULT_SPIN)
    missed = compare("alone", ours, default, pairs, ALONE_TARGET)
    with busy_cores():
        return int(compare(f"beside {CORES} busy processes", ours, default, pairs, BESIDE_TARGET) or missed)


def open_model(microseconds: int) -> PairScorer:
    """Return the cross-encoder, whose threads keep their core for `microseconds`, or for as long as by default."""
    with patch.object(onnx_model, "SPIN_MICROSECONDS", microseconds):
        return load_cross_encoder(None)


@contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core busy."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(CORES)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def compare(name: str, ours: PairScorer, default: PairScorer, pairs: Pairs, target: float) -> bool:
    """Print how many times as long, and as much processor time, ours take; say whether they take too long."""
    rounds = [(read(ours, pairs), read(default, pairs)) for _ in range(ROUNDS)]
    taken, computed = (Ratio(*zip(*((own[at], other[at]) for own, other in rounds), strict=True)) for at in (0, 1))
    print(f"{name:<26}time {taken}   processor time {computed}")
    return taken.misses(target)


def read(model: PairScorer, pairs: Pairs) -> tuple[float, float]:
    """Return the seconds that it takes to read `pairs`, and those of processor time."""
    begun, computing = time.perf_counter(), time.process_time()
    for question, text in pairs:
        model.score(question, text)
    return time.perf_counter() - begun, time.process_time() - computing


if __name__ == "__main__":
    sys.exit(main())
