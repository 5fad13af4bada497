"""Ask a running sidecar questions over HTTP, and keep all that came for each."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from backend.tests.live import Json, native_events, question_request, simple_events
from booklight.evaluation.questions import Question

PATIENCE = 1_800.0


@dataclass(frozen=True)
class Asked:
    """A question, and the events of its answer."""

    question: Question
    events: list[Json]

    @property
    def text(self) -> str:
        """The answer as it is kept."""
        return "\n\n".join(part["text"] for part in self._parts)

    @property
    def urls(self) -> list[str]:
        """Where the answer's citations lead."""
        return [note["source"]["url"] for part in self._parts for note in part["annotations"]]

    @property
    def notices(self) -> list[str]:
        """What was said above the answer."""
        return [event["message"] for event in self.events if event["type"] == "notice"]

    @property
    def searched_first(self) -> bool:
        """Whether a search was told of before the answer began."""
        types = [event["type"] for event in self.events]
        return "progress_update" in types[: types.index("thread.item.added")]

    def _items(self, kind: str) -> Iterator[Json]:
        done = (event["item"] for event in self.events if event["type"] == "thread.item.done")
        return (item for item in done if item["type"] == kind)

    @property
    def _parts(self) -> list[Json]:
        return [part for item in self._items("assistant_message") for part in item["content"]]


def ask(address: str, question: Question) -> Asked:
    """Ask in the native dialect, as a new reader."""
    return Asked(question, native_events(_answer(address, question_request(question.question))))


def ask_simply(address: str, question: str) -> list[tuple[str, Json]]:
    """Ask in the simple dialect and return its events."""
    return simple_events(_answer(address, {"query": question}))


def _answer(address: str, body: Json) -> str:
    response = httpx.post(f"{address}/assistant/chatkit", json=body, timeout=PATIENCE)
    assert response.status_code == httpx.codes.OK, response.text
    return response.text
