"""A text that stands on several pages takes one place in a result, the one nearest the reader (R9)."""

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from backend.tests.command_line import PAGES, make_site, run_command
from backend.tests.small_book import SMOKER
from backend.tests.test_citations import answer, final
from backend.tests.test_search_tool import call
from booklight.citations.stage import Citer
from booklight.context import RequestContext
from booklight.contracts import Found, PageContext, Passage, Scope, SearchRequest
from booklight.llm.prompt_blocks import unwrap
from booklight.llm.search_tool import build_search_tool
from booklight.search.passages import search
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.embed.sentence_vectors import SentenceVectors
from booklight_ingest.index.live import Index, Location, open_index
from booklight_ingest.index.manifest import Manifest
from booklight_ingest.index.sync import sync_index
from ingest.tests.books import make_book, make_chunk, small_book
from ingest.tests.qdrant_server import new_server

SAID = "To remove the program from this computer, run the uninstaller and then delete its folder."
OTHER = make_chunk("Uninstalling keeps your settings unless you remove them too.", path="/docs/faq", title="Questions")


def copies(count: int, heading: str | None = None, text: str = SAID) -> list[Chunk]:
    """Return a text on as many pages, three to a chapter."""
    return [
        make_chunk(text, path=f"/docs/part{at // 3}/page{at}", title=f"System {at}", chapter=at // 3, heading=heading)
        for at in range(count)
    ]


async def indexed(chunks: Sequence[Chunk], location: Location, *, words_alone: bool = False) -> Index:
    embedder = NoEmbedder() if words_alone else SentenceVectors()
    await sync_index([make_book([*chunks])], chunks, location, embedder)
    return await open_index(location, embedder)


@pytest_asyncio.fixture(params=["embedded", "server"])
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Index]:
    found = await indexed([*copies(9), OTHER, *small_book()], tmp_path if request.param == "embedded" else new_server())
    yield found
    await found.close()


async def ask(index: Index, path: str | None = None, scope: Scope = "full_book") -> Found:
    return await search(index, SearchRequest(["remove the program"], scope, PageContext(path=path)))


def places(found: Found, text: str = SAID) -> list[tuple[str, int]]:
    return [(passage.chunk.path, passage.also_on) for passage in found.passages if passage.chunk.text == text]


async def test_a_partial_on_nine_pages_takes_one_place_and_the_other_page_is_found(index: Index) -> None:
    found = await ask(index)
    assert [also_on for _, also_on in places(found)] == [8]
    assert OTHER.path in [passage.chunk.path for passage in found.passages[:2]]
    assert len(found.passages) == 8


@pytest.mark.parametrize("at", [0, 4, 8])
async def test_it_is_the_one_on_the_page_of_the_reader(index: Index, at: int) -> None:
    page = f"/docs/part{at // 3}/page{at}"
    assert places(await ask(index, page)) == [(page, 8)]


async def test_within_a_scope_the_others_there_are_counted(index: Index) -> None:
    page = "/docs/part1/page4"
    assert places(await ask(index, page, "current_chapter")) == [(page, 2)]
    assert places(await ask(index, page, "current_page")) == [(page, 0)]


async def test_more_copies_than_a_list_is_deep_hide_nothing(tmp_path: Path) -> None:
    index = await indexed([*copies(400), OTHER, *small_book()], tmp_path, words_alone=True)
    found = await ask(index, "/docs/part100/page302")
    assert places(found) == [("/docs/part100/page302", 399)]
    assert OTHER.path in [passage.chunk.path for passage in found.passages]
    await index.close()


async def test_few_words_under_different_headings_are_different(tmp_path: Path) -> None:
    options = [make_chunk("Type: `string`.", path="/docs/options", heading=f"Option {name}") for name in ("a", "b")]
    index = await indexed([*options, *copies(2, "Same heading", "Remove it."), *small_book()], tmp_path)
    found = await search(index, SearchRequest(["type string option"]))
    assert len(places(found, "Type: `string`.")) == 2
    assert len(places(await ask(index), "Remove it.")) == 1
    await index.close()


async def test_a_heading_that_comes_with_its_text_does_not_recur(tmp_path: Path) -> None:
    different = [make_chunk(f"Text {at} of this.", path=f"/docs/{at}", heading="Summary") for at in range(4)]
    index = await indexed([*copies(9, "Remove"), *different], tmp_path, words_alone=True)
    async with index.reading() as reading:
        manifest: Manifest = reading.generation.manifest
    recurring = {row.page.path for row in manifest.rows if row.recurring}
    assert recurring == {chunk.path for chunk in different}
    await index.close()


async def test_a_model_and_a_reader_are_told_how_many_there_are() -> None:
    async def find(*_: object, **__: object) -> Found:
        return Found((Passage(SMOKER, 1.0, also_on=8), Passage(OTHER, 0.5, also_on=1)), 1.0, found=True)

    request = RequestContext(owner="reader")
    output = await call(build_search_tool(find), request, queries=["smoker"])
    blocks, _ = unwrap(output.context)
    assert [block.attributes.get("also") for block in blocks] == ["and on 8 more pages", "and on 1 more page"]
    assert [source.also_on for source in output.sources] == [8, 1]
    citer = Citer(request.turn.passages, lambda path: path)
    events = [sent for event in answer("Light it.[^1] Settings stay.[^2]") for sent in citer.rewrite(event)]
    assert [annotation.source.title for annotation in final(events).annotations] == [
        "Using a smoker (and on 8 more pages)",
        "Questions (and on 1 more page)",
    ]


def test_the_command_names_how_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make_site(tmp_path))
    document = json.loads((tmp_path / PAGES).read_text())
    for at in range(2):
        (tmp_path / f"docs/page{at}.mdx").write_text(
            f"import Remove from './_remove.mdx'\n\n<Remove />\n\n## More {at}\n"
        )
        document["pages"].append({"path": f"/docs/page{at}", "source": f"docs/page{at}.mdx", "title": f"Page {at}"})
    (tmp_path / "docs/_remove.mdx").write_text(f"{SAID}\n")
    (tmp_path / PAGES).write_text(json.dumps(document))
    assert run_command("index", PAGES).exit_code == 0
    printed = run_command("search", "remove the program").stdout
    assert printed.count("run the uninstaller") == 1
    assert "(and on 1 more page)" in printed
    passages = json.loads(run_command("search", "remove the program", "--json").stdout)["passages"]
    assert [passage["also_on"] for passage in passages if passage["text"] == SAID] == [1]
