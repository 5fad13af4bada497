"""The book over MCP, asked by the protocol's own client: over HTTP, over standard input, and by both handshakes."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp.types import CallToolResult, TextContent, TextResourceContents

from backend.tests.command_line import run_command
from backend.tests.live import Live, index_small_book, live_sidecar
from backend.tests.paced_model import PacedModel
from backend.tests.small_book import make_chunk
from booklight.mcp_server.contracts import SearchToolArguments
from booklight.mcp_server.endpoint import COUNTED
from booklight.mcp_server.open_book import MAX_READ, OpenBook
from booklight.mcp_server.server import build_server
from booklight.search.ranking import Boosts
from booklight_ingest.embed.embedder import open_embedder
from booklight_ingest.errors import IndexUnavailable
from booklight_ingest.index.live import Index, open_index
from booklight_ingest.index.sync import sync_index
from ingest.tests.books import make_book, small_book
from ingest.tests.books import make_chunk as make_page_chunk

BOOK = "https://bees.example/book/docs"
HANDSHAKES = ["legacy", "auto"]
TOOLS = ["list_chapters", "read_section", "search_book"]
ALLOWED = "https://tools.example"


def json_of(result: CallToolResult) -> Any:
    """Return what a tool returned, having checked that its text says the same as its structure."""
    assert not result.is_error, result.content
    (content,) = result.content
    assert isinstance(content, TextContent)
    assert json.loads(content.text) == result.structured_content
    return result.structured_content


def refusal_of(result: CallToolResult) -> str:
    """Return why a tool refused."""
    assert result.is_error
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def text_of(client: Client, uri: str) -> str:
    """Return the text of a resource."""
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    assert content.mime_type == "text/markdown"
    return content.text


async def check_book(client: Client) -> None:
    """Ask every tool and every resource of the small book once."""
    assert sorted(tool.name for tool in (await client.list_tools()).tools) == TOOLS
    found = json_of(await client.call_tool("search_book", {"queries": ["What is a waggle dance?"]}))
    assert found["found"]
    assert found["passages"][0]["url"] == f"{BOOK}/dances#the-waggle-dance"
    assert "figure of eight" in found["passages"][0]["text"]
    section = json_of(await client.call_tool("read_section", {"url": found["passages"][0]["url"]}))
    assert [part["heading"] for part in section["sections"]] == ["The waggle dance"]
    contents = json_of(await client.call_tool("list_chapters", {}))
    (chapter,) = contents["chapters"]
    assert (contents["book"], chapter["title"]) == ("Bees", "Keeping bees")
    assert {page["url"] for page in chapter["pages"]} == {
        f"{BOOK}/{page}" for page in ("dances", "hives", "feeding", "queen")
    }
    resources = (await client.list_resources()).resources
    assert len(resources) == 4
    (dances,) = [resource for resource in resources if resource.title == "Dances"]
    text = await text_of(client, dances.uri)
    assert f"<{BOOK}/dances#the-waggle-dance>" in text
    assert "figure of eight" in text


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    """A sidecar that serves the small book by MCP too."""
    folder = tmp_path_factory.mktemp("live")
    given: dict[str, Any] = {"mcp": True, "allowed_origins": ALLOWED, "reranker": "off"}
    async with live_sidecar(PacedModel(["Yes."]), f"sqlite:///{folder}/b.db", **given) as sidecar:
        yield sidecar


@asynccontextmanager
async def client_of(live: Live, mode: str = "auto") -> AsyncIterator[Client]:
    """Connect by HTTP once the endpoint is there, which is a moment after the index is."""
    while (await post(live.http, {"jsonrpc": "2.0", "method": "ping", "id": 1})).status_code == 503:
        continue
    async with Client(f"{live.url}/mcp", mode=mode) as client:
        yield client


async def post(http: httpx.AsyncClient, body: Any, **headers: str) -> httpx.Response:
    """Send a message as a client that knows nothing of versions does."""
    accepted = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    return await http.post("/mcp", content=json.dumps(body), headers=accepted | headers)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("handshake", HANDSHAKES)
async def test_a_client_asks_the_book_over_http(live: Live, handshake: str) -> None:
    async with client_of(live, handshake) as client:
        await check_book(client)


@pytest.mark.parametrize("handshake", HANDSHAKES)
async def test_a_client_asks_the_book_over_standard_input(handshake: str, tmp_path: Path) -> None:
    await index_small_book(tmp_path / "index", open_embedder())
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "booklight.cli.main", "mcp"],
        env={"BOOKLIGHT_INDEX_PATH": str(tmp_path / "index"), "BOOKLIGHT_RERANKER": "off"},
        cwd=tmp_path,
    )
    async with Client(stdio_client(command), mode=handshake) as client:
        await check_book(client)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_server_tells_how_to_use_it_and_that_it_only_reads(live: Live) -> None:
    async with client_of(live) as client:
        tools = (await client.list_tools()).tools
        assert "Bees" in (client.instructions or "")
        assert "url" in (client.instructions or "")
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
    assert all(tool.input_schema["additionalProperties"] is False for tool in tools)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("search_book", {"queries": []}, "queries"),
        ("search_book", {"queries": ["a"] * 4}, "queries"),
        ("search_book", {"queries": ["x" * 8_001]}, "queries.0"),
        ("search_book", {"queries": ["bees"], "limit": 21}, "limit"),
        ("search_book", {"queries": ["bees"], "scope": "current_page"}, "needs `page`"),
        ("search_book", {"queries": ["bees"], "page": f"{BOOK}/none"}, "no page at this address"),
        ("search_book", {"queries": ["bees"], "locale": "fr"}, "en/default/current"),
        ("read_section", {"url": f"{BOOK}/dances#none"}, "#the-waggle-dance"),
        ("read_section", {"url": f"{BOOK}/dances", "owner": "someone"}, "owner"),
        ("list_chapters", {"version": "9"}, "en/default/current"),
    ],
)
async def test_what_a_model_asked_wrongly_it_is_told_in_words(
    live: Live, tool: str, arguments: dict[str, Any], told: str
) -> None:
    async with client_of(live) as client:
        assert told in refusal_of(await client.call_tool(tool, arguments))


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_not_there_is_an_error_of_the_protocol(live: Live) -> None:
    async with client_of(live) as client:
        with pytest.raises(MCPError, match="no page at this address"):
            await client.read_resource("booklight://bees.example/book/none")
        with pytest.raises(MCPError, match="no such tool"):
            await client.call_tool("forget_reader", {})
        with pytest.raises(MCPError, match="cursor"):
            await client.list_resources(cursor="next")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_narrow_scope_keeps_to_the_page(live: Live) -> None:
    asked = {"queries": ["waggle dance"], "scope": "current_page", "page": f"{BOOK}/hives"}
    async with client_of(live) as client:
        found = json_of(await client.call_tool("search_book", asked))
    assert {passage["url"].partition("#")[0] for passage in found["passages"]} <= {f"{BOOK}/hives"}
    assert "full_book" in found["note"]


@pytest.mark.asyncio(loop_scope="module")
async def test_only_pages_of_allowed_origins_may_call(live: Live) -> None:
    ping = {"jsonrpc": "2.0", "method": "ping", "id": 1}
    foreign = await post(live.http, ping, Origin="https://evil.example")
    own = await post(live.http, ping, Origin=live.url)
    allowed = await post(live.http, ping, Origin=ALLOWED)
    assert (foreign.status_code, own.status_code, allowed.status_code) == (403, 403, 200)
    assert foreign.json()["error"]["data"] == {"code": "foreign_origin"}
    assert allowed.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert allowed.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("body", "status"), [("[]", 422), ("{", 400), ("", 400), ('"' + "x" * 1_000_001 + '"', 413)])
async def test_what_is_no_request_is_refused_as_json(live: Live, body: str, status: int) -> None:
    response = await live.http.post("/mcp", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status
    assert response.json()["error"]["message"]


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_but_post_is_answered(live: Live) -> None:
    assert (await live.http.get("/mcp")).status_code == 405
    assert (await live.http.delete("/mcp")).status_code == 405


async def test_it_is_off_unless_a_setting_turns_it_on(tmp_path: Path) -> None:
    async with live_sidecar(PacedModel([]), f"sqlite:///{tmp_path}/b.db") as live:
        assert (await post(live.http, {"jsonrpc": "2.0", "method": "ping", "id": 1})).status_code == 404


async def test_a_call_counts_as_a_turn_and_a_handshake_does_not(tmp_path: Path) -> None:
    bounds: dict[str, Any] = {"mcp": True, "reranker": "off", "turns_per_minute_per_address": 2}
    async with live_sidecar(PacedModel([]), f"sqlite:///{tmp_path}/b.db", **bounds) as live:
        async with client_of(live) as client:
            for _ in range(2):
                await client.list_tools()
                json_of(await client.call_tool("search_book", {"queries": ["bees"]}))
            with pytest.raises(MCPError, match="please wait"):
                await client.call_tool("search_book", {"queries": ["bees"]})
        refused = await post(live.http, {"jsonrpc": "2.0", "method": COUNTED[0], "id": 1})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


async def test_where_readers_sign_in_so_do_their_tools(tmp_path: Path) -> None:
    login = {"jwt_issuer": "https://login.example", "jwt_audience": "b", "jwt_jwks_url": "http://127.0.0.1:9/jwks"}
    given: dict[str, Any] = {"mcp": True, "anonymous_readers": False, **login}
    async with live_sidecar(PacedModel([]), f"sqlite:///{tmp_path}/b.db", **given) as live:
        refused = await post(live.http, {"jsonrpc": "2.0", "method": "ping", "id": 1})
        while refused.status_code == 503:
            refused = await post(live.http, {"jsonrpc": "2.0", "method": "ping", "id": 1})
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_a_missing_index_is_one_line_for_the_operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKLIGHT_INDEX_PATH", str(tmp_path / "none"))
    ended = run_command("mcp")
    assert ended.exit_code == 2
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith("booklight: ")
    assert "booklight index" in line


@asynccontextmanager
async def editions(folder: Path) -> AsyncIterator[tuple[Index, Client]]:
    """A book in two locales and two versions, asked in the process."""
    edition: dict[str, Any] = {
        "old": {"docs_version": "1.0"},
        "de": {"locale": "de", "site": "https://book.example/de/"},
    }
    texts = {
        "current": make_page_chunk("Push the image to a registry.", heading="Docker", path="/docs/deploy"),
        "old": make_page_chunk(
            "Push the image to the old registry.", heading="Docker", path="/docs/1.0/deploy", **edition["old"]
        ),
        "de": make_page_chunk(
            "Push das image in die registry.", heading="Docker", path="/de/docs/deploy", **edition["de"]
        ),
    }
    english = [texts["current"], texts["old"]]
    books = [make_book(english), make_book([texts["de"]], locale="de", site="https://book.example/de/")]
    await sync_index(books, [*english, texts["de"]], folder, open_embedder())
    index = await open_index(folder, open_embedder())
    book = OpenBook(lambda: index, boosts=Boosts(), book_base_url="http://localhost:3000/")
    async with Client(build_server(book, "Guide")) as client:
        yield index, client
    await index.close()


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({}, "/docs/deploy"),
        ({"version": "1.0"}, "/docs/1.0/deploy"),
        ({"locale": "de"}, "/de/docs/deploy"),
    ],
)
async def test_each_edition_is_searched_and_listed_by_itself(
    arguments: dict[str, str], path: str, tmp_path: Path
) -> None:
    async with editions(tmp_path) as (_, client):
        found = json_of(await client.call_tool("search_book", {"queries": ["push image registry"], **arguments}))
        contents = json_of(await client.call_tool("list_chapters", arguments))
    assert [passage["url"] for passage in found["passages"]] == [f"http://localhost:3000{path}#docker"]
    assert [page["url"] for chapter in contents["chapters"] for page in chapter["pages"]] == [
        f"http://localhost:3000{path}"
    ]
    assert {(edition["locale"], edition["version"]) for edition in contents["editions"]} == {
        ("en", "current"),
        ("en", "1.0"),
        ("de", "current"),
    }


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://book.example", "booklight://localhost:3000", ""])
async def test_a_page_is_known_by_any_form_of_its_address(origin: str, tmp_path: Path) -> None:
    address = f"{origin.removesuffix('/')}/docs/1.0/deploy#docker"
    async with editions(tmp_path) as (_, client):
        section = json_of(await client.call_tool("read_section", {"url": address}))
    assert "old registry" in section["sections"][0]["text"]


async def test_a_long_page_is_read_in_parts_and_a_section_with_those_below_it(tmp_path: Path) -> None:
    words = "Bees dance. " * (MAX_READ // 24)
    parts = [make_chunk(words, heading=f"Part {number}") for number in range(4)]
    below = replace(make_chunk("Below.", heading="Below"), breadcrumbs=("Keeping bees", "Hives", "Part 1", "Below"))
    await index_small_book(tmp_path, open_embedder(), [*parts[:2], below, *parts[2:]])
    index = await open_index(tmp_path, open_embedder())
    async with Client(build_server(OpenBook(lambda: index, boosts=Boosts()), "Bees")) as client:
        seen, start = [], 0
        while start is not None:
            read = json_of(await client.call_tool("read_section", {"url": f"{BOOK}/hives", "start": start}))
            seen += [section["heading"] for section in read["sections"]]
            start = read.get("next")
        section = json_of(await client.call_tool("read_section", {"url": f"{BOOK}/hives#part-1"}))
    await index.close()
    assert seen == ["Part 0", "Part 1", "Below", "Part 2", "Part 3"]
    assert [part["heading"] for part in section["sections"]] == ["Part 1", "Below"]


async def test_a_new_index_is_seen_at_once_and_an_unreadable_one_tells_no_internals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with editions(tmp_path) as (index, client):
        chunks = small_book()
        await sync_index([make_book(chunks)], chunks, tmp_path, open_embedder())
        contents = json_of(await client.call_tool("list_chapters", {}))
        assert "Ranking" in {page["title"] for chapter in contents["chapters"] for page in chapter["pages"]}

        async def fail() -> None:
            raise IndexUnavailable("http://user:secret@qdrant.internal refuses")

        monkeypatch.setattr(index, "follow", fail)
        told = refusal_of(await client.call_tool("search_book", {"queries": ["registry"]}))
        with pytest.raises(MCPError) as failure:
            await client.list_resources()
    assert "secret" not in told + str(failure.value)
    assert "try again later" in told


def test_arguments_are_described_for_the_model() -> None:
    properties = SearchToolArguments.model_json_schema()["properties"]
    assert all("description" in described for described in properties.values() if "default" not in described)
