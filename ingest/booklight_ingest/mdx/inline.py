"""The text of a paragraph as it grows: as CommonMark, as plain text, or untouched."""

import re
from typing import Literal

from rich.emoji import Emoji

PUNCTUATION = r"[!-/:-@\[-`{-~]"
ESCAPED = re.compile(
    rf"\\(?={PUNCTUATION}|\Z)|`|\*(?!\s)|(?<!\s)\*|(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?])|&(?=#?\w+;)|~~|\](?=[(\[])"
)
# Most text holds none of these, and looking for them is quicker than trying every alternative everywhere.
MAY_BE_ESCAPED = re.compile(r"[\\`*_<&~\]]")
LINE_START = re.compile(r"#{1,6}(?=\s|\Z)|[-+](?=\s|\Z)|>|[=-]+\s*\Z|\[(?=[^\]]*\]:)|\d{1,9}(?=[.)](?:\s|\Z))")
SHORTCODE = re.compile(r":[+-]?[\w-]+:")
SPACES = re.compile(" {2,}")
TICKS = re.compile(r"`+")
# A break in a line, as two spaces: a quotation of the text shows no mark for it.
BREAK = "  \n"


class Run:
    """What a paragraph says so far.

    `markdown` escapes what would be markup; `plain` drops the marks; `raw` keeps every space and line, as code needs.
    """

    def __init__(self, mode: Literal["markdown", "plain", "raw"] = "markdown") -> None:
        self.mode = mode
        self._spans: list[tuple[str, list[str]]] = [("", [])]
        self._after_picture = False

    @property
    def empty(self) -> bool:
        """Whether nothing has been added yet."""
        return len(self._spans) == 1 and not self._spans[0][1]

    def text(self, text: str) -> None:
        """Add what the reader sees as it is."""
        if self.mode == "raw" or self._spans[-1][0] == "`":
            return self.add(text)
        if ":" in text:
            text = SHORTCODE.sub(lambda code: Emoji.replace(code[0]), text)
        if self.mode == "markdown" and MAY_BE_ESCAPED.search(text):
            text = ESCAPED.sub(r"\\\g<0>", text)
        return self.add(text)

    def code(self, code: str) -> None:
        """Add inline code."""
        self.add(write_code(code) if self.mode == "markdown" else code)

    def add(self, markdown: str) -> None:
        """Add what is CommonMark already."""
        self._after_picture = False
        self._spans[-1][1].append(markdown)

    def picture(self, text: str) -> None:
        """Add what stands for a picture, apart from that of the picture before it."""
        if self._after_picture:
            self.add(" ")
        self.text(text)
        self._after_picture = bool(text)

    def line_break(self) -> None:
        """Add a break that the reader sees, unless nothing stands before it."""
        if not self.empty:
            self.add(BREAK if self.mode == "markdown" else "\n" if self.mode == "raw" else " ")

    def open(self, mark: str) -> None:
        """Begin a span that `mark` stands at both ends of."""
        self._spans.append((mark, []))

    def close(self) -> None:
        """End the span that was begun last."""
        if len(self._spans) > 1:
            mark, parts = self._spans.pop()
            self.add(_wrap(mark, "".join(parts)) if self.mode == "markdown" else "".join(parts))

    def take(self) -> str:
        """Return the text, and begin anew."""
        while len(self._spans) > 1:
            self.close()
        text = "".join(self._spans[0][1])
        self._spans = [("", [])]
        if self.mode == "raw":
            return text
        if self.mode == "plain":
            return " ".join(text.split())
        # Breaks at the end go with the spaces, and a line of nothing else would end the paragraph.
        lines = text.strip().split(BREAK)
        return BREAK.join(filter(None, (_tidy(" ".join(line.split("\n"))) for line in lines)))


def escape(text: str) -> str:
    """Return plain `text` as a paragraph of CommonMark."""
    run = Run()
    run.text(" ".join(text.split()))
    return run.take()


def write_code(code: str) -> str:
    """Return `code` between backticks that nothing in it can close."""
    if "`" not in code:
        return f"`{code}`" if code.strip() else code
    runs = {len(run) for run in TICKS.findall(code)}
    ticks = "`" * next(size for size in range(1, len(runs) + 2) if size not in runs)
    return f"{ticks} {code} {ticks}"


def _wrap(mark: str, text: str) -> str:
    inner = text.strip()
    if not mark or not inner:
        return text
    start = text.index(inner)
    wrapped = write_code(inner) if mark == "`" else f"{mark}{inner}{mark}"
    return f"{text[:start]}{wrapped}{text[start + len(inner) :]}"


def _tidy(line: str) -> str:
    """A line without needless spaces, its first characters escaped where they would begin a block."""
    line = line.strip()
    if "  " in line and "`" not in line:
        line = SPACES.sub(" ", line)
    start = LINE_START.match(line)
    if not start:
        return line
    return f"{start[0]}\\{line[start.end() :]}" if start[0].isdigit() else f"\\{line}"
