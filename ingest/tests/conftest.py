"""What all tests of the ingestion share; they leave nothing behind on a real Qdrant server."""

from collections.abc import Iterator

import pytest

from ingest.tests.qdrant_server import remove_collections
from ingest.tests.remembered_runs import runs_are_remembered

__all__ = ["runs_are_remembered"]


@pytest.fixture(scope="session", autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    yield
    remove_collections()
