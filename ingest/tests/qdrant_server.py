"""Where tests of the server path keep an index: in memory, or on the Qdrant server that the environment names."""

import os
from uuid import uuid4

from qdrant_client import AsyncQdrantClient

from booklight_ingest.index.live import QdrantServer

VARIABLE = "BOOKLIGHT_TEST_QDRANT_URL"


def new_server() -> QdrantServer:
    """Return a location of the test's own."""
    url = os.environ.get(VARIABLE)
    if url is None:
        return QdrantServer(client=AsyncQdrantClient(":memory:"))
    return QdrantServer(url=url, collection=f"test-{uuid4().hex}")
