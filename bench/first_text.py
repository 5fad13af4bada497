"""How long readers wait without a model: for a search, and for the first text of an answer, alone and eight at once.

On the handbook, built and indexed, with its own questions. A search is timed without the cross-encoder and with it, in
this process. Answers come from a sidecar over HTTP, each in a new conversation. All times are on the clock, so that
nothing else should run. `--quick` asks a few questions. Ends with 1 where a target is missed by every round.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from interleaved import ROUNDS, Rounds, p95

from backend.tests.live import question_request
from booklight.contracts import SearchRequest
from booklight.evaluation.questions import load_questions
from booklight.search.connection import connect_reranker
from booklight.search.passages import search
from booklight.search.reranking import Reranker
from booklight.settings import Settings
from booklight_ingest.embed.embedder import open_embedder
from booklight_ingest.index.live import Index, open_index
from e2e.product import ROOT, Product, command_environment, laptop

READERS = 8
ASKED, QUICK = 24, 8
SEARCH_MS, RERANKED_MS, ALONE_MS, TOGETHER_MS = 20.0, 300.0, 1_000.0, 3_000.0
"""Milliseconds that 95 of 100 should stay below."""
UNLIMITED: Any = dict.fromkeys(("BOOKLIGHT_TURNS_PER_MINUTE", "BOOKLIGHT_TURNS_PER_MINUTE_PER_ADDRESS"), "100000")
DELTA = "assistant_message.content_part.text_delta"


@dataclass(frozen=True, slots=True)
class Times:
    """The milliseconds of each round, and the target for 95 of 100."""

    name: str
    rounds: Sequence[Sequence[float]]
    target: float

    @property
    def missed(self) -> bool:
        """Whether every round misses the target."""
        return self._p95.misses(self.target)

    @property
    def _p95(self) -> Rounds:
        return Rounds(tuple(map(p95, self.rounds)))

    def __str__(self) -> str:
        middle = median(map(median, self.rounds))
        return f"{self.name:<46}{middle:9,.0f}   {f'{self._p95:,.0f}':<26}{self.target:9,.0f}"


def main(arguments: list[str]) -> int:
    """Print the times; return 1 where a target is missed."""
    questions = [question.question for question in load_questions(ROOT / "book/questions.jsonl")]
    questions = questions[: QUICK if "--quick" in arguments else ASKED]
    with tempfile.TemporaryDirectory() as folder:
        with laptop(Path(folder), **UNLIMITED) as product:
            alone, together = asyncio.run(ask_all(product, questions))
        index = Path(command_environment(Path(folder))["BOOKLIGHT_INDEX_PATH"])
        plain, reranked = asyncio.run(search_all(index, questions))
    print(f"{'milliseconds':<46}{'p50':>9}   {'p95 (of the rounds)':<26}{'target':>9}")
    told = (plain, reranked, alone, together)
    for times in told:
        print(times)
    return int(any(times.missed for times in told))


async def ask_all(product: Product, questions: Sequence[str]) -> tuple[Times, Times]:
    """Ask every question alone and then by eight readers at once, in turn."""
    limits = httpx.Limits(max_connections=2 * READERS)
    async with httpx.AsyncClient(base_url=product.address, timeout=120, limits=limits, trust_env=False) as http:
        session = await http.post("/assistant/session")
        http.headers["Authorization"] = f"Bearer {session.json()['token']}"
        await first_text(http, questions[0])
        alone, together = [], []
        for _ in range(ROUNDS):
            alone.append([await first_text(http, question) for question in questions])
            groups = [questions[start : start + READERS] for start in range(0, len(questions), READERS)]
            together.append([ms for group in groups for ms in await _at_once(http, group)])
    return (
        Times("first text of an answer, a reader alone", alone, ALONE_MS),
        Times(f"first text of an answer, {READERS} readers at once", together, TOGETHER_MS),
    )


async def _at_once(http: httpx.AsyncClient, questions: Sequence[str]) -> list[float]:
    return await asyncio.gather(*(first_text(http, question) for question in questions))


async def first_text(http: httpx.AsyncClient, question: str) -> float:
    """Return the milliseconds until the first text of the answer to a question; the answer is read to its end."""
    began, found = time.perf_counter(), None
    async with http.stream("POST", "/assistant/chatkit", json=question_request(question)) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            if found is None and DELTA in line:
                found = (time.perf_counter() - began) * 1_000
    assert found is not None, f"there is no text in the answer to {question!r}"
    return found


async def search_all(folder: Path, questions: Sequence[str]) -> tuple[Times, Times]:
    """Search for every question without the cross-encoder and with it, in turn."""
    settings = Settings(_env_file=None)
    index = await open_index(folder, open_embedder())
    reranker = connect_reranker(settings, settings.rerank_milliseconds / 1_000)
    ways: list[tuple[Reranker | None, list[list[float]]]] = [(None, []), (reranker, [])]
    for round_ in range(ROUNDS + 1):
        for used, rounds in ways:
            times = [await _milliseconds(_search(index, question, used)) for question in questions]
            if round_:  # the first warms up
                rounds.append(times)
    await index.close()
    return (
        Times("a search without the cross-encoder", ways[0][1], SEARCH_MS),
        Times("a search with it", ways[1][1], RERANKED_MS),
    )


async def _search(index: Index, question: str, reranker: Reranker | None) -> None:
    await search(index, SearchRequest([question]), reranker=reranker)


async def _milliseconds(work: Awaitable[None]) -> float:
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1_000


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
