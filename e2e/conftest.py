"""A real browser, the built handbook and a real sidecar, in the two shapes that people run it in."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from backend.tests.postgres import start_postgres
from backend.tests.scripted_model import serve_scripted_model
from e2e.ask_panel import AskPanel
from e2e.product import Product, laptop, service

SHAPES = ("laptop", "service")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Use the Chromium that the set-up found, or the system's when the tests are run by hand."""
    browser = os.environ.get("BOOKLIGHT_TEST_BROWSER") or shutil.which("chromium")
    return {**browser_type_launch_args, "executable_path": browser}


@pytest.fixture(scope="session", params=SHAPES)
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A running sidecar with the handbook; every test that uses it runs in both shapes."""
    folder = tmp_path_factory.mktemp(str(request.param))
    if request.param == "laptop":
        with laptop(folder) as product:
            yield product
    else:
        with start_postgres() as postgres, serve_scripted_model() as model:
            database = postgres.url(postgres.create_database())
            with service(folder, database_url=database, model_base_url=model.base_url) as product:
                yield product


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Product]:
    """A sidecar of the test's own, to be stopped in mid-test."""
    with laptop(tmp_path) as product:
        yield product


@pytest.fixture
def assistant(page: Page) -> AskPanel:
    """The assistant, on a page that has not been opened yet."""
    return AskPanel(page)
