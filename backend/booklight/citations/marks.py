r"""Marks: how a model cites. `[^2]` after a claim means that the claim rests on the passage labelled 2.

A model cites by number because numbers survive paraphrase; readers need links. `MarkReader` takes an answer in pieces
of any size and gives back its text without marks, and where each mark stood. The same text gives the same result
however it is cut. A mark in inline code or in a fence is code (`[^a-z]`), and is left alone; several labels may share
a mark (`[^1, ^2]`); the blanks before a mark go with it; a footnote definition (`[^1]: …` on a line of its own) goes
whole, as it is the model's own list of sources.
"""

import re
from dataclasses import dataclass

_MARK = re.compile(r"[ \t]*\[\^\d{1,4}(?:[ \t]?[,;][ \t]?\^?\d{1,4}){0,9}\]")
_MARK_BEGUN = re.compile(r"[ \t]*(?:\[(?:\^[\d,;^ \t]{0,80})?)?\Z")
_BLANKS_AND_BRACKET = re.compile(r"[ \t]*\[?")
_PLAIN = re.compile(r"[^\\`\[\n \t]+(?:[ \t]+[^\\`\[\n \t]+)*")
_TICKS = re.compile(r"`+")
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
_LINE_OPENING = r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?"
_FENCE = re.compile(rf"{_LINE_OPENING}(`{{3,}}(?=[^`\n]*\n)|~{{3,}}(?=[^\n]*\n))[^\n]*\n")
_FENCE_BEGUN = re.compile(r"[ \t>*+\-\d.)]*(?:`{0,2}|`{3,}[^`\n]*|~{0,2}|~{3,}[^\n]*)\Z")
_FENCE_END = re.compile(r"[ \t>]*(`{3,}|~{3,})[ \t]*(?:\n|\Z)")
_FENCE_END_BEGUN = re.compile(r"[ \t>]*[`~]*[ \t]*\Z")
_REST_OF_LINE = re.compile(r"[^\n]*\n?")
_CODE_OR_FOOTNOTE = re.compile(
    r"(?P<code>^[ \t>]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t>]*(?P=fence)|\Z)|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|\[\^(?P<name>[^\]\s]+)\]",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A label and where it stood: `index` counts the code points of the text before it, marks not counted."""

    label: int
    index: int


@dataclass(frozen=True, slots=True)
class Piece:
    """What can be said for certain after one more piece of the answer."""

    text: str
    marks: tuple[Mark, ...]


class MarkReader:
    """Reads one text; `read` takes its pieces in order and `finish` gives back what was still held."""

    def __init__(self) -> None:
        self._held = ""
        self._length = 0
        self._line_start = True
        self._fence: str | None = None
        self._in_definition = False
        self._out: list[str] = []
        self._marks: list[Mark] = []
        self._seen: set[Mark] = set()

    def read(self, text: str) -> Piece:
        """Return what is certain now; an unfinished mark, code span or line opening is held."""
        return self._advance(self._held + text, final=False)

    def finish(self) -> Piece:
        """Return the rest of the text, now that nothing follows."""
        return self._advance(self._held, final=True)

    def _advance(self, text: str, *, final: bool) -> Piece:
        self._out, self._marks = [], []
        place = 0
        while place < len(text):
            after = self._step(text, place, final)
            if after == place:
                break
            place = after
        self._held = text[place:]
        return Piece("".join(self._out), tuple(self._marks))

    def _step(self, text: str, place: int, final: bool) -> int:
        """Take one token off `text` at `place` and return where it ends, or `place` while that is uncertain."""
        if self._in_definition:
            return self._skip_definition(text, place)
        if self._fence is not None:
            return self._read_fenced_line(text, place, final)
        if self._line_start and not final and _FENCE_BEGUN.match(text, place):
            return place
        if self._line_start and (fence := _FENCE.match(text, place)):
            self._fence = fence[1]
            return self._release(text, place, fence.end())
        match text[place]:
            case "\\":
                return self._read_escape(text, place, final)
            case "`":
                return self._read_code(text, place, final)
            case "[" | " " | "\t":
                return self._read_mark(text, place, final)
            case "\n":
                return self._release(text, place, place + 1)
            case _:
                plain = _PLAIN.match(text, place)
                return self._release(text, place, plain.end() if plain else place + 1)

    def _read_fenced_line(self, text: str, place: int, final: bool) -> int:
        assert self._fence is not None
        if self._line_start:
            if not final and _FENCE_END_BEGUN.match(text, place):
                return place
            end = _FENCE_END.match(text, place)
            if end and end[1].startswith(self._fence):
                self._fence = None
                return self._release(text, place, end.end())
        line = _REST_OF_LINE.match(text, place)
        return self._release(text, place, line.end() if line else len(text))

    def _read_escape(self, text: str, place: int, final: bool) -> int:
        if place + 1 == len(text) and not final:
            return place
        return self._release(text, place, min(place + 2, len(text)))

    def _read_code(self, text: str, place: int, final: bool) -> int:
        """Read a code span; ticks that are never closed in their paragraph are text."""
        ticks = _TICKS.match(text, place)
        assert ticks is not None
        if ticks.end() == len(text) and not final:
            return place
        paragraph_end = _PARAGRAPH_END.search(text, ticks.end())
        limit = paragraph_end.start() if paragraph_end else len(text)
        for closing in _TICKS.finditer(text, ticks.end(), limit):
            if closing.end() == len(text) and not final:
                return place
            if len(closing[0]) == len(ticks[0]):
                return self._release(text, place, closing.end())
        return self._release(text, place, ticks.end()) if paragraph_end or final else place

    def _read_mark(self, text: str, place: int, final: bool) -> int:
        """Read blanks and a mark after them, if that is what it is."""
        mark = _MARK.match(text, place)
        if mark is None:
            if not final and _MARK_BEGUN.match(text, place):
                return place
            token = _BLANKS_AND_BRACKET.match(text, place)
            return self._release(text, place, token.end() if token else place + 1)
        if mark.end() == len(text) and not final:
            return place
        return self._take_mark(mark[0], text, mark.end())

    def _take_mark(self, mark: str, text: str, after: int) -> int:
        following = text[after : after + 1]
        if self._line_start and following == ":":
            self._in_definition = True
            return after
        blanks = mark[: mark.index("[")]
        if blanks and following.isalnum() and not self._line_start:
            self._put(blanks)
        for label in re.findall(r"\d+", mark):
            self._add_mark(Mark(int(label), self._length))
        return after + 1 if self._line_start and following == " " else after

    def _add_mark(self, mark: Mark) -> None:
        if mark not in self._seen:
            self._seen.add(mark)
            self._marks.append(mark)

    def _skip_definition(self, text: str, place: int) -> int:
        end = text.find("\n", place)
        self._in_definition = end < 0
        return len(text) if end < 0 else end + 1

    def _release(self, text: str, start: int, end: int) -> int:
        released = text[start:end]
        self._put(released)
        self._line_start = released.endswith("\n")
        return end

    def _put(self, text: str) -> None:
        self._out.append(text)
        self._length += len(text)


def read_marks(text: str) -> Piece:
    """Return the whole of `text` without its marks, and the marks."""
    reader = MarkReader()
    first, rest = reader.read(text), reader.finish()
    return Piece(first.text + rest.text, first.marks + rest.marks)


def defuse_footnotes(text: str) -> str:
    """Return a passage with the book's own footnote marks told apart from ours: `[^1]` becomes `[note 1]`."""
    return _CODE_OR_FOOTNOTE.sub(lambda found: found["code"] or f"[note {found['name']}]", text)
