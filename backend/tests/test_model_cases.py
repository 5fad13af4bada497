"""What servers and models send, over HTTP, in both wire formats and both dialects: what readers get of it."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from backend.tests.live import UNLIMITED, Json, Live, answers, live_sidecar, simple_events, thread_of
from backend.tests.metric_samples import samples
from backend.tests.model_cases import INVENTED, SAID
from backend.tests.scripted_model import ScriptedModel, serve_scripted_model
from booklight.chat.answering import cut_notice
from booklight.llm.models import connect_model
from booklight.llm.notices import notices_of
from booklight.settings import Settings

SAID_BY_US = notices_of("en")
QUESTION = "Why light the smoker?"
FORMATS = ["responses", "chat_completions"]
QUOTED = "smoke hides the alarm scent"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Asked:
    """One question as it was answered, in both dialects."""

    events: list[Json]
    simple: list[tuple[str, Json]]
    items: list[Json]
    metrics: dict[str, float]
    requests: list[Json]

    @property
    def text(self) -> str:
        """What is kept of the answer."""
        return "\n".join(answers(self.items))

    @property
    def notices(self) -> list[str]:
        return [event["message"] for event in self.events if event["type"] == "notice"]

    @property
    def urls(self) -> list[str]:
        """Where the answer's citations lead."""
        parts = [item["content"][0] for item in self.items if item["type"] == "assistant_message"]
        return [note["source"]["url"] for part in parts for note in part["annotations"]]

    @property
    def kind(self) -> str | None:
        """What kind of answer the simple dialect says it is."""
        name, data = self.simple[-1]
        assert name == "done"
        kind: str | None = data["answer"]
        return kind

    @property
    def cut(self) -> bool:
        """Whether the answer is marked as not all there."""
        return any(item["type"] == "end_of_turn" for item in self.items)

    @property
    def failures(self) -> set[str]:
        """The error kinds that were counted."""
        failures = "booklight_turn_failures_total"
        return {name.split()[1] for name, count in self.metrics.items() if name.startswith(failures) and count > 0}


@dataclass(frozen=True)
class Served:
    """A sidecar with the small book, and the model that it asks."""

    live: Live
    server: ScriptedModel

    async def ask(self, case: str) -> Asked:
        """Ask in both dialects, of a model that sends `case`."""
        before = samples((await self.live.http.get("/metrics")).text)
        self.server.requests.clear()
        self.server.script(case)
        reader = await self.live.reader()
        events = await reader.ask(QUESTION)
        self.server.failures.clear()
        self.server.script(case)
        response = await self.live.http.post("/assistant/chatkit", json={"query": QUESTION})
        self.server.failures.clear()
        items = await reader.items(thread_of(events)) if "thread.created" in str(events) else []
        after = samples((await self.live.http.get("/metrics")).text)
        counted = {name: value - before.get(name, 0) for name, value in after.items()}
        return Asked(events, simple_events(response.text), items, counted, [*self.server.requests])


@asynccontextmanager
async def serve(wire_format: str, folder: Path, **settings: Any) -> AsyncIterator[Served]:
    """Serve the small book with a scripted model of its own."""
    with serve_scripted_model() as server:
        named: dict[str, Any] = {"model": "openai:m", "model_base_url": server.base_url, "model_api": wire_format}
        connected = connect_model(Settings(_env_file=None, **(named | settings)))
        database = f"sqlite:///{folder}/booklight.db"
        async with live_sidecar(connected, database, **(UNLIMITED | settings)) as live:
            yield Served(live, server)
        await connected.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def usual(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mapping[str, Served]]:
    """A sidecar for each wire format, whose settings are the default."""
    async with AsyncExitStack() as stack:
        yield {
            wire_format: await stack.enter_async_context(serve(wire_format, tmp_path_factory.mktemp(wire_format)))
            for wire_format in FORMATS
        }


