"""Insights over HTTP: only for whoever has the key or the claim, and what they then see is of now."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from backend.tests.jwks_server import Key, serve_login
from backend.tests.live import Live, index_small_book, live_sidecar
from backend.tests.paced_model import PacedModel
from booklight.errors import NotReady
from booklight.insights.live import LiveInsights
from booklight.settings import Settings, SettingsError, load_settings
from booklight.store.threads import open_store
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.index.live import Index, open_index

INSIGHTS_KEY = "fG3-xQ9vLm2sZt7Yk4Rb8WcHdJ1uNp6e"
PAGE, DOCUMENT = "/assistant/insights", "/assistant/insights.json"
BEARER = {"Authorization": f"Bearer {INSIGHTS_KEY}"}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    """A sidecar whose operator set a key, and whom a reader has asked something."""
    folder = tmp_path_factory.mktemp("insights")
    settings: dict[str, Any] = {"insights_key": INSIGHTS_KEY, "insights_floor": 1, "embedding": "none"}
    async with live_sidecar(PacedModel(["Yes."]), f"sqlite:///{folder}/b.db", **settings) as sidecar:
        await (await sidecar.reader()).ask("Do bees dance?")
        yield sidecar


async def open_with_form(live: Live, key: str = INSIGHTS_KEY) -> httpx.Response:
    """Type a key into the form."""
    return await live.http.post(PAGE, data={"key": key})


async def test_the_key_opens_the_page_and_the_document(live: Live) -> None:
    page = await live.http.get(PAGE, headers=BEARER)
    document = await live.http.get(DOCUMENT, headers=BEARER)
    assert (page.status_code, document.status_code) == (200, 200)
    assert "What readers ask of Bees" in page.text
    assert (document.json()["questions"], document.json()["book"]) == (1, "Bees")
    for answer in (page, document):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "reader:" not in answer.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {INSIGHTS_KEY}"},
        {"Authorization": "Bearer \u00e9"},
        {"Cookie": f"booklight_insights={INSIGHTS_KEY}"},
        {"Cookie": "booklight_insights=e30.e30."},
    ],
)
async def test_without_it_there_is_nothing_there(live: Live, headers: dict[str, str]) -> None:
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert (await live.http.get(DOCUMENT, headers=sent)).status_code == 404
    page = await live.http.get(PAGE, headers=sent)
    assert page.status_code == 404
    assert "Do bees dance" not in page.text


async def test_a_readers_own_token_does_not_open_them(live: Live) -> None:
    reader = await live.reader()
    assert (await live.http.get(DOCUMENT, headers=reader.headers)).status_code == 404


async def test_the_key_is_typed_once(live: Live) -> None:
    signed_in = await open_with_form(live)
    cookie = signed_in.headers["Set-Cookie"]
    assert (signed_in.status_code, signed_in.headers["Location"]) == (303, PAGE)
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", f"Path={PAGE}"))
    assert INSIGHTS_KEY not in cookie
    shown = await live.http.get(f"{PAGE}?since=7")
    live.http.cookies.clear()
    assert (shown.status_code, (await live.http.get(PAGE)).status_code) == (200, 404)


async def test_a_wrong_key_is_told_and_leaves_no_cookie(live: Live) -> None:
    refused = await open_with_form(live, "x" * 40)
    assert refused.status_code == 404
    assert "That is not the key." in refused.text
    assert "Set-Cookie" not in refused.headers
    assert (await live.http.post(PAGE, content=b"\xff" * 100)).status_code == 404


async def test_keys_are_not_tried_without_end(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"insights_key": INSIGHTS_KEY, "refusals_per_minute_per_address": 3, "embedding": "none"}
    async with live_sidecar(PacedModel([]), f"sqlite:///{tmp_path}/b.db", **settings) as live:
        tried = [await open_with_form(live, "x" * 40), await live.http.get(PAGE), await live.http.get(DOCUMENT)]
        right = [await open_with_form(live), await live.http.get(DOCUMENT, headers=BEARER)]
    assert [answer.status_code for answer in tried] == [404, 404, 404]
    assert [answer.status_code for answer in right] == [429, 429]


async def test_a_cookie_of_another_key_opens_nothing(live: Live, tmp_path: Path) -> None:
    given = (await open_with_form(live)).cookies["booklight_insights"]
    live.http.cookies.clear()
    settings: dict[str, Any] = {"insights_key": INSIGHTS_KEY[::-1], "embedding": "none"}
    async with live_sidecar(PacedModel([]), f"sqlite:///{tmp_path}/b.db", **settings) as other:
        answer = await other.http.get(DOCUMENT, headers={"Cookie": f"booklight_insights={given}"})
    assert answer.status_code == 404


async def test_the_page_leads_to_the_book_with_a_pass_that_is_not_the_key(live: Live) -> None:
    reader = await live.reader()
    await reader.ask("How do bees dance?", page_context={"path": "/book/docs/dances"})
    page = (await live.http.get(f"{PAGE}?since=90", headers=BEARER)).text
    given = page.partition('href="https://bees.example/book/docs/dances?ask=#booklight-insights=')[2].partition('"')[0]
    assert given
    assert INSIGHTS_KEY not in page
    told = await live.http.get(f"{DOCUMENT}?since=90", headers={"Authorization": f"Bearer {given}"})
    assert [(one["heading"], one["count"]) for one in told.json()["sections"]] == [("Dances", 1)]


async def test_the_period_is_days(live: Live) -> None:
    report = (await live.http.get(f"{DOCUMENT}?since=7d", headers=BEARER)).json()
    assert len(report["days"]) == 8
    for wrong in ("", "0", "x", "9999", "-1", "\u0663"):
        assert (await live.http.get(DOCUMENT, params={"since": wrong}, headers=BEARER)).status_code == 422


async def test_a_report_made_before_the_index_was_open_is_not_kept(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/b.db")
    await index_small_book(tmp_path / "index")
    index = await open_index(tmp_path / "index", NoEmbedder())
    opened: list[Index] = []

    def require_index() -> Index:
        if not opened:
            raise NotReady("The index is being opened.")
        return opened[0]

    insights = LiveInsights(store.database, require_index, NoEmbedder(), str, floor=1)
    assert (await insights.report(7)).book is None
    opened.append(index)
    kept = await insights.report(7)
    assert kept.book == "Bees"
    assert await insights.report(7) is kept
    await index.close()
    await store.close()


async def test_without_a_setting_the_addresses_are_unknown_ones(tmp_path: Path) -> None:
    async with live_sidecar(PacedModel([]), f"sqlite:///{tmp_path}/b.db") as live:
        assert (await live.http.get(PAGE, headers=BEARER)).json()["error"]["code"] == "not_found"
        assert (await live.http.get(DOCUMENT, headers=BEARER)).status_code == 404
        assert (await open_with_form(live)).status_code in {404, 405}


@pytest.mark.parametrize(
    ("claim", "claims", "status"),
    [
        ("author", {"author": True}, 200),
        ("author", {"author": "true"}, 404),
        ("author", {}, 404),
        ("roles=author", {"roles": ["reader", "author"]}, 200),
        ("roles=author", {"roles": ["authority"]}, 404),
        ("roles=author", {"roles": "author"}, 200),
        ("roles=author", {"roles": "an author"}, 404),
    ],
)
async def test_a_claim_of_the_login_opens_them(claim: str, claims: dict[str, Any], status: int, tmp_path: Path) -> None:
    key = Key("site-1", "ES256")
    with serve_login(key) as login:
        settings = login.settings() | {"insights_claim": claim, "embedding": "none"}
        async with live_sidecar(PacedModel([]), f"sqlite:///{tmp_path}/b.db", **settings) as live:
            headers = {"Authorization": f"Bearer {key.sign('ada', **claims)}"}
            assert (await live.http.get(DOCUMENT, headers=headers)).status_code == status
            assert (await live.http.get(PAGE)).headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"INSIGHTS_KEY": "gnomes"}, "BOOKLIGHT_INSIGHTS_KEY has 6 characters"),
        ({"INSIGHTS_CLAIM": "author"}, "BOOKLIGHT_JWT_ISSUER"),
        ({"INSIGHTS_CLAIM": "=author"}, "BOOKLIGHT_INSIGHTS_CLAIM"),
    ],
)
async def test_what_would_open_them_to_anybody_is_refused(
    settings: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in settings.items():
        monkeypatch.setenv(f"BOOKLIGHT_{name}", value)
    with pytest.raises(SettingsError, match=told) as refused:
        load_settings()
    assert "gnomes" not in str(refused.value)


async def test_the_key_is_shown_nowhere(live: Live) -> None:
    settings = Settings(_env_file=None, insights_key=INSIGHTS_KEY)
    assert INSIGHTS_KEY not in repr(settings)
    assert INSIGHTS_KEY not in json.dumps(settings.model_dump(mode="json"))
