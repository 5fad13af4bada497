r"""Marks: how a model cites. `[^2]` after a claim means that the claim rests on the passage labelled 2.

A model cites by number because numbers survive paraphrase; readers need links. `MarkReader` takes an answer in pieces
of any size and gives back its text without marks, and where each mark stood. The same text gives the same result
however it is cut. A mark in inline code or in a fence is code (`[^a-z]`), and is left alone; several labels may share
a mark (`[^1, ^2]`, `[^1-3]`); the blanks before a mark go with it, and what is around it alone: emphasis, brackets,
`(see …)`, an address behind it. Of a language model other forms are read too: `[1]`, `【1†…】`, `<sup>1</sup>`, and
`(1)` at the end of a sentence, of labels that were handed out. A footnote definition (`[^1]: …` on a line of its own)
goes whole, as it is the model's own list of sources, unless the answer is nothing else: then it is its text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass


def _list_of(label: str) -> str:
    return rf"[ \t]?{label}(?:[ \t]?[-–,;][ \t]?\^?\d{{1,4}}\^?){{0,9}}[ \t]?"


def _begun(literal: str) -> str:
    """Return a pattern of what may be the beginning of `literal`."""
    pattern = ""
    for character in reversed(literal):
        pattern = rf"(?:{re.escape(character)}{pattern})?"
    return pattern


_CARET = r"\[" + _list_of(r"\^\d{1,4}\^?") + r"\]"
_BRACKET = r"\[" + _list_of(r"\d{1,2}") + r"\]"
_LENTICULAR = "【" + _list_of(r"\^?\d{1,3}") + r"(?:†[^】\n]*)?】"
_SUPERSCRIPT = r"<sup>\[?" + _list_of(r"\^?\d{1,2}") + r"\]?</sup>"
_ADDRESS = r"(?:\(https?://[^\s()]*\))?"
_SEE = ("see", "source", "source:", "cf.", "siehe")


def _marks(core: str) -> re.Pattern[str]:
    """Return what one mark or several may look like, with what is around them alone."""
    one = rf"(?:{core}){_ADDRESS}"
    run = rf"{one}(?:[ \t,;]{{0,2}}{one})*"
    see = "|".join(map(re.escape, _SEE))
    return re.compile(
        rf"[ \t]*(?:\*\*{run}\*\*|\*{run}\*|\((?:(?:{see})[ \t])?{run}\)|\[{run}\]|(?P<plain>{core}){_ADDRESS})"
    )


_STRICT = _marks(_CARET)
_LOOSE = _marks("|".join((_CARET, _BRACKET, _LENTICULAR, _SUPERSCRIPT)))
_NUMBERED = re.compile(r"[ \t]*\((\d{1,2})\)")
_SENTENCE_ENDS = frozenset(".!?。！？")
_BEGINNINGS = "|".join([*map(_begun, _SEE), _begun("<sup>"), _begun("</sup>"), r"\(" + _begun("https://")])
_SEE_AND_BLANK = "(?:" + "|".join(map(re.escape, _SEE)) + r")[ \t]"
_BEGUN = re.compile(
    r"[ \t]*(?:(?:[*(\[【]|<sup>)"
    r"(?:[\^\d,;\-– \t*\[\]()【】]|†[^】\n]*】|</?sup>|\(https?://[^\s()]*\)|" + _SEE_AND_BLANK + ")*"
    "(?:" + _BEGINNINGS + r"|\(https?://[^\s()]*|†[^】\n]*)"
    "|" + _begun("<sup>") + r")\Z"
)
_BLANKS_AND_OPENING = re.compile(r"[ \t]*[*(\[【<]?")
_ADDRESSES = re.compile(r"\(https?://[^\s()]*\)")
_RANGE = re.compile(r"(\d+)[ \t]?\^?[ \t]?(?:[-–][ \t]?\^?(\d+))?")
_PLAIN = re.compile(r"[^\\`*(\[【<\n \t]+(?:[ \t]+[^\\`*(\[【<\n \t]+)*")
_TICKS = re.compile(r"`+")
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
_LINE_OPENING = r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?"
_FENCE = re.compile(rf"{_LINE_OPENING}(`{{3,}}(?=[^`\n]*\n)|~{{3,}}(?=[^\n]*\n))[^\n]*\n")
_FENCE_BEGUN = re.compile(r"[ \t>*+\-\d.)]*(?:`{0,2}|`{3,}[^`\n]*|~{0,2}|~{3,}[^\n]*)\Z")
_FENCE_END = re.compile(r"[ \t>]*(`{3,}|~{3,})[ \t]*(?:\n|\Z|(?=\[[ \t]?\^|【|<sup>))")
_FENCE_END_BEGUN = re.compile(r"[ \t>]*[`~]*[ \t]*(?:\[[ \t]?|<s?u?p?)?\Z")
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
    """Reads one text; `read` takes its pieces in order and `finish` gives back what was still held.

    `known` says how many labels were handed out, and that a language model writes: its other forms are read too.
    """

    def __init__(self, known: Callable[[], int] | None = None) -> None:
        self._known = known
        self._form = _STRICT if known is None else _LOOSE
        self._held = ""
        self._length = 0
        self._line_start = True
        self._fence: str | None = None
        self._in_definition = False
        self._defined: tuple[int, ...] = ()
        self._skips_blanks = False
        self._only_definitions = True
        self._last = ""
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
        if final:
            self._end_definition()
        return Piece("".join(self._out), tuple(self._marks))

    def _step(self, text: str, place: int, final: bool) -> int:
        """Take one token off `text` at `place` and return where it ends, or `place` while that is uncertain."""
        if self._in_definition:
            return self._skip_definition(text, place)
        if self._skips_blanks:
            self._skips_blanks = text[place] in " \t"
            if self._skips_blanks:
                return place + 1
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
            case "[" | "(" | "*" | "【" | "<" | " " | "\t":
                return self._read_mark(text, place, final)
            case "\n":
                self._end_definition()
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
        mark = self._form.match(text, place) or self._read_number(text, place)
        if not final and (_BEGUN.match(text, place) or (mark is not None and mark.end() == len(text))):
            return place
        if mark is None or not self._is_mark(mark, text):
            token = _BLANKS_AND_OPENING.match(text, place)
            return self._release(text, place, max(token.end() if token else 0, place + 1))
        return self._take_mark(mark, text)

    def _read_number(self, text: str, place: int) -> re.Match[str] | None:
        """Return `(1)` if it may be a mark: behind a sentence, or behind its last word."""
        found = _NUMBERED.match(text, place) if self._known is not None else None
        if found is None or self._last in _SENTENCE_ENDS:
            return found if self._last else None
        blanks = found[0].startswith((" ", "\t"))
        return found if blanks and text[found.end() : found.end() + 1] in _SENTENCE_ENDS else None

    def _is_mark(self, mark: re.Match[str], text: str) -> bool:
        """Say whether what looks like a mark is one; a number without a caret has to be a label, and no index."""
        if "^" in mark[0] or self._known is None:
            return True
        known, bare = self._known(), mark[0].lstrip()
        if not all(1 <= label <= known for label in _labels(mark[0])):
            return False
        if not bare.startswith("["):
            return True
        index = bare == mark[0] and (self._last.isalnum() or self._last in ")]\"'")
        return not index and not text.startswith("(", mark.end())

    def _take_mark(self, mark: re.Match[str], text: str) -> int:
        after, labels = mark.end(), _labels(mark[0])
        following = text[after : after + 1]
        if self._line_start and following == ":" and "^" in mark[0]:
            if not self._only_definitions:
                self._in_definition = True
                return after
            self._defined, self._skips_blanks, self._line_start = labels, True, False
            return after + 1
        blanks = mark[0][: len(mark[0]) - len(mark[0].lstrip(" \t"))]
        if blanks and following.isalnum() and not self._line_start:
            self._put(blanks)
        for label in labels:
            self._add_mark(Mark(label, self._length))
        return after + 1 if self._line_start and following == " " else after

    def _end_definition(self) -> None:
        """Cite a definition that is the answer itself, at the end of its line."""
        for label in self._defined:
            self._add_mark(Mark(label, self._length))
        self._defined = ()

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
        if not self._defined and not released.isspace():
            self._only_definitions = False
        self._put(released)
        self._line_start = released.endswith("\n")
        return end

    def _put(self, text: str) -> None:
        self._out.append(text)
        self._length += len(text)
        self._last = text.rstrip(" \t")[-1:] or self._last


def read_marks(text: str, known: Callable[[], int] | None = None) -> Piece:
    """Return the whole of `text` without its marks, and the marks."""
    reader = MarkReader(known)
    first, rest = reader.read(text), reader.finish()
    return Piece(first.text + rest.text, first.marks + rest.marks)


def _labels(mark: str) -> tuple[int, ...]:
    """Return the labels of a mark, ranges counted out."""
    labels: list[int] = []
    for first, last in _RANGE.findall(_ADDRESSES.sub("", mark).partition("†")[0]):
        labels.extend(range(int(first), min(int(last), int(first) + 9) + 1) if last else [int(first)])
    return tuple(dict.fromkeys(labels))


def defuse_footnotes(text: str) -> str:
    """Return a passage with the book's own footnote marks told apart from ours: `[^1]` becomes `[note 1]`."""
    return _CODE_OR_FOOTNOTE.sub(lambda found: found["code"] or f"[note {found['name']}]", text)