def simple_text(asked: Asked) -> str:
    """Return the answer as the simple dialect brings it in the end."""
    return "\n".join(part["text"] for name, data in asked.simple if name == "item.done" for part in data["content"])


CLEAN = [
    *("think", "think-end", "think-field", "channels", "template", "whole", "parts", "bare", "echo", "page-echo"),
    "instructions-echo",
]
CALLS = [
    *("call-as-json", "call-in-fence", "call-in-tag", "call-as-python", "call-in-channel", "announced"),
    *("null-id", "empty-id", "no-id", "same-index", "no-index", "object-arguments", "fenced-arguments"),
    *("one-string", "query", "odd-scope", "four-queries", "other-name"),
]


@pytest.mark.parametrize("wire_format", FORMATS)
@pytest.mark.parametrize("case", CLEAN)
async def test_what_is_not_for_readers_is_left_out(case: str, wire_format: str, usual: Mapping[str, Served]) -> None:
    asked = await usual[wire_format].ask(case)
    assert (asked.text, simple_text(asked)) == (SAID, SAID)
    assert asked.urls == ["https://bees.example/book/docs/hives#using-a-smoker"]
    assert (asked.kind, asked.notices, asked.cut, asked.failures) == ("cited", [], False, set())
    assert "wants X" not in str(asked.events)
    assert len(asked.requests) == 2


@pytest.mark.parametrize("wire_format", FORMATS)
@pytest.mark.parametrize("case", CALLS)
async def test_a_call_is_made_however_it_is_written(case: str, wire_format: str, usual: Mapping[str, Served]) -> None:
    asked = await usual[wire_format].ask(case)
    assert asked.text.startswith("In short: Light the smoker")
    assert simple_text(asked) == asked.text
    assert (asked.kind, asked.notices, asked.failures) == ("cited", [], set())
    assert len(asked.requests) == 4
    assert "not understood" not in json.dumps(asked.requests)
    assert json.dumps(asked.requests[1]).count("<passage") > json.dumps(asked.requests[0]).count("<passage")


@pytest.mark.parametrize("wire_format", FORMATS)
@pytest.mark.parametrize("case", ["null-arguments", "empty-arguments", "nonsense"])
async def test_a_call_for_nothing_is_asked_again(case: str, wire_format: str, usual: Mapping[str, Served]) -> None:
    asked = await usual[wire_format].ask(case)
    assert "not understood" in json.dumps(asked.requests[1])
    assert asked.text.startswith("In short:")


@pytest.mark.parametrize("wire_format", FORMATS)
@pytest.mark.parametrize("case", ["uncited", "invented-label", "lost-not"])
async def test_what_no_passage_says_is_shown_as_that(case: str, wire_format: str, usual: Mapping[str, Served]) -> None:
    asked = await usual[wire_format].ask(case)
    assert asked.text.startswith(f"{SAID_BY_US.caveat}\n\n")
    assert INVENTED in asked.text or case == "lost-not"
    assert simple_text(asked) == asked.text
    assert asked.notices == [SAID_BY_US.unsupported]
    assert ("notice", {"level": "warning", "message": SAID_BY_US.unsupported}) in asked.simple
    assert "Using a smoker" in asked.text
    assert asked.urls[0].endswith("#using-a-smoker")
    assert asked.kind == "uncited"
    assert asked.metrics["booklight_answer_kinds_total uncited"] == 2
    streamed = "".join(event["update"].get("delta", "") for event in asked.events if "update" in event)
    assert streamed == asked.text


@pytest.mark.parametrize("wire_format", FORMATS)
async def test_a_sentence_of_the_book_is_cited_by_its_words(wire_format: str, usual: Mapping[str, Served]) -> None:
    asked = await usual[wire_format].ask("by-words")
    assert asked.text == "Light the smoker before you open a hive, because smoke hides the alarm scent."
    assert asked.urls == ["https://bees.example/book/docs/hives#using-a-smoker"]
    assert (asked.kind, asked.notices) == ("cited_by_words", [])


