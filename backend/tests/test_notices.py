"""What the sidecar says around a model's answer, in the reader's language."""

from dataclasses import replace
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest

from backend.tests.live import SITE, Json, answers, live_sidecar, thread_of
from backend.tests.scripted_model import serve_scripted_model
from backend.tests.small_book import make_chunk
from booklight.llm.models import connect_model
from booklight.llm.notices import LANGUAGES, language_of, notices_of
from booklight.settings import Settings
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.index.sync import sync_index
from booklight_ingest.pages import Book, Page

PATH = "/book/de/docs/stock"
GERMAN = replace(
    make_chunk("Zünde den Smoker an, bevor du den Bienenstock öffnest.", path=PATH, heading="Der Smoker"),
    id=str(uuid5(NAMESPACE_URL, PATH)),
    site="https://bees.example/book/de/",
    locale="de",
    source="i18n/de/hives.mdx",
)
QUESTION = "Warum den Smoker anzünden?"


async def ask(folder: Path, case: str) -> tuple[list[Json], list[Json]]:
    """Ask on a page of the German book a model that sends `case`; return the events, and the items that were kept."""
    site = SITE.model_copy(update={"locale": "de", "base_url": "/book/de/"})
    page = Page(path=PATH, source=GERMAN.source, title="Stock", locale="de")
    await sync_index([Book(version=1, site=site, pages=(page,))], [GERMAN], folder / "index", NoEmbedder())
    with serve_scripted_model() as server:
        server.script(case)
        model = connect_model(Settings(_env_file=None, model="openai:m", model_base_url=server.base_url))
        async with live_sidecar(model, f"sqlite:///{folder}/booklight.db", location=folder / "index") as live:
            reader = await live.reader()
            events = await reader.ask(QUESTION, page_context={"path": PATH, "locale": "de"})
            items = await reader.items(thread_of(events))
        await model.close()
    return events, items


def said(events: list[Json], kind: str) -> list[str]:
    return [str(event.get("message") or event.get("text")) for event in events if event["type"] == kind]


async def test_an_answer_that_rests_on_nothing_is_framed_in_the_readers_language(tmp_path: Path) -> None:
    events, items = await ask(tmp_path, "uncited")
    german = notices_of("de")
    (text,) = answers(items)
    assert text.startswith(f"{german.caveat}\n\n")
    assert f"\n\n{german.nearest}\n\n- Der Smoker" in text
    assert said(events, "notice") == [german.unsupported]
    assert said(events, "progress_update")[0] == german.search_book.format(QUESTION)


async def test_quotations_in_place_of_an_answer_say_why_in_the_readers_language(tmp_path: Path) -> None:
    events, items = await ask(tmp_path, "empty")
    assert said(events, "notice") == [notices_of("de").model_silent]
    assert "Zünde den Smoker an" in answers(items)[0]


async def test_a_cut_answer_says_so_in_the_readers_language(tmp_path: Path) -> None:
    events, _ = await ask(tmp_path, "length")
    assert said(events, "error") == [notices_of("de").cut_length]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_own_sentences(language: str) -> None:
    english, own = notices_of("en").model_dump(), notices_of(language).model_dump()
    assert all(own.values())
    assert all(own[name].count("{}") == english[name].count("{}") for name in english)
    assert language == "en" or not set(own.values()) & set(english.values())


def test_a_locale_without_sentences_of_its_own_gets_english_ones() -> None:
    assert [language_of(locale) for locale in ("pt-BR", "zh_Hans", "DE", "fi")] == ["pt", "zh", "de", "en"]
