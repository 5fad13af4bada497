"""Each fault's test notes its row of the handbook's tables, whole; the words are compared with nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.tests.faults.witness import RECORDING, Witness
from backend.tests.postgres import Postgres, start_postgres
from backend.tests.scripted_model import ScriptedModel, serve_scripted_model


@pytest.fixture
def witness(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Iterator[Witness]:
    """Takes down the row of the test's fault; the module's docstring begins with the heading of its table."""
    (fault,) = request.node.get_closest_marker("fault").args
    heading = str(request.module.__doc__).partition("?")[0] + "?"
    seen = Witness(heading, fault)
    yield seen
    row = seen.row()
    if RECORDING in request.config.stash:
        record_property("fault", row)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database for what is the same on all of them."""
    return f"sqlite:///{tmp_path}/booklight.db"


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    """A model over HTTP, that is told how to fail."""
    with serve_scripted_model() as served:
        yield served


@pytest.fixture
def doomed_postgres() -> Iterator[Postgres]:
    """A Postgres server of the test's own, to be stopped."""
    with start_postgres() as server:
        yield server
