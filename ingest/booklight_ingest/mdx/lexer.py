"""The words, numbers, strings and marks of JavaScript."""

import re
from contextlib import suppress

SPACE = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
WORD = re.compile(r"[A-Za-z_$][\w$]*")
STRING = re.compile(r"'((?:\\.|[^'\\\n])*)'|\"((?:\\.|[^\"\\\n])*)\"", re.DOTALL)
TEMPLATE_TEXT = re.compile(r"(?:\\.|\$(?!\{)|[^`\\$])*", re.DOTALL)
ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\r?\n|(.))", re.DOTALL)
ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


class NotPlain(Exception):
    """The expression is more than plain data, or more than is read of JavaScript."""


class Lexer:
    """Where the reading of `source` stands. What is not there raises NotPlain."""

    def __init__(self, source: str, pos: int = 0) -> None:
        self.source, self.pos = source, pos

    def peek(self, size: int = 1) -> str:
        """Return the next characters, past spaces and comments; empty at the end."""
        if space := SPACE.match(self.source, self.pos):
            self.pos = space.end()
        return self.source[self.pos : self.pos + size]

    def take(self, mark: str) -> bool:
        """Go past `mark` if it comes next."""
        found = self.peek(len(mark)) == mark
        self.pos += len(mark) if found else 0
        return found

    def expect(self, mark: str) -> None:
        """Go past `mark`."""
        if not self.take(mark):
            raise NotPlain(self.source)

    def match(self, pattern: re.Pattern[str]) -> str:
        """Go past what `pattern` matches, and return it."""
        self.peek()
        found = pattern.match(self.source, self.pos)
        if not found:
            raise NotPlain(self.source)
        self.pos = found.end()
        return found[0]

    def string(self) -> str:
        """Read a string in quotation marks."""
        return _unescape(self.match(STRING)[1:-1])

    def template_text(self) -> str:
        """Read the text of a template up to what ends or interrupts it."""
        found = TEMPLATE_TEXT.match(self.source, self.pos)
        self.pos = found.end() if found else self.pos
        return _unescape(found[0]) if found else ""

    def number(self) -> int | float | None:
        """Read a number, if one comes next."""
        with suppress(NotPlain):
            digits = self.match(NUMBER).replace("_", "")
            if digits[:2] in {"0x", "0X"}:
                return int(digits, 16)
            return int(digits) if digits.isdigit() else float(digits)
        return None


def is_comment(source: str) -> bool:
    """Whether an expression holds nothing but comments."""
    return not Lexer(source).peek()


def _unescape(text: str) -> str:
    return ESCAPE.sub(_unescape_one, text) if "\\" in text else text


def _unescape_one(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else "\ufffd"
    return ESCAPED.get(match[4], match[4]) if match[4] else ""
