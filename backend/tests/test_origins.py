"""Which pages may ask: origins as browsers send them, to a sidecar that knows some."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from backend.tests.live import SITE, Live, live_sidecar
from backend.tests.paced_model import PacedModel
from booklight.auth.origins import MOST_LOGGED, AllowedOrigins
from booklight.settings import SettingsError, load_settings

NAMED = "https://Reader.example:8443, https://*.netlify.app"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
KNOWN = ["https://reader.example:8443", "https://deploy-7--book.netlify.app", "https://a.b.netlify.app", SITE.url]
FOREIGN = [
    "null",
    "https://evil.example",
    "http://reader.example:8443",
    "https://reader.example",
    "https://netlify.app",
    "https://evilnetlify.app",
    "https://x.netlify.app.evil.example",
    "https://evil.example/.netlify.app",
    "",
]

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    """A sidecar that knows origins, and a model that was not asked when it was not asked."""
    folder = tmp_path_factory.mktemp("origins")
    model = PacedModel(["Yes."])
    settings: dict[str, Any] = {"turns_per_minute_per_address": 1_000, "allowed_origins": NAMED}
    async with live_sidecar(model, f"sqlite:///{folder}/b.db", **settings) as sidecar:
        yield sidecar


async def ask_as_form(live: Live, **headers: str) -> httpx.Response:
    """Ask as a page of another site can without a browser's leave: as plain text."""
    content = b'{"query": "Do bees dance?"}'
    return await live.http.post("/assistant/chatkit", content=content, headers={"Content-Type": "text/plain"} | headers)


@pytest.mark.parametrize("origin", KNOWN)
async def test_a_known_page_may_ask_and_read_what_is_answered(live: Live, origin: str) -> None:
    preflight = await live.http.options("/assistant/chatkit", headers={"Origin": origin} | PREFLIGHT)
    answer = await ask_as_form(live, Origin=origin)
    assert (preflight.status_code, answer.status_code) == (200, 200)
    assert preflight.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize("origin", FOREIGN)
async def test_an_unknown_page_can_spend_nothing(live: Live, origin: str) -> None:
    preflight = await live.http.options("/assistant/chatkit", headers={"Origin": origin} | PREFLIGHT)
    answer = await ask_as_form(live, Origin=origin)
    assert (preflight.status_code, answer.status_code) == (400, 403)
    assert answer.json()["error"]["code"] == "foreign_origin"
    assert "access-control-allow-origin" not in {*answer.headers, *preflight.headers}


async def test_what_comes_from_no_page_or_from_the_sidecars_own_may_ask(live: Live) -> None:
    assert (await ask_as_form(live)).status_code == 200
    assert (await ask_as_form(live, Origin=live.url)).status_code == 200


async def test_an_origin_is_refused_in_the_log_once(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    asked = [(name.encode(), value.encode()) for name, value in PREFLIGHT.items()]
    for origin in ("https://one.example", "https://one.example", "https://two.example\u202e"):
        sent = (b"Origin", origin.encode())
        await live.http.options("/assistant/chatkit", headers=[sent, *asked])
        await live.http.post("/assistant/chatkit", content=b"{}", headers=[sent])
    said = [record.getMessage() for record in caplog.records if "may not ask" in record.getMessage()]
    assert len(said) == 2
    assert said[0] == "pages of https://one.example may not ask: add it to BOOKLIGHT_ALLOWED_ORIGINS if they may"
    assert said[1].isascii()


async def test_the_log_of_refused_origins_ends(caplog: pytest.LogCaptureFixture) -> None:
    origins = AllowedOrigins(["https://book.example"])
    with caplog.at_level(logging.WARNING):
        for number in range(2 * MOST_LOGGED):
            origins.log_refused(f"https://{number}.example")
    assert len(caplog.records) == MOST_LOGGED


async def test_where_no_origin_is_named_a_browser_alone_keeps_pages_from_reading(tmp_path: Path) -> None:
    async with live_sidecar(PacedModel(["Yes."]), f"sqlite:///{tmp_path}/b.db") as live:
        book, other = await ask_as_form(live, Origin=SITE.url), await ask_as_form(live, Origin="https://other.example")
    assert (book.status_code, other.status_code) == (200, 200)
    assert book.headers["Access-Control-Allow-Origin"] == SITE.url
    assert "Access-Control-Allow-Origin" not in other.headers


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("ALLOWED_ORIGINS", "docs.example.com", "scheme://host"),
        ("ALLOWED_ORIGINS", "https://docs.example.com/book", "without a path"),
        ("ALLOWED_ORIGINS", "https://a.example, https://b.example:443", "leave out port 443"),
        ("ALLOWED_ORIGINS", "*", "scheme://host"),
        ("ALLOWED_ORIGINS", "https://*", "scheme://host"),
        ("ALLOWED_ORIGINS", "https://bücher.example", "scheme://host"),
        ("ALLOWED_ORIGINS", "null", "scheme://host"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "10.0.0.0/8"),
        ("TRUSTED_PROXIES", "*", "10.0.0.0/8"),
        ("TRUSTED_PROXIES", "proxy.example", "10.0.0.0/8"),
        ("TRUSTED_PROXIES", "0", "how many proxies"),
    ],
)
async def test_a_value_that_can_match_nothing_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(f"BOOKLIGHT_{variable}", value)
    with pytest.raises(SettingsError, match=variable) as error:
        load_settings()
    assert told in str(error.value)


async def test_origins_and_networks_are_read_as_they_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKLIGHT_ALLOWED_ORIGINS", "https://Docs.Example.com/, http://[::1]:3000")
    monkeypatch.setenv("BOOKLIGHT_TRUSTED_PROXIES", "10.0.0.0/8, 203.0.113.9, 2001:db8::/32")
    settings = load_settings()
    assert settings.allowed_origins == ("https://docs.example.com", "http://[::1]:3000")
    assert settings.trusted_proxies == ("10.0.0.0/8", "203.0.113.9/32", "2001:db8::/32")
