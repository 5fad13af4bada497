"""What the tests leave behind on a real Qdrant server, which is nothing."""

from collections.abc import Iterator

import pytest

from ingest.tests.qdrant_server import remove_collections


@pytest.fixture(scope="session", autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    yield
    remove_collections()
