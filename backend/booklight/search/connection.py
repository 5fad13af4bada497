"""Where the index is and what embeds for it, as the settings say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from booklight.search.ranking import Boosts
from booklight.search.reranking import Reranker, open_reranker
from booklight.settings import Settings
from booklight_ingest.embed.embedder import Embedder, open_embedder
from booklight_ingest.index.live import Index, Location, QdrantServer, open_index


def index_location(settings: Settings) -> Location:
    """Return where the index is: a folder, or a Qdrant server."""
    if not settings.qdrant_url:
        return settings.index_path
    return QdrantServer(
        settings.qdrant_url, _reveal(settings.qdrant_api_key), settings.collection, settings.qdrant_replication
    )


def connect_embedder(settings: Settings) -> Embedder:
    """Return the embedder that the index is made and searched with. Raises EmbeddingFailed."""
    elsewhere = settings.embedding_base_url
    key = settings.openai_api_key if elsewhere is None else settings.embedding_api_key
    return open_embedder(settings.embedding, base_url=elsewhere, api_key=_reveal(key))


def local_embedder(settings: Settings) -> Embedder:
    """Return the index's own embedder, but never one that would send to a provider: the default is in its place."""
    return open_embedder() if settings.embedding.startswith("openai:") else connect_embedder(settings)


def connect_reranker(settings: Settings, seconds: float | None = None) -> Reranker | None:
    """Return the cross-encoder that orders what a search finds, None for none. Raises EmbeddingFailed."""
    return open_reranker(settings.reranker, sections=settings.reranked_sections, seconds=seconds)


def boosts(settings: Settings) -> Boosts:
    """Return how much the reader's place counts."""
    return Boosts(chapter=settings.chapter_boost, lesson=settings.lesson_boost)


@asynccontextmanager
async def opened_index(settings: Settings) -> AsyncIterator[Index]:
    """Hold the index open for a command. Raises IndexMissing, IndexMismatch, IndexUnavailable, EmbeddingFailed."""
    opened = await open_index(index_location(settings), connect_embedder(settings))
    try:
        yield opened
    finally:
        await opened.close()


def _reveal(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
