"""A built book served beside its assistant: its pages in both forms, its own 404, and nothing outside its folder."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from backend.tests.live import Live, live_sidecar
from backend.tests.paced_model import PacedModel
from booklight.app import create_app
from booklight.settings import Settings
from booklight_ingest.errors import PagesUnreadable

pytestmark = pytest.mark.asyncio(loop_scope="module")


def build_site(folder: Path, base_url: str, *, home: bool = True) -> Path:
    """Write what a build leaves: one page as a folder, one as a file, an asset and a 404."""
    build = folder / "build"
    files = {
        "404.html": "lost",
        "docs/hives/index.html": "hives",
        "docs/dances.html": "dances",
        "assets/js/main.1a2b.js": "run()",
        "fr/index.html": "accueil",
    }
    for name, text in (files | ({"index.html": "home"} if home else {})).items():
        (build / name).parent.mkdir(parents=True, exist_ok=True)
        (build / name).write_text(text)
    (folder / "secret.txt").write_text("secret")
    site = {"title": "Bees", "url": "https://bees.example", "baseUrl": base_url, "locale": "en", "siteDir": "../.."}
    page = {"path": f"{base_url}docs/hives", "source": "docs/hives.mdx", "title": "Hives"}
    (build / "booklight").mkdir()
    (build / "booklight/pages.json").write_text(json.dumps({"version": 1, "site": site, "pages": [page]}))
    return build


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    """A sidecar that serves a book at `/book/`."""
    folder = tmp_path_factory.mktemp("live")
    site = build_site(folder, "/book/")
    async with live_sidecar(PacedModel(["Yes."]), f"sqlite:///{folder}/b.db", site=site) as sidecar:
        yield sidecar


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/book/", "home"),
        ("/book/docs/hives", "hives"),
        ("/book/docs/hives/", "hives"),
        ("/book/docs/dances", "dances"),
        ("/book/docs/dances/", "dances"),
        ("/book/docs/dances.html", "dances"),
        ("/book/fr/", "accueil"),
        ("/book/docs/dances?q=1", "dances"),
    ],
)
async def test_a_page_is_served_at_both_forms_of_its_path(live: Live, path: str, text: str) -> None:
    response = await live.http.get(path)
    assert (response.status_code, response.text) == (200, text)
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/book"])
async def test_the_root_leads_to_the_book(live: Live, path: str) -> None:
    response = await live.http.get(path, follow_redirects=True)
    assert (str(response.url), response.text) == (f"{live.url}/book/", "home")


@pytest.mark.parametrize(
    "path", ["/", "/book", "/book/docs", "/book/docs/hives/", "/assistant/health/", "//evil.example/"]
)
async def test_nobody_is_led_to_a_host_that_a_client_named(live: Live, path: str) -> None:
    answer = await live.http.get(f"{live.url}{path}", headers={"Host": "evil.example"})
    leads_to = answer.headers.get("location", "/")
    assert leads_to.startswith("/")
    assert not leads_to.startswith("//")
    assert "evil" not in str(answer.headers)


async def test_hashed_files_may_be_kept_and_pages_are_asked_for_again(live: Live) -> None:
    asset = await live.http.get("/book/assets/js/main.1a2b.js")
    page = await live.http.get("/book/docs/hives")
    again = await live.http.get("/book/docs/hives", headers={"If-None-Match": page.headers["etag"]})
    assert "immutable" in asset.headers["Cache-Control"]
    assert again.status_code == 304


async def test_what_is_not_there_gets_the_books_own_page(live: Live) -> None:
    response = await live.http.get("/book/docs/nowhere")
    assert (response.status_code, response.text) == (404, "lost")


@pytest.mark.parametrize(
    "path",
    [
        "/book/../secret.txt",
        "/book/%2e%2e/secret.txt",
        "/book/..%2fsecret.txt",
        "/book/%2e%2e%2fsecret.txt",
        "/book//etc/passwd",
        "/book/%2fetc%2fpasswd",
        "/book/docs%00.html",
        "/book/" + "a" * 5_000,
    ],
)
async def test_nothing_outside_the_folder_is_served(live: Live, path: str) -> None:
    response = await live.http.get(f"{live.url}{path}")
    assert response.status_code == 404
    assert "secret" not in response.text.replace("secret.txt", "")


async def test_a_book_at_the_root_leaves_the_assistant_where_it_is(tmp_path: Path) -> None:
    site = build_site(tmp_path, "/")
    async with live_sidecar(PacedModel(["Yes."]), f"sqlite:///{tmp_path}/b.db", site=site) as live:
        texts = [(await live.http.get(path)).text for path in ("/", "/docs/hives", "/docs/dances/")]
        health = await live.http.get("/assistant/health")
    assert texts == ["home", "hives", "dances"]
    assert health.status_code == 200


async def test_a_book_without_a_home_leads_to_its_first_page(tmp_path: Path) -> None:
    site = build_site(tmp_path, "/book/", home=False)
    async with live_sidecar(PacedModel(["Yes."]), f"sqlite:///{tmp_path}/b.db", site=site) as live:
        response = await live.http.get("/", follow_redirects=True)
    assert response.text == "hives"


async def test_citations_point_at_the_address_that_is_set(tmp_path: Path) -> None:
    model = PacedModel(["Yes.[^1]"], searches=True)
    url = "http://127.0.0.1:8000/book/"
    async with live_sidecar(model, f"sqlite:///{tmp_path}/b.db", book_base_url=url) as live:
        reader = await live.reader()
        events = await reader.ask("How?")
    (annotation,) = events[-2]["item"]["content"][0]["annotations"]
    assert annotation["source"]["url"] == f"{url}docs/dances#the-waggle-dance"


async def test_a_folder_that_is_no_built_book_is_refused(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/b.db")
    with pytest.raises(PagesUnreadable):
        create_app(settings, site=tmp_path)
