"""The judges of blocks that a sidecar has: the cross-encoder of its search, else the embedding of its index."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from booklight.extractive.scores import BlockScores, score_words
from booklight.search.reranking import Reranker, Scored
from booklight_ingest.errors import EmbeddingFailed
from booklight_ingest.index.live import Index

# An answer may take longer than the search before it: without a judge it is a poor one.
SECONDS = 1.5
# What shared words count beside the cosine.
WORDS_SHARE = 0.2
SKIPPED = Scored("skipped")

_log = logging.getLogger(__name__)


class BlockJudge:
    """Scores blocks within SECONDS. `reranker` and `index` return what is open now."""

    def __init__(
        self, reranker: Callable[[], Reranker | None], index: Callable[[], Index | None], seconds: float = SECONDS
    ) -> None:
        self._reranker = reranker
        self._index = index
        self._seconds = seconds

    async def __call__(self, question: str, texts: Sequence[str], locale: str) -> BlockScores | None:
        """Return a score for each text, or for the first of them if time is short; None where no model can tell."""
        reranker, asked = self._reranker(), (question, texts, locale)
        try:
            async with asyncio.timeout(2 * self._seconds):
                scored = SKIPPED if reranker is None else await reranker.score_texts(*asked, self._seconds)
                if scored.outcome == "skipped":
                    return await self._by_meaning(*asked)
        except (EmbeddingFailed, TimeoutError) as error:
            _log.warning("quoting by shared words alone: %s", error or "the models take too long")
            return None
        return BlockScores("cross_encoder", scored.logits) if scored.logits else None

    async def _by_meaning(self, question: str, texts: Sequence[str], locale: str) -> BlockScores | None:
        index = self._index()
        if index is None:
            return None
        async with index.reading() as reading:
            vectors = await reading.embedder.embed_query([question, *texts])
        if not vectors.any():
            return None
        shared = score_words(question, texts, locale).values
        near = zip((vectors[1:] @ vectors[0]).tolist(), shared, strict=True)
        return BlockScores("embedding", tuple(cosine + WORDS_SHARE * words for cosine, words in near))
