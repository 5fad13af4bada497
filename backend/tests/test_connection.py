"""The embedding that settings name, asked over HTTP."""

import pytest

from booklight.search.connection import connect_embedder
from booklight.settings import Settings
from ingest.tests.embedding_provider import serve_provider


@pytest.mark.parametrize(("own_key", "sent"), [(None, "Bearer none"), ("theirs", "Bearer theirs")])
async def test_another_server_embeds_and_never_gets_openais_key(own_key: str | None, sent: str) -> None:
    with serve_provider() as provider:
        settings = Settings.model_validate(
            {
                "embedding": "openai:small",
                "embedding_base_url": provider.url,
                "embedding_api_key": own_key,
                "OPENAI_API_KEY": "sk-of-openai-alone",
            }
        )
        (row,) = await connect_embedder(settings).embed_query(["hello"])
    assert row.shape == (2,)
    assert provider.requests == [["hello"]]
    assert provider.keys == [sent]
