"""Real models: the whole path over HTTP, in both wire formats, against a scripted server."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Any

import openai
import pytest
from agents import MaxTurnsExceeded
from agents.tracing import get_trace_provider
from chatkit.types import (
    Annotation,
    AssistantMessageItem,
    ThreadItem,
    ThreadItemDoneEvent,
    URLSource,
)
from pydantic import SecretStr

from backend.tests.scripted_model import ScriptedModel, serve_scripted_model
from backend.tests.small_book import HIVES, SmallSearch
from backend.tests.threads import THREAD, question
from booklight.assembly import connect_answering_model
from booklight.context import RequestContext
from booklight.contracts import PageContext, Selection
from booklight.extractive import ExtractiveModel
from booklight.llm.agent import build_reading_agent, load_instructions
from booklight.llm.first_search import FirstSearch
from booklight.llm.inputs import build_input
from booklight.llm.models import ConnectedModel, connect_model
from booklight.llm.notices import notices_of
from booklight.llm.prompt_blocks import unwrap
from booklight.llm.run import stream_run
from booklight.settings import Settings, SettingsError
from booklight.store.threads import SqlStore, open_store


@dataclass
class Book:
    """A book with a model, as a server would run it."""

    model: ConnectedModel
    store: SqlStore
    items: list[ThreadItem] = field(default_factory=list)
    progress: list[str] = field(default_factory=list)

    async def ask(self, text: str, context: RequestContext | None = None) -> AssistantMessageItem:
        """Ask in the one thread there is, and return the answer."""
        context = context or RequestContext(owner="reader")
        self.items.append(question(text, id=f"q{len(self.items)}"))
        inputs = await build_input(self.items, THREAD, context)
        context.turn.report_progress = self.progress.append
        agent = build_reading_agent(SmallSearch(), load_instructions(), takes_tools=self.model.takes_tools)
        first = FirstSearch(SmallSearch(), self.model.takes_tools, str)
        briefing = await first.find(inputs, context)
        run = stream_run(
            agent,
            first.brief(inputs, briefing, context),
            context,
            self.model.run_config,
            thread_id=THREAD.id,
            new_id=lambda kind: f"{kind}{len(self.items)}",
            absolute=lambda address: address,
            question=briefing.question,
        )
        async for event in run:
            if isinstance(event, ThreadItemDoneEvent):
                self.items.append(event.item)
        answer = self.items[-1]
        assert isinstance(answer, AssistantMessageItem)
        return answer


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with serve_scripted_model() as model:
        yield model


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await open_store(f"sqlite:///{tmp_path}/booklight.db")
    await opened.save_thread(THREAD, RequestContext(owner="reader"))
    yield opened
    await opened.close()


@pytest.fixture(params=["responses", "chat_completions"])
async def book(request: pytest.FixtureRequest, server: ScriptedModel, store: SqlStore) -> AsyncIterator[Book]:
    model = connect_model(settings(model_base_url=server.base_url, model_api=request.param))
    yield Book(model, store)
    await model.close()


def settings(**values: Any) -> Settings:
    return Settings(**({"model": "openai:meta/llama-3"} | values))


def text_of(answer: AssistantMessageItem) -> str:
    return "".join(part.text for part in answer.content)


def annotations_of(answer: AssistantMessageItem) -> list[Annotation]:
    return [annotation for part in answer.content for annotation in part.annotations]


async def test_an_answer_streams_in_with_its_citations(book: Book, server: ScriptedModel) -> None:
    answer = await book.ask("What is a waggle dance?")
    assert text_of(answer) == "In short: A waggle dance is a figure of eight that tells other bees where food is."
    (found,) = annotations_of(answer)
    assert isinstance(found.source, URLSource)
    assert (found.index, found.source.url) == (
        len(text_of(answer)),
        "https://bees.example/book/docs/dances#the-waggle-dance",
    )
    assert book.progress == ["Searching the book for “What is a waggle dance?”"]
    assert {request["model"] for request in server.requests} == {"meta/llama-3"}


async def test_a_second_turn_follows_the_first(book: Book, server: ScriptedModel) -> None:
    """ChatKit's own converter hands answers back in parts that Chat Completions refuses: a second turn fails."""
    first = await book.ask("What is a waggle dance?")
    second = await book.ask("How many eggs does the queen lay?")
    assert text_of(second).startswith("In short: The queen lays up to 2,000 eggs a day.")
    told = server.requests[-1]
    conversation = told.get("input") or told["messages"]
    assert text_of(first) in [item.get("content") for item in conversation]


