"""One file as it is being parsed: what the rules share, what they could not make sense of, how far they may look."""

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from markdown_it.rules_block import StateBlock

from booklight_ingest.mdx.components import ELEMENTS
from booklight_ingest.mdx.scanner import CLOSING_TAG

KEY, LINE = "mdx", "line"
LOOK_AHEAD = 4
ALLOWANCE = 1_000_000
MAX_PROBLEMS = 1_000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a source that was not understood and was kept as text, or left out. `line` counts from 1."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(slots=True)
class Source:
    """The text of a file, the tags that may open in it, and what is left to spend on vain searches.

    A tag may open if it is HTML or is closed somewhere.

    A search for a closing bracket that is not there looks at the whole rest of the file. A real page has few of them;
    a hostile one has thousands, so their sum is limited, and beyond it brackets are text.
    """

    file: Path
    text: str
    format: Literal["mdx", "md"] = "mdx"
    problems: list[Problem] = field(default_factory=list)
    closed: frozenset[str] = field(init=False)
    budget: int = field(init=False)
    _noted: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.closed = ELEMENTS.union(match[1] or "" for match in CLOSING_TAG.finditer(self.text))
        self.budget = LOOK_AHEAD * len(self.text) + ALLOWANCE

    def scan(self, scanner: Callable[[str, int, int], T | None], text: str, start: int, stop: int) -> T | None:
        """Run `scanner` while there is something left to spend."""
        found = scanner(text, start, stop) if self.budget > 0 else None
        if found is None:
            self.budget -= stop - start
        return found

    def note(self, excerpt: str, message: str, line: int = 0) -> None:
        """Keep a problem for the report, where `excerpt` stands: at the first place from `line` on (counted from 0)
        that has not been noted yet."""
        start = self._noted.get(excerpt, -1) + 1
        for _ in range(line - self.text.count("\n", 0, start)):
            start = self.text.find("\n", start) + 1
        place = self.text.find(excerpt, start)
        if place >= 0 and len(self.problems) < MAX_PROBLEMS:
            self._noted[excerpt] = place
            line = self.text.count("\n", 0, place) + 1
            self.problems.append(Problem(self.file, line, f"{excerpt}: {message}"))


def source_of(env: MutableMapping[str, Any]) -> Source:
    """Return the source that is being parsed."""
    source: Source = env[KEY]
    return source


def line_at(state: StateBlock, line: int, position: int) -> int:
    """Return the line that `position` lies in, looking from `line` on."""
    while line + 1 < state.lineMax and state.eMarks[line] < position:
        line += 1
    return line