@pytest.mark.parametrize(("case", "kind"), [("declines", "not_covered"), ("thanks", None)])
async def test_what_states_nothing_needs_no_passage(case: str, kind: str | None, usual: Mapping[str, Served]) -> None:
    asked = await usual["chat_completions"].ask(case)
    assert (asked.notices, asked.urls, asked.kind) == ([], [], kind)


@pytest.mark.parametrize("wire_format", FORMATS)
@pytest.mark.parametrize(
    ("case", "kind", "ending"),
    [
        ("length", "cut_short", "length"),
        ("length-in-mark", "cut_short", "length"),
        ("filter", "cut_filtered", "content_filter"),
        ("no-finish", "cut_unfinished", "unfinished"),
        ("repetition", "cut_repetition", "repetition"),
    ],
)
async def test_an_answer_that_is_cut_is_kept_and_marked(
    case: str, kind: str, ending: Any, wire_format: str, usual: Mapping[str, Served]
) -> None:
    asked = await usual[wire_format].ask(case)
    assert asked.text.startswith(SAID)
    assert asked.text.count("Pump the smoker") < 10
    assert asked.urls[0].endswith("#using-a-smoker")
    assert (asked.cut, asked.kind, asked.failures) == (True, "cut", {kind})
    assert asked.events[-1]["message"] == cut_notice(ending, SAID_BY_US)
    assert asked.simple[-2][1]["message"] == cut_notice(ending, SAID_BY_US)
    assert "[^" not in asked.text.replace("pump.[^", "")


@pytest.mark.parametrize("wire_format", FORMATS)
@pytest.mark.parametrize(
    ("case", "kind", "notice"),
    [
        ("empty", "model_empty", SAID_BY_US.model_silent),
        ("blank", "model_empty", SAID_BY_US.model_silent),
        ("only-echo", "model_empty", SAID_BY_US.model_silent),
        ("only-thinks", "model_thought", SAID_BY_US.model_silent),
        ("html", "model_not_an_api", SAID_BY_US.model_silent),
        ("error-first", "model_error", SAID_BY_US.model_down),
        ("odd-shapes", "model_unreadable", SAID_BY_US.model_down),
        ("odd-parts", "model_unreadable", SAID_BY_US.model_down),
        ("not-json", "model_unreadable", SAID_BY_US.model_down),
        ("not-utf8", "model_unreadable", SAID_BY_US.model_down),
        ("deep", "model_unreadable", SAID_BY_US.model_down),
    ],
)
async def test_where_no_answer_comes_the_book_is_quoted(
    case: str, kind: str, notice: str, wire_format: str, usual: Mapping[str, Served]
) -> None:
    asked = await usual[wire_format].ask(case)
    assert QUOTED in asked.text
    assert asked.notices == [notice]
    assert next(name for name, _ in asked.simple if name in ("notice", "item.created")) == "notice"
    assert asked.failures == {kind}
    assert asked.metrics["booklight_answer_kinds_total stand_in"] == 2
    assert not asked.cut


@pytest.mark.parametrize("wire_format", FORMATS)
async def test_an_error_in_mid_answer_keeps_what_was_said(wire_format: str, usual: Mapping[str, Served]) -> None:
    asked = await usual[wire_format].ask("error-later")
    assert asked.text.startswith(SAID)
    assert (asked.cut, asked.kind, asked.failures) == (True, "cut", {"model_error"})


async def test_the_log_has_the_servers_code_and_not_its_words(
    usual: Mapping[str, Served], caplog: pytest.LogCaptureFixture
) -> None:
    await usual["chat_completions"].ask("error-first")
    told = "\n".join(record.getMessage() for record in caplog.records)
    assert "code=overloaded type=server_error" in told
    assert "Ada" not in told


