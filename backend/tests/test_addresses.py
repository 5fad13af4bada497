"""A question that names a section, by its heading or its address, is answered by that section first."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from backend.tests.live import live_sidecar, native_events, question_request
from backend.tests.paced_model import PacedModel
from backend.tests.small_book import FEEDING
from booklight.contracts import MAX_ADDRESS, Found, PageContext, Scope, SearchRequest, SectionAddress
from booklight.search.passages import search
from booklight.search.reranking import Reranker, open_reranker
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.index.live import Index, open_index
from booklight_ingest.index.sync import sync_index
from ingest.tests.books import make_book, make_chunk, small_book

HERE = PageContext(path="/docs/search/rank")
BOOSTS = SectionAddress(path="/docs/search/rank", anchor="boosts")


def book() -> list[Chunk]:
    """Return the small book with a heading that recurs, one in code, and one in two places."""
    more = [
        make_chunk("Summed up.", path=f"/docs/more/page{at}", heading="Summary", title=f"Page {at}") for at in range(4)
    ]
    more += [
        make_chunk("Fails on purpose.", path="/docs/more/options", heading="`onBrokenLinks`", title="Options"),
        make_chunk("A second word on factors.", path="/docs/more/options", heading="Fusion", title="Options"),
        *(make_chunk(f"Part {at}.", path="/docs/more/long", heading="Long", position=at) for at in range(5)),
    ]
    return small_book() + more


@pytest_asyncio.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    chunks = book()
    await sync_index([make_book(chunks)], chunks, tmp_path, NoEmbedder())
    opened = await open_index(tmp_path, NoEmbedder())
    yield opened
    await opened.close()


async def ask(
    index: Index,
    question: str,
    about: SectionAddress | None = None,
    *,
    page: PageContext = PageContext(),  # noqa: B008  (frozen)
    scope: Scope = "full_book",
    reranker: Reranker | None = None,
) -> Found:
    return await search(index, SearchRequest([question], scope, page, about=about), reranker=reranker)


def first(found: Found) -> tuple[str, str | None]:
    return found.passages[0].chunk.path, found.passages[0].chunk.heading


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        ("Word vectors", "Word vectors"),
        ("word  VECTORS?", "Word vectors"),
        ("What does “Word vectors” say about the image and the registry?", "Word vectors"),
        ('Explain "Docker" in a few words', "Docker"),
        ("「Docker」とは", "Docker"),
        ("onBrokenLinks", "`onBrokenLinks`"),
    ],
)
async def test_a_heading_leads_to_its_section(index: Index, question: str, heading: str) -> None:
    found = await ask(index, question)
    assert found.addressed
    assert found.found
    assert first(found)[1] == heading
    scores = [passage.score for passage in found.passages]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("question", ["Summary", "Where are word vectors pooled?", "?", "“”"])
async def test_what_names_no_section_or_too_many_is_ranked(index: Index, question: str) -> None:
    assert not (await ask(index, question)).addressed


async def test_an_address_counts_before_words(index: Index) -> None:
    found = await ask(index, "How do I push the image to a registry?", BOOSTS)
    assert first(found) == (BOOSTS.path, "Boosts")
    assert found.addressed
    assert "Docker" in [passage.chunk.heading for passage in found.passages]


async def test_an_address_may_be_written_as_browsers_write_it(index: Index) -> None:
    found = await ask(index, "Tell me", SectionAddress(path="https://book.example/docs/search/rank/", anchor="boosts"))
    assert first(found) == (BOOSTS.path, "Boosts")


async def test_an_address_that_is_not_there_is_no_error(index: Index) -> None:
    for about in (SectionAddress(path="/nowhere", anchor="x"), SectionAddress(path=BOOSTS.path, anchor="gone")):
        found = await ask(index, "push the image to a registry", about)
        assert not found.addressed
        assert first(found)[1] == "Docker"


async def test_on_a_page_with_that_heading_its_own_is_meant(index: Index) -> None:
    assert first(await ask(index, "Fusion", page=HERE))[0] == HERE.path
    assert first(await ask(index, "Fusion", page=PageContext(path="/docs/more/options")))[0] == "/docs/more/options"


async def test_nothing_outside_of_the_scope_is_returned(index: Index) -> None:
    found = await ask(index, "Docker", SectionAddress(path="/docs/ship/deploy", anchor="docker"), scope="current_page")
    assert not found.in_scope
    found = await ask(index, "Docker", page=HERE, scope="current_page")
    assert {passage.chunk.path for passage in found.passages} <= {HERE.path}
    assert not found.addressed


async def test_a_long_section_leaves_room_for_others_and_keeps_its_order(index: Index) -> None:
    found = await ask(index, "Long")
    assert [passage.chunk.position for passage in found.passages[:3]] == [0, 1, 2]


async def test_the_cross_encoder_reads_a_named_section_and_does_not_move_it(index: Index) -> None:
    found = await ask(
        index, "push the image to a registry", BOOSTS, reranker=open_reranker("default", sections=10, seconds=None)
    )
    assert first(found) == (BOOSTS.path, "Boosts")
    assert found.passages[0].logit is not None


async def test_a_suggestion_s_address_travels_over_http(tmp_path: Path) -> None:
    model = PacedModel(["So.[^1]"], searches=True, query="waggle dance")
    async with live_sidecar(model, f"sqlite:///{tmp_path}/booklight.db") as live:
        reader = await live.reader()
        about = {"path": FEEDING.path, "anchor": FEEDING.anchor}
        answer = native_events((await reader.send(question_request("Tell me more", about=about))).text)
        long = await reader.send(question_request("x", about={"path": "/" * (MAX_ADDRESS + 1)}))
    cited = [
        note["source"]["title"]
        for event in answer
        if event["type"] == "thread.item.done" and event["item"]["type"] == "assistant_message"
        for note in event["item"]["content"][0]["annotations"]
    ]
    assert cited == [FEEDING.heading]
    assert long.status_code == 422
    assert "metadata.about.path" in long.text