async def test_the_page_and_the_selection_reach_the_model_as_the_readers_words(
    book: Book, server: ScriptedModel
) -> None:
    context = RequestContext(owner="reader", page=PageContext(path=HIVES), selections=(Selection(text="guard bees"),))
    await book.ask("Why smoke?", context)
    told = server.requests[0]
    (asked,) = [item for item in told.get("input") or told["messages"] if item["role"] == "user"]
    blocks, typed = unwrap(asked["content"] if isinstance(asked["content"], str) else asked["content"][0]["text"])
    assert [block.tag for block in blocks][:-2] == ["passage"] * (len(blocks) - 2)
    assert ([block.text for block in blocks[-2:]], typed) == (
        [f"path: {HIVES}", "guard bees"],
        "Question: Why smoke?",
    )


async def test_an_invented_mark_loses_its_link(book: Book, server: ScriptedModel) -> None:
    server.script("invented")
    answer = await book.ask("Surely?")
    assert (text_of(answer), annotations_of(answer)) == (f"{notices_of('en').caveat}\n\nThe book surely says so.", [])


async def test_a_models_own_citations_neither_break_the_answer_nor_lead_out_of_the_book(
    book: Book, server: ScriptedModel
) -> None:
    """ChatKit by itself cannot read a citation that a model streams, and gives an error in place of the answer."""
    server.script("annotated")
    answer = await book.ask("Surely?")
    assert (text_of(answer), annotations_of(answer)) == (f"{notices_of('en').caveat}\n\nThe web says so.", [])


@pytest.mark.parametrize("failure", ["429", "500"])
async def test_a_passing_failure_is_tried_again(book: Book, server: ScriptedModel, failure: Any) -> None:
    server.script(failure, failure)
    assert text_of(await book.ask("What is a waggle dance?")).startswith("In short:")
    assert len(server.requests) == 3


@pytest.mark.parametrize(("failure", "status"), [("429", 429), ("500", 500)])
async def test_a_lasting_failure_is_told(book: Book, server: ScriptedModel, failure: Any, status: int) -> None:
    server.script(failure, failure, failure)
    with pytest.raises(openai.APIStatusError) as caught:
        await book.ask("What is a waggle dance?")
    assert caught.value.status_code == status
    assert len(server.requests) == 3


async def test_a_cut_answer_is_not_tried_again(book: Book, server: ScriptedModel) -> None:
    server.script("cut")
    with pytest.raises(openai.APIConnectionError):
        await book.ask("What is a waggle dance?")
    assert len(server.requests) == 1


async def test_a_model_that_hangs_is_given_up(server: ScriptedModel, store: SqlStore) -> None:
    server.script("hang", "hang", "hang")
    model = connect_model(settings(model_base_url=server.base_url, model_silence_seconds=0.2))
    with pytest.raises(openai.APITimeoutError):
        await Book(model, store).ask("What is a waggle dance?")
    await model.close()


async def test_nonsense_arguments_are_mended(book: Book, server: ScriptedModel) -> None:
    server.script("nonsense", "nonsense")
    assert text_of(await book.ask("What is a waggle dance?")).startswith("In short:")


async def test_a_tool_loop_ends(book: Book, server: ScriptedModel) -> None:
    server.failures.extend(repeat("nonsense", 20))
    with pytest.raises(MaxTurnsExceeded):
        await book.ask("What is a waggle dance?")