@pytest.mark.parametrize("wire_format", FORMATS)
async def test_a_refusal_stays_the_models(wire_format: str, usual: Mapping[str, Served]) -> None:
    asked = await usual[wire_format].ask("refusal")
    assert asked.text == "I cannot help with that."
    assert (asked.notices, asked.kind, asked.failures, asked.cut) == ([], "refused", set(), False)


@pytest.mark.parametrize(
    ("refusing", "wire_format"),
    [
        ("max-tokens", "chat_completions"),
        ("no-tools", "chat_completions"),
        ("no-tools", "responses"),
        ("tool-flag", "chat_completions"),
        ("strict", "responses"),
        ("stream-options", "chat_completions"),
        ("temperature", "responses"),
    ],
)
async def test_what_a_server_does_not_take_is_left_out_from_then_on(
    refusing: str, wire_format: str, tmp_path: Path
) -> None:
    settings = {"temperature": 0.2, "tokens_per_day": 10**6, "max_output_tokens": 500}
    async with serve(wire_format, tmp_path, **settings) as served:
        served.server.refusing = refusing
        asked = await served.ask("none")
    assert asked.text.startswith("In short:")
    assert (asked.kind, asked.failures) == ("cited", set())
    assert len(asked.requests) == 3
    if refusing == "max-tokens":
        assert asked.requests[-1]["max_completion_tokens"] == 500


async def test_a_prompt_that_is_too_long_is_cut_to_the_context_that_the_server_tells(tmp_path: Path) -> None:
    async with serve("chat_completions", tmp_path) as served:
        reader = await served.live.reader()
        first = await reader.ask(QUESTION)
        await reader.ask("Bees? " * 800, thread_of(first))
        served.server.refusing = "context"
        events = await reader.ask(QUESTION, thread_of(first))
    assert "In short: Light the smoker" in str(events)
    assert not [event for event in events if event["type"] == "notice"]
    assert "Bees? Bees?" not in json.dumps(served.server.requests[-1])


async def test_without_tools_none_is_offered(tmp_path: Path) -> None:
    async with serve("chat_completions", tmp_path, tools="off") as served:
        asked = await served.ask("none")
    assert asked.text.startswith("In short:")
    assert [request for request in asked.requests if "tools" in request] == []
    assert "search_book_content" not in json.dumps(asked.requests)


@pytest.mark.parametrize("wire_format", FORMATS)
async def test_the_sections_are_shown_before_the_models_first_word(
    wire_format: str, usual: Mapping[str, Served]
) -> None:
    asked = await usual[wire_format].ask("none")
    types = [event["type"] for event in asked.events]
    found = next(event["item"] for event in asked.events if event.get("item", {}).get("type") == "task")
    assert types.index("progress_update") < types.index("thread.item.added")
    assert "Using a smoker" in [event["text"] for event in asked.events if event["type"] == "progress_update"][-1]
    assert found["task"]["sources"][0]["url"].endswith("#using-a-smoker")
    assert "task" in [item["type"] for item in asked.items]
    assert "task" not in str(asked.simple)


async def test_what_was_added_for_readers_is_not_sent_back(usual: Mapping[str, Served]) -> None:
    live, server = usual["chat_completions"].live, usual["chat_completions"].server
    reader = await live.reader()
    server.script("uncited")
    first = await reader.ask(QUESTION)
    await reader.ask("And then?", thread_of(first))
    said = [message["content"] for message in server.requests[-1]["messages"] if message["role"] == "assistant"]
    assert said == [INVENTED]


async def test_a_question_that_points_back_is_searched_for_with_the_one_it_points_to(
    usual: Mapping[str, Served],
) -> None:
    live, server = usual["chat_completions"].live, usual["chat_completions"].server
    server.requests.clear()
    reader = await live.reader()
    first = await reader.ask(QUESTION)
    second = await reader.ask("And why?", thread_of(first))
    assert "Light the smoker" in str(second)
    assert len(server.requests) == 2
