"""What the test of a fault saw: a row of the handbook's table, in the words that came back in the run."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from backend.tests.live import Json

HANDBOOK = Path(__file__).resolve().parents[3] / "book/docs/_faults.mdx"
HEADER = ("| Fault | What the reader sees | What is kept |", "| --- | --- | --- |")
RECORDING = pytest.StashKey[bool]()
"""Set while the handbook's tables are written anew: then rows are kept."""
SHOWN = 60
"""An answer of up to so many characters is quoted."""

_MARKUP = str.maketrans({character: f"\\{character}" for character in "\\|<>{}[]*_`"})


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. `group` is the heading its table stands under."""

    group: str
    fault: str
    sees: str
    keeps: str

    def __str__(self) -> str:
        return f"| {_cell(self.fault)} | {_cell(self.sees)} | {_cell(self.keeps)} |"


class Witness:
    """Takes down what a reader sees of `fault`, in order, and what is kept."""

    def __init__(self, group: str, fault: str) -> None:
        self._group, self._fault = group, fault
        self._seen: list[str] = []
        self._kept: list[str] = []

    def sees(self, answer: httpx.Response | Sequence[Json], *, then: str = "") -> None:
        """Note an answer, whole or as its events; `then` says when it came, if not at once."""
        said = _refusal(answer) if isinstance(answer, httpx.Response) else _events(answer)
        self._seen.append(f"{then}: {said}" if then else said)

    def notes(self, what: str) -> None:
        """Note something else that the test has shown of what the reader sees."""
        self._seen.append(what)

    def keeps(self, kept: Iterable[Json] | str) -> None:
        """Note the items that a conversation still holds, or in words what else the test has shown to be kept."""
        self._kept.append(kept if isinstance(kept, str) else _items(list(kept)))

    def row(self) -> Row:
        """Return the row. Fails where the test noted only half of it."""
        assert self._seen, f"{self._fault}: note what the reader sees"
        assert self._kept, f"{self._fault}: note what is kept"
        return Row(self._group, self._fault, _sentences(self._seen), _sentences(self._kept))


def tables(rows: Sequence[Row]) -> str:
    """Return the handbook's tables, a heading over each, in the order of `rows`."""
    lines: list[str] = ["{/* Made by scripts/faults_table.py from a run of backend/tests/faults. */}"]
    for group in dict.fromkeys(row.group for row in rows):
        lines += ["", f"## {group}", "", *HEADER, *(str(row) for row in rows if row.group == group)]
    return "\n".join(lines) + "\n"


def handbook_rows() -> list[str]:
    """Return the rows that the handbook shows."""
    lines = HANDBOOK.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("| ") and line not in HEADER]


def _refusal(response: httpx.Response) -> str:
    return f"{response.status_code}, “{response.json()['error']['message']}”"


def _events(events: Sequence[Json]) -> str:
    """Return the messages of a stream and its answers, in order."""
    said = [text for event in events for text in _event(event)]
    return ", then ".join(said) or "nothing"


def _event(event: Json) -> list[str]:
    match event:
        case {"type": "error", "message": message, "allow_retry": retry}:
            return [f"“{message}”" + (" with a button to try again" if retry else "")]
        case {"type": "notice", "message": message}:
            return [f"“{message}”"]
        case {"type": "thread.item.done", "item": {"type": "assistant_message"} as item}:
            return [_quoted(item)]
    return []


def _items(items: Sequence[Json]) -> str:
    """Return what a conversation holds: the question and its answer, or how many of both."""
    counts = Counter(str(item["type"]) for item in items)
    if not items:
        return "nothing, as nothing was asked"
    if counts["user_message"] > 1:
        return f"{counts['user_message']} questions and {counts['assistant_message']} answers"
    shown = [item for item in items if item["type"] != "task"]
    return " and ".join(map(_item, shown)).replace(" and with", ", with")


def _item(item: Json) -> str:
    match item["type"]:
        case "user_message":
            return "the question"
        case "end_of_turn":
            return "with a mark that it is not whole"
        case _:
            return _quoted(item)


def _quoted(answer: Json) -> str:
    text = "".join(part["text"] for part in answer["content"]).strip()
    return f"the answer “{text}”" if len(text) <= SHOWN else "the answer"


def _sentences(parts: Sequence[str]) -> str:
    """Return `parts` as sentences; a quotation that ends in a full stop ends its sentence too."""
    ended = (part if part.endswith((".", ".”", "?”")) else f"{part}." for part in parts)
    return " ".join(f"{part[0].upper()}{part[1:]}" for part in ended)


def _cell(text: str) -> str:
    return " ".join(text.split()).translate(_MARKUP)
