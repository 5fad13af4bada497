"""Embeddings from OpenAI, or from any server that speaks its `/embeddings`."""

import asyncio
from collections.abc import Iterator, Sequence

import numpy as np
import openai

from booklight_ingest.embed.vectors import Floats, unit_rows
from booklight_ingest.errors import EmbeddingFailed

BATCH_TEXTS = 64
BATCH_CHARACTERS = 100_000
CONCURRENT_BATCHES = 4
RETRIES = 5
# The usual limit is 8,191 tokens a text; a token is rarely shorter than three characters.
LONGEST_TEXT = 24_000


class OpenAIEmbedder:
    """Embeds in batches, a few at once; the client retries what is worth retrying, waiting longer each time."""

    batch = CONCURRENT_BATCHES * BATCH_TEXTS
    english_alone = False

    def __init__(self, model: str, *, base_url: str | None = None, api_key: str | None = None) -> None:
        self.name = f"openai:{model}"
        self.size = 0
        self._model = model
        self._where = base_url or "OpenAI"
        # Local servers rarely ask for a key, but the client insists on one.
        key = api_key or ("none" if base_url else None)
        try:
            self._client = openai.AsyncOpenAI(base_url=base_url, api_key=key, max_retries=RETRIES)
        except openai.OpenAIError:
            raise EmbeddingFailed(f"{self.name} needs a key: set OPENAI_API_KEY") from None

    def knows(self, word: str) -> bool:
        return True

    async def prepare(self) -> None:
        """The client connects with its first request."""

    async def embed_documents(self, texts: Sequence[str]) -> Floats:
        limit = asyncio.Semaphore(CONCURRENT_BATCHES)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._embed_batch(batch, limit)) for batch in _batches(texts)]
        except ExceptionGroup as failures:
            # One failure cancels the rest, and is all there is to tell.
            raise failures.exceptions[0] from None
        rows = [task.result() for task in tasks]
        return np.concatenate(rows) if rows else np.zeros((0, self.size), dtype=np.float32)

    async def embed_query(self, texts: Sequence[str]) -> Floats:
        return await self.embed_documents(texts)

    async def _embed_batch(self, texts: list[str], limit: asyncio.Semaphore) -> Floats:
        async with limit:
            try:
                answer = await self._client.embeddings.create(model=self._model, input=texts, encoding_format="float")
            except openai.OpenAIError as error:
                raise EmbeddingFailed(self._explain(error)) from error
        vectors = np.array([item.embedding for item in sorted(answer.data, key=lambda item: item.index)], np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise EmbeddingFailed(f"{self._where} answered {len(answer.data)} embeddings for {len(texts)} texts")
        self.size = vectors.shape[1]
        return unit_rows(vectors)

    def _explain(self, error: openai.OpenAIError) -> str:
        match error:
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                return f"{self._where} refused the key for {self.name}: check OPENAI_API_KEY"
            case openai.NotFoundError():
                return f"{self._where} does not know the embedding model {self._model!r}: check BOOKLIGHT_EMBEDDING"
            case openai.APIStatusError():
                return f"{self._where} refused to embed with {self.name}: status {error.status_code}"
            case _:
                return f"{self._where} could not be reached to embed with {self.name}: {error}"


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    characters = 0
    for text in texts:
        # The service refuses an empty string and the whole batch with it.
        text = text[:LONGEST_TEXT] or " "
        if batch and (len(batch) == BATCH_TEXTS or characters + len(text) > BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    if batch:
        yield batch
