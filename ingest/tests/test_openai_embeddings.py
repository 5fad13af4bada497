"""Against a local server that speaks the wire format of `/embeddings`."""

from collections.abc import Iterator

import numpy as np
import openai._base_client
import pytest

from booklight_ingest.embed.embedder import open_embedder
from booklight_ingest.embed.openai import BATCH_TEXTS, LONGEST_TEXT
from booklight_ingest.errors import EmbeddingFailed
from ingest.tests.embedding_provider import Provider, serve_provider


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setattr(openai._base_client, "INITIAL_RETRY_DELAY", 0.001)
    monkeypatch.setattr(openai._base_client, "MAX_RETRY_DELAY", 0.001)
    with serve_provider() as server:
        yield server


async def test_texts_go_in_batches_and_come_back_in_order(provider: Provider) -> None:
    embedder = open_embedder("openai:small", base_url=provider.url, api_key="key")
    texts = ["x" * (at + 1) for at in range(BATCH_TEXTS * 2 + 5)]
    vectors = await embedder.embed_documents(texts)
    assert sorted(map(len, provider.requests)) == [5, BATCH_TEXTS, BATCH_TEXTS]
    assert np.argsort(vectors[:, 0]).tolist() == list(range(len(texts)))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert (embedder.name, embedder.size) == ("openai:small", 2)
    assert set(provider.keys) == {"Bearer key"}


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_passing_failure_is_tried_again(provider: Provider, status: int) -> None:
    provider.refusals = [status, status]
    vectors = await open_embedder("openai:small", base_url=provider.url).embed_query(["hello"])
    assert vectors.shape == (1, 2)


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "refused the key"), (404, "does not know the embedding model 'small'"), (400, "status 400")],
)
async def test_a_lasting_failure_is_told_in_one_line(provider: Provider, status: int, says: str) -> None:
    provider.refusals = [status]
    with pytest.raises(EmbeddingFailed, match=says) as raised:
        await open_embedder("openai:small", base_url=provider.url).embed_query(["hello"])
    assert "\n" not in str(raised.value)


async def test_an_unreachable_provider_is_named(provider: Provider) -> None:
    with pytest.raises(EmbeddingFailed, match=r"127\.0\.0\.1:9/v1 could not be reached"):
        await open_embedder("openai:small", base_url="http://127.0.0.1:9/v1").embed_query(["hello"])


async def test_an_answer_that_lost_a_text_is_refused(provider: Provider) -> None:
    provider.lost = 1
    with pytest.raises(EmbeddingFailed, match="1 embeddings for 2 texts"):
        await open_embedder("openai:small", base_url=provider.url).embed_query(["a", "b"])


async def test_empty_and_endless_texts_are_sent_as_the_service_takes_them(provider: Provider) -> None:
    await open_embedder("openai:small", base_url=provider.url).embed_documents(["", "x" * 200_000])
    assert [len(text) for batch in provider.requests for text in batch] == [1, LONGEST_TEXT]


def test_a_key_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(EmbeddingFailed, match="set OPENAI_API_KEY"):
        open_embedder("openai:small")
