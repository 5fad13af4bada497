"""A real browser, the built handbook and a real sidecar, in the two shapes that people run it in."""

import fcntl
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from backend.tests.postgres import start_postgres
from backend.tests.scripted_model import ScriptedModel, serve_scripted_model
from e2e.ask_panel import AskPanel
from e2e.product import ROOT, Product, laptop, service
from e2e.themed_site import write_themed_site

# A busy machine is no failure.
expect.set_options(timeout=15_000)

RESULTS = ROOT / "test-results"
SHAPES = ("laptop_product", "service_product")
# Each builds a site or two: whoever began with them last would end long after the others.
LONGEST = ("test_sites", "test_closed_places", "test_chatkit_recipe", "test_deployed_pair")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first."""
    items.sort(key=lambda item: item.path.stem not in LONGEST)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Take a picture of what a failed test saw; the plugin's own option takes one of every test, to keep the failed."""
    report = yield
    page = item.funcargs.get("page") if isinstance(item, pytest.Function) else None
    if report.when == "call" and report.failed and isinstance(page, Page):
        with suppress(Error):
            page.screenshot(path=RESULTS / f"{item.name.replace('/', '-')}.png")
    return report


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Use the Chromium that the set-up found, or the system's when the tests are run by hand."""
    named = os.environ.get("BOOKLIGHT_TEST_BROWSER")
    browser = named or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    return {**browser_type_launch_args, "executable_path": browser}


@pytest.fixture(scope="session")
def laptop_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The sidecar with no model, on SQLite and an embedded index, serving the handbook."""
    with laptop(tmp_path_factory.mktemp("laptop")) as product:
        yield product


@pytest.fixture(scope="session")
def scripted_model() -> Iterator[ScriptedModel]:
    """The model that the service asks, over HTTP."""
    with serve_scripted_model() as model:
        yield model


@pytest.fixture(scope="session")
def service_product(scripted_model: ScriptedModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The sidecar with a model, on Postgres and Qdrant's in-memory engine, serving the handbook."""
    with start_postgres() as postgres:
        database = postgres.url(postgres.create_database())
        folder = tmp_path_factory.mktemp("service")
        with service(folder, database_url=database, model_base_url=scripted_model.base_url) as product:
            yield product


@pytest.fixture(scope="session")
def themed_build(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A site in English, Arabic and Japanese, in its author's looks and words, built by the first who asks for it."""
    own = tmp_path_factory.getbasetemp()
    site = (own if worker_id == "master" else own.parent) / "themed-site"
    with site.with_suffix(".lock").open("w") as building:
        fcntl.flock(building, fcntl.LOCK_EX)
        return site / "build" if (site / "build").exists() else write_themed_site(site).build()


@pytest.fixture(scope="session")
def themed_product(themed_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The same sidecar serving that site."""
    with laptop(tmp_path_factory.mktemp("themed"), site=themed_build) as product:
        yield product


@pytest.fixture(scope="session", params=SHAPES)
def product(request: pytest.FixtureRequest) -> Product:
    """A running sidecar with the handbook, in both shapes, for what depends on who answers or on what keeps it."""
    running: Product = request.getfixturevalue(request.param)
    return running


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Product]:
    """A sidecar of the test's own, to be stopped in mid-test."""
    with laptop(tmp_path) as product:
        yield product


@pytest.fixture
def assistant(page: Page) -> AskPanel:
    """The assistant, on a page that has not been opened yet."""
    return AskPanel(page)
