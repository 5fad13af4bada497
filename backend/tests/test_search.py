"""Search on real engines, both of them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from booklight.contracts import MAX_QUESTION, MAX_SELECTION, NOWHERE, Found, PageContext, Scope, SearchRequest
from booklight.search.passages import Boosts, search
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.embedder import Embedder, NoEmbedder
from booklight_ingest.embed.sentence_vectors import SentenceVectors
from booklight_ingest.embed.vectors import Floats
from booklight_ingest.errors import EmbeddingFailed
from booklight_ingest.index.live import Index, Location, open_index
from booklight_ingest.index.sync import sync_index
from ingest.tests.books import long_book, make_book, make_chunk, small_book
from ingest.tests.qdrant_server import new_server

INSTALL = PageContext(path="/docs/setup/install")


@pytest_asyncio.fixture(params=["embedded", "server"])
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Index]:
    location: Location = tmp_path if request.param == "embedded" else new_server()
    found = await indexed(small_book(), location)
    yield found
    await found.close()


async def indexed(chunks: list[Chunk], location: Location, embedder: Embedder | None = None) -> Index:
    embedder = embedder or SentenceVectors()
    await sync_index([make_book(chunks)], chunks, location, embedder)
    return await open_index(location, embedder)


async def ask(
    index: Index, *queries: str, scope: Scope = "full_book", page: PageContext = NOWHERE, selection: str | None = None
) -> Found:
    return await search(index, SearchRequest(queries, scope, page, selection))


def headings(found: Found) -> list[str | None]:
    return [passage.chunk.heading for passage in found.passages]


async def test_the_section_that_answers_comes_first(index: Index) -> None:
    found = await ask(index, "How do I push the image to a registry?")
    assert headings(found)[0] == "Docker"
    assert found.found
    assert found.in_scope


async def test_an_identifier_is_found_by_its_parts(index: Index) -> None:
    assert headings(await ask(index, "set the chunk size"))[0] == "Environment"


async def test_scores_fall(index: Index) -> None:
    scores = [passage.score for passage in (await ask(index, "install node")).passages]
    assert scores == sorted(scores, reverse=True)


async def test_no_more_than_asked_for(index: Index) -> None:
    found = await search(index, SearchRequest(["the site"]), limit=2)
    assert len(found.passages) == 2


async def test_a_page_filter_excludes_the_rest(index: Index) -> None:
    found = await ask(index, "push the image to a registry", scope="current_page", page=INSTALL)
    assert {passage.chunk.path for passage in found.passages} == {"/docs/setup/install"}
    assert found.in_scope


async def test_a_chapter_filter_keeps_to_the_chapter_of_the_page(index: Index) -> None:
    found = await ask(index, "postgres threads", scope="current_chapter", page=INSTALL)
    assert {passage.chunk.chapter_path for passage in found.passages} == {"/docs/setup"}


@pytest.mark.parametrize(
    "path",
    ["/docs/setup/install/", "https://book.example/docs/setup/install?q#top", "/docs/setup/install/index.html"],
)
async def test_a_page_is_recognised_however_it_is_written(index: Index, path: str) -> None:
    found = await ask(index, "install", scope="current_page", page=PageContext(path=path))
    assert {passage.chunk.path for passage in found.passages} == {"/docs/setup/install"}


async def test_a_known_path_wins_over_the_chapter_sent_with_it(index: Index) -> None:
    page = PageContext(path="/docs/ship/deploy", current_chapter=1, current_lesson="install")
    found = await ask(index, "install", scope="current_chapter", page=page)
    assert {passage.chunk.chapter_number for passage in found.passages} == {3}


async def test_chapter_and_lesson_are_used_as_sent_where_the_path_is_unknown(index: Index) -> None:
    page = PageContext(path="/elsewhere", current_chapter=2, current_lesson="rank")
    by_chapter = await ask(index, "texts", scope="current_chapter", page=page)
    by_page = await ask(index, "texts", scope="current_page", page=page)
    assert {passage.chunk.chapter_number for passage in by_chapter.passages} == {2}
    assert {passage.chunk.lesson_slug for passage in by_page.passages} == {"rank"}


@pytest.mark.parametrize("scope", ["current_page", "current_chapter"])
@pytest.mark.parametrize(
    "page", [NOWHERE, PageContext(path="/elsewhere"), PageContext(current_chapter=99, current_lesson="no-such")]
)
async def test_a_filter_that_leaves_nothing_says_so_and_does_not_widen(
    index: Index, scope: Scope, page: PageContext
) -> None:
    found = await ask(index, "install", scope=scope, page=page)
    assert (found.passages, found.found, found.in_scope, found.answerability) == ((), False, False, 0)


async def test_the_full_book_prefers_what_is_near_the_reader(tmp_path: Path) -> None:
    twins = [
        make_chunk("Threads are kept in a database.", path=f"/docs/{chapter}/page", chapter=at, title="Storing")
        for at, chapter in enumerate(("a", "b", "c"))
    ]
    index = await indexed([*twins, *small_book()], tmp_path)
    for twin in twins:
        found = await ask(index, "where are threads kept", page=PageContext(path=twin.path))
        assert found.passages[0].chunk.path == twin.path
    elsewhere = SearchRequest(["where are threads kept"], page=PageContext(path="/docs/c/page"))
    far = await search(index, elsewhere, boosts=Boosts(1, 1))
    assert far.passages[0].also_on == 2
    assert far.passages[0].score < found.passages[0].score
    await index.close()


FRENCH = "https://book.example/fr/"


async def test_a_search_keeps_to_the_version_and_locale_of_the_page(tmp_path: Path) -> None:
    editions = [("1.0", "en", "/docs/1.0"), ("2.0", "en", "/docs"), ("2.0", "fr", "/fr/docs")]
    english = [make_chunk("Docker image registry", path=f"{root}/ship", docs_version=v) for v, _, root in editions[:2]]
    french = [make_chunk("Docker image registry", path="/fr/docs/ship", docs_version="2.0", locale="fr", site=FRENCH)]
    books = [make_book(english, last=["2.0"]), make_book(french, locale="fr", site=FRENCH, last=["2.0"])]
    await sync_index(books, [*english, *french], tmp_path, SentenceVectors())
    index = await open_index(tmp_path, SentenceVectors())
    for chunk in [*english, *french]:
        assert await paths(index, PageContext(path=chunk.path)) == {chunk.path}
    assert await paths(index, PageContext(path="/unknown")) == {"/docs/ship"}
    await index.close()


async def paths(index: Index, page: PageContext, scope: Scope = "full_book") -> set[str]:
    """Return the paths of all that a reader finds of Docker from `page`."""
    return {passage.chunk.path for passage in (await ask(index, "docker", page=page, scope=scope)).passages}


ENGLISH_DOMAIN, POLISH_DOMAIN = "https://en.example.test/", "https://pl.example.test/"


@pytest.mark.parametrize("served", ["embedded", "server"])
async def test_locales_on_domains_of_their_own_do_not_hide_each_other(served: str, tmp_path: Path) -> None:
    location: Location = tmp_path if served == "embedded" else new_server()
    english = make_chunk("Docker image registry", path="/docs/ship", site=ENGLISH_DOMAIN)
    polish = make_chunk("Docker rejestr obrazów", path="/docs/ship", site=POLISH_DOMAIN, locale="pl")
    # One run for each locale, as two builds would do.
    await sync_index([make_book([english], site=ENGLISH_DOMAIN)], [english], location, SentenceVectors())
    await sync_index([make_book([polish], site=POLISH_DOMAIN, locale="pl")], [polish], location, SentenceVectors())
    index = await open_index(location, SentenceVectors())
    expected = {
        PageContext(path="/docs/ship"): english,
        PageContext(path="/docs/ship", locale="pl"): polish,
        PageContext(path="https://pl.example.test/docs/ship"): polish,
        PageContext(path="https://en.example.test/docs/ship/"): english,
        PageContext(locale="pl"): polish,
        PageContext(path="/docs/ship", locale="tlh", docs_instance="nowhere"): english,
        PageContext(): english,
    }
    for page, chunk in expected.items():
        found = await ask(index, "docker", page=page)
        assert [passage.chunk.address for passage in found.passages] == [chunk.address], page
        if page.path:
            within = await ask(index, "docker", page=page, scope="current_page")
            assert [passage.chunk.address for passage in within.passages] == [chunk.address], page
    await index.close()


async def test_readers_see_their_version_of_their_instance_and_the_last_of_the_others(tmp_path: Path) -> None:
    at = {
        "/docs/ship": ("default", "current"),
        "/docs/1.0/ship": ("default", "1.0"),
        "/sdk/ship": ("sdk", "current"),
        "/sdk/5.0/ship": ("sdk", "5.0"),
        "/cli/ship": ("cli", "current"),
    }
    chunks = [
        make_chunk(f"Docker image of {one}", path=path, docs_instance=one, docs_version=v)
        for path, (one, v) in at.items()
    ]
    book = make_book(chunks)
    # In `default` the last version is 1.0 and in `sdk` 5.0; `cli` has no versions.
    last = {"/docs/1.0/ship", "/sdk/5.0/ship", "/cli/ship"}
    pages = tuple(page.model_copy(update={"last_version": page.path in last}) for page in book.pages)
    await sync_index([book.model_copy(update={"pages": pages})], chunks, tmp_path, SentenceVectors())
    index = await open_index(tmp_path, SentenceVectors())
    sees = {path: {path} | {other for other in last if at[other][0] != at[path][0]} for path in at}
    for path, seen in sees.items():
        assert await paths(index, PageContext(path=path)) == seen
        assert await paths(index, PageContext(path=path), "current_page") == {path}
    for elsewhere in (PageContext(), PageContext(path="/unknown"), PageContext(docs_instance="sdk")):
        assert await paths(index, elsewhere) == last
    await index.close()


async def test_a_selection_is_asked_together_with_the_question(index: Index) -> None:
    found = await ask(index, "What does this mean?", selection="Token vectors are pooled")
    assert headings(found)[0] == "Word vectors"


async def test_a_selection_alone_is_enough(index: Index) -> None:
    assert headings(await ask(index, "", selection="remove node_modules"))[0] == "Troubleshooting"


async def test_several_queries_are_answered_together(index: Index) -> None:
    found = await ask(index, "docker registry", "postgres workers", "docker registry")
    assert set(headings(found)[:2]) == {"Docker", "Postgres"}


ODD = ["", "   ", "🎉", "?!", "\u0000", "\ud83d".encode("utf-8", "surrogatepass").decode("utf-8", "replace")]


@pytest.mark.parametrize("query", ODD)
async def test_a_query_that_says_nothing_finds_nothing(index: Index, query: str) -> None:
    found = await ask(index, query)
    assert (found.passages, found.found, found.in_scope) == ((), False, True)


async def test_no_query_finds_nothing(index: Index) -> None:
    assert (await ask(index)).passages == ()


@pytest.mark.parametrize(
    "query", ["docker " * (MAX_QUESTION // 7), "x" * MAX_QUESTION, "検索はどう動きますか", "the of and", "'; DROP --a"]
)
async def test_unusual_queries_do_not_raise(index: Index, query: str) -> None:
    assert isinstance(await ask(index, query, selection="word " * (MAX_SELECTION // 5)), Found)


async def test_a_question_the_book_does_not_answer_is_told_apart(index: Index) -> None:
    inside = await ask(index, "How do I push the image to a registry?")
    outside = await ask(index, "Who won the chess olympiad in Baku?")
    assert inside.answerability > 0.5 > outside.answerability
    assert (inside.found, outside.found) == (True, False)


async def test_words_that_only_different_passages_have_speak_against_an_answer(index: Index) -> None:
    together = await ask(index, "docker image registry")
    scattered = await ask(index, "docker subfolder retries")
    assert together.answerability > scattered.answerability


async def test_without_vectors_words_are_searched(tmp_path: Path) -> None:
    index = await indexed(small_book(), tmp_path, NoEmbedder())
    assert headings(await ask(index, "docker registry"))[0] == "Docker"
    nothing = await ask(index, "quantum")
    assert (nothing.passages, nothing.in_scope) == ((), True)
    await index.close()


class Unreachable(SentenceVectors):
    """An embedder whose provider went down after the book was indexed."""

    async def embed_query(self, texts: Sequence[str]) -> Floats:
        raise EmbeddingFailed("the provider cannot be reached")


async def test_without_its_provider_search_goes_on_by_words(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    index = await indexed(small_book(), tmp_path, Unreachable())
    with caplog.at_level(logging.WARNING):
        assert headings(await ask(index, "docker registry"))[0] == "Docker"
    assert "searching by words alone: the provider cannot be reached" in caplog.text
    await index.close()


async def test_both_engines_rank_alike(tmp_path: Path) -> None:
    chunks = [*long_book(80), *small_book()]
    embedded = await indexed(chunks, tmp_path)
    server = await indexed(chunks, new_server())
    for question in ("alpha7 beta3 jumps", "docker image", "how are lists added up", "quick fox 41"):
        ours, theirs = await ask(embedded, question, page=INSTALL), await ask(server, question, page=INSTALL)
        assert [passage.chunk for passage in ours.passages] == [passage.chunk for passage in theirs.passages]
        scores = [passage.score for passage in theirs.passages]
        assert [passage.score for passage in ours.passages] == pytest.approx(scores, abs=1e-4)
        assert ours.answerability == pytest.approx(theirs.answerability, abs=1e-4)
    await embedded.close()


@pytest.mark.parametrize("queries", [["install node"], ["install node", "docker registry", "postgres threads"]])
async def test_others_get_a_turn_between_two_questions_to_the_embedded_engine(
    tmp_path: Path, queries: list[str]
) -> None:
    index = await indexed(small_book(), tmp_path)
    searching = asyncio.create_task(ask(index, *queries))
    turns = 0
    while not searching.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await searching).passages
    assert turns > 2 * len(queries)
    await index.close()


async def test_a_long_question_is_embedded_beside_the_event_loop(tmp_path: Path) -> None:
    index = await indexed(small_book(), tmp_path)
    long = "docker image registry " * 100
    async with index.reading() as reading:
        embedding = asyncio.create_task(reading.embedder.embed_query([long]))
        await asyncio.sleep(0)
        assert not embedding.done()
        assert (await embedding == await reading.embedder.embed_query([long])).all()
    await index.close()


async def test_the_same_question_gives_the_same_answer(index: Index) -> None:
    answers = await asyncio.gather(*(ask(index, "install the site") for _ in range(5)))
    assert all(answer == answers[0] for answer in answers)
