"""Find where a JSX tag or a braced expression ends: balanced braces, strings, template literals, comments.

Every function takes the text and a range, and returns None where the text is not what it looks for. None raises,
none recurses, and each looks at a character a bounded number of times.
"""

import re
from dataclasses import dataclass
from typing import Literal

NAME = re.compile(r"[A-Za-z_$][\w$.:-]*")
SPACE = re.compile(r"\s*")
UNQUOTED = re.compile(r"[^\s\"'=<>`{}]+")
CLOSING_TAG = re.compile(r"</\s*([A-Za-z_$][\w$.:-]*)?\s*>")
# `//` after a colon is an address in JSX text, not a comment.
IN_CODE = re.compile(r"(?<!:)//[^\n]*|/\*|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|[`{}]")
IN_STATEMENT = re.compile(IN_CODE.pattern + r"|[()\[\]\n]")
IN_TEMPLATE = re.compile(r"\\.|`|\$\{", re.DOTALL)
MARK = re.compile(r"[<{]")
OPENERS = {"`": "`", "}": "{", ")": "(", "]": "["}
VOID_ELEMENTS = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)


@dataclass(frozen=True, slots=True)
class Expression:
    """The JavaScript between two braces, as written."""

    source: str


Attribute = str | Expression | Literal[True]


@dataclass(frozen=True, slots=True)
class Tag:
    """One JSX tag: its opening, its closing, or both in one (`void`). A fragment has an empty name."""

    name: str
    kind: Literal["open", "close", "void"]
    attributes: dict[str, Attribute]

    def text_of(self, attribute: str) -> str | None:
        """Return the value of `attribute` if it was written as a plain string."""
        value = self.attributes.get(attribute)
        return value if isinstance(value, str) else None


def scan_braces(text: str, start: int, stop: int) -> int | None:
    """Return the end of the braced expression that opens at `start`, past its closing brace."""
    if not text.startswith("{", start):
        return None
    inside = ["{"]
    pos = start + 1
    while match := (IN_TEMPLATE if inside[-1] == "`" else IN_CODE).search(text, pos, stop):
        pos, mark = match.end(), match[0]
        if mark == "/*":
            pos = text.find("*/", pos, stop) + 2
            if pos == 1:
                return None
        elif mark in OPENERS and OPENERS[mark] == inside[-1]:
            inside.pop()
            if not inside:
                return pos
        elif mark in {"{", "${", "`"}:
            inside.append(mark[-1])
    return None


def scan_statement(text: str, start: int, stop: int) -> int | None:
    """Return the end of the line that ends the JavaScript statement at `start`: brackets closed, nothing missing."""
    inside: list[str] = []
    pos = start
    while match := (IN_TEMPLATE if inside[-1:] == ["`"] else IN_STATEMENT).search(text, pos, stop):
        pos, mark = match.end(), match[0]
        if mark == "/*":
            pos = text.find("*/", pos, stop) + 2
            if pos == 1:
                return None
        elif mark == "\n" and not inside and not _goes_on(text, match.start()):
            return match.start()
        elif mark in "`})]" and inside and inside[-1] == OPENERS[mark]:
            inside.pop()
        elif mark in {"{", "(", "[", "${", "`"}:
            inside.append(mark[-1])
    return None if inside else stop


def scan_tag(text: str, start: int, stop: int) -> tuple[Tag, int] | None:
    """Return the tag that opens at `start` and the position past it."""
    if not text.startswith("<", start):
        return None
    if match := CLOSING_TAG.match(text, start, stop):
        return Tag(match[1] or "", "close", {}), match.end()
    if text.startswith("<>", start) and start + 2 <= stop:
        return Tag("", "open", {}), start + 2
    name = NAME.match(text, start + 1, stop)
    return _scan_attributes(name[0], text, name.end(), stop) if name else None


def scan_comment(text: str, start: int, stop: int) -> int | None:
    """Return the end of the HTML comment that opens at `start`."""
    if not text.startswith("<!--", start):
        return None
    end = text.find("-->", start + 4, stop)
    return None if end < 0 else end + 3


def scan_element(text: str, start: int, stop: int) -> int | None:
    """Return the end of the JSX element that opens at `start`, past the tag that closes it."""
    depth, pos = 0, start
    while 0 <= pos < stop:
        if text[pos] == "{":
            end = scan_braces(text, pos, stop)
        else:
            found = scan_tag(text, pos, stop)
            end = found[1] if found else None
            depth += {"open": 1, "close": -1, "void": 0}[found[0].kind] if found else 0
        if end is None:
            return None
        if depth <= 0:
            return end
        pos = _next_mark(text, end, stop)
    return None


def _goes_on(text: str, newline: int) -> bool:
    """Whether a statement goes on past the end of this line: an operator ends it, or leads the next."""
    return text[newline - 1] in "=,+-*%&|?:(<" or text[newline + 1 : newline + 2] in {
        " ",
        "\t",
        ".",
        "?",
        ":",
        "&",
        "|",
    }


def _next_mark(text: str, pos: int, stop: int) -> int:
    match = MARK.search(text, pos, stop)
    return match.start() if match else -1


def _scan_attributes(name: str, text: str, pos: int, stop: int) -> tuple[Tag, int] | None:
    attributes: dict[str, Attribute] = {}
    while True:
        after = _skip_space(text, pos, stop)
        if text.startswith("/>", after) and after + 2 <= stop:
            return Tag(name, "void", attributes), after + 2
        if text.startswith(">", after) and after < stop:
            return Tag(name, "void" if name in VOID_ELEMENTS else "open", attributes), after + 1
        if text.startswith("{", after):
            end = scan_braces(text, after, stop)
        elif (key := NAME.match(text, after, stop)) and after > pos:
            value = _scan_value(text, key.end(), stop)
            end = value[1] if value else None
            if value:
                attributes[key[0]] = value[0]
        else:
            return None
        if end is None:
            return None
        pos = end


def _scan_value(text: str, pos: int, stop: int) -> tuple[Attribute, int] | None:
    equals = _skip_space(text, pos, stop)
    if not text.startswith("=", equals) or equals >= stop:
        return True, pos
    start = _skip_space(text, equals + 1, stop)
    if start >= stop:
        return None
    if text[start] == "{":
        end = scan_braces(text, start, stop)
        return None if end is None else (Expression(text[start + 1 : end - 1]), end)
    if text[start] in "'\"":
        end = text.find(text[start], start + 1, stop)
        return None if end < 0 else (text[start + 1 : end], end + 1)
    bare = UNQUOTED.match(text, start, stop)
    return (bare[0], bare.end()) if bare else None


def _skip_space(text: str, pos: int, stop: int) -> int:
    match = SPACE.match(text, pos, stop)
    return match.end() if match else pos