async def test_a_server_that_is_not_there_is_told(store: SqlStore) -> None:
    with serve_scripted_model() as gone:
        model = connect_model(settings(model_base_url=gone.base_url))
    with pytest.raises(openai.APIConnectionError) as caught:
        await Book(model, store).ask("Hello?")
    assert not isinstance(caught.value, openai.APITimeoutError)
    await model.close()


async def test_a_server_is_reached_through_the_proxy_that_the_environment_names(
    server: ScriptedModel, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", server.base_url.removesuffix("/v1"))
    model = connect_model(settings(model_base_url="http://model.example/v1"))
    assert text_of(await Book(model, store).ask("What is a waggle dance?")).startswith("In short:")
    await model.close()


async def test_the_key_goes_only_where_it_belongs(server: ScriptedModel, store: SqlStore) -> None:
    openai_key, other_key = SecretStr("sk-openai"), SecretStr("sk-other")
    keyless = connect_model(settings(model_base_url=server.base_url, openai_api_key=openai_key))
    keyed = connect_model(settings(model_base_url=server.base_url, model_api_key=other_key))
    for model in (keyless, keyed):
        await Book(model, store).ask("What is a waggle dance?")
        await model.close()
    assert "Bearer sk-openai" not in server.keys
    assert server.keys[-1] == "Bearer sk-other"


def test_a_missing_key_stops_the_start_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(SettingsError, match="OPENAI_API_KEY is not set") as caught:
        connect_model(settings(model="openai:gpt-x"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"model": "extractive"}, "extractive"),
        ({"model": "openai:gpt-x", "openai_api_key": SecretStr("sk")}, "gpt-x"),
        ({"model": "openai:meta/llama-3", "model_base_url": "http://localhost:1/v1"}, "meta/llama-3"),
    ],
)
def test_the_public_name_of_a_model(values: dict[str, Any], name: str) -> None:
    assert connect_answering_model(settings(**values)).name == name


def test_the_default_needs_no_model() -> None:
    model = connect_answering_model(settings(model="extractive"))
    assert isinstance(model.model, ExtractiveModel)
    assert model.run_config.model is model.model


def test_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    model = connect_model(settings(model="openai:gpt-x"))
    assert model.run_config.tracing_disabled
    assert get_trace_provider().create_trace("turn").export() is None


def test_answers_are_traced_only_where_that_is_asked_for() -> None:
    model = connect_model(settings(model="openai:gpt-x", openai_api_key=SecretStr("sk-openai"), tracing=True))
    try:
        assert not model.run_config.tracing_disabled
        assert get_trace_provider().create_trace("turn").export() is not None
    finally:
        connect_answering_model(settings(model="extractive"))
    assert get_trace_provider().create_trace("turn").export() is None


def test_tracing_without_a_key_for_it_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(SettingsError, match="BOOKLIGHT_TRACING"):
        connect_model(settings(model_base_url="http://127.0.0.1:1", tracing=True))
    connect_answering_model(settings(model="extractive"))


def test_an_authors_instructions_can_replace_ours(tmp_path: Path) -> None:
    own = tmp_path / "own.md"
    own.write_text("Call search_book_content at most {max_searches} times.\n", encoding="utf-8")
    instructions = load_instructions(own, mode="replace", max_searches=2)(True)
    assert instructions == "Call search_book_content at most 2 times.\n"


def test_instructions_that_replace_ours_have_to_tell_of_the_search(tmp_path: Path) -> None:
    own = tmp_path / "own.md"
    own.write_text("Be kind.\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="search_book_content"):
        load_instructions(own, mode="replace")


def test_an_authors_instructions_come_after_ours(tmp_path: Path) -> None:
    extra = tmp_path / "extra.md"
    extra.write_text("Say hive, never beehive.\n", encoding="utf-8")
    for tools in (True, False):
        instructions = load_instructions(extra)(tools)
        assert instructions.startswith(load_instructions()(tools))
        assert instructions.endswith("Say hive, never beehive.\n")


def test_instructions_that_cannot_be_read_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="BOOKLIGHT_INSTRUCTIONS_PATH"):
        load_instructions(tmp_path / "missing.md")
