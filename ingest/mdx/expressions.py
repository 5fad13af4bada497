"""Evaluate the JavaScript that authors write between braces, as far as it is plain data.

Literals, exported constants, members, arithmetic, comparisons and conditions are worked out; a call, a function or an
unknown name is not, and raises NotPlain. No code is run.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ingest.mdx.scanner import scan_element

MAX_DEPTH = 40


class NotPlain(Exception):
    """The expression is more than plain data; its text is the source."""


@dataclass(frozen=True, slots=True)
class Markup:
    """JSX inside an expression, as written."""

    source: str


Value: TypeAlias = str | int | float | bool | Markup | list["Value"] | dict[str, "Value"] | None
Scope: TypeAlias = Mapping[str, Value]

SPACE = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
WORD = re.compile(r"[A-Za-z_$][\w$]*")
STRING = re.compile(r"'((?:\\.|[^'\\\n])*)'|\"((?:\\.|[^\"\\\n])*)\"", re.DOTALL)
TEMPLATE_PART = re.compile(r"(?:\\.|\$(?!\{)|[^`\\$])*", re.DOTALL)
ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\r?\n|(.))", re.DOTALL)
ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
OPERATOR = re.compile(r"===|!==|\|\||\?\?(?!=)|&&|[=!]=|[<>]=?|[-+*/%]")
CONSTANTS: Mapping[str, Value] = {"true": True, "false": False, "null": None, "undefined": None}
PRECEDENCE = [("||", "??"), ("&&",), ("===", "!==", "==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%")]
RANK = {name: rank for rank, names in enumerate(PRECEDENCE) for name in names}
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
CALCULATE: Mapping[str, Callable[[float, float], float]] = {
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}


def evaluate(source: str, scope: Scope) -> Value:
    """Return the value of `source`; names are looked up in `scope`. Raises NotPlain."""
    reader = _Reader(source, scope)
    value = reader.expression()
    if reader.peek():
        raise NotPlain(source)
    return value


def read_value(source: str, scope: Scope) -> Value:
    """Return the value that `source` assigns, whatever statement follows it. Raises NotPlain."""
    reader = _Reader(source, scope)
    value = reader.expression()
    if reader.peek(2) == "=>":
        raise NotPlain(source)
    return value


def to_text(value: Value) -> str:
    """Return `value` as JavaScript prints it on a page; what React does not show is empty."""
    if value is None or isinstance(value, bool | Markup | dict):
        return ""
    if isinstance(value, list):
        return "".join(map(to_text, value))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def is_comment(source: str) -> bool:
    """Whether an expression holds nothing but comments."""
    match = SPACE.match(source)
    return match is not None and match.end() == len(source)


class _Reader:
    def __init__(self, source: str, scope: Scope) -> None:
        self.source, self.scope, self.pos, self.depth = source, scope, 0, 0

    def peek(self, size: int = 1) -> str:
        if space := SPACE.match(self.source, self.pos):
            self.pos = space.end()
        return self.source[self.pos : self.pos + size]

    def take(self, mark: str) -> bool:
        found = self.peek(len(mark)) == mark
        self.pos += len(mark) if found else 0
        return found

    def expect(self, mark: str) -> None:
        if not self.take(mark):
            raise NotPlain(self.source)

    def expression(self) -> Value:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotPlain(self.source)
        value = self.binary(0)
        if self.take("?"):
            yes = self.expression()
            self.expect(":")
            no = self.expression()
            value = yes if value else no
        self.depth -= 1
        return value

    def binary(self, rank: int) -> Value:
        if rank == len(PRECEDENCE):
            return self.unary()
        value = self.binary(rank + 1)
        while self.peek() and (mark := OPERATOR.match(self.source, self.pos)) and RANK[mark[0]] == rank:
            self.pos = mark.end()
            value = self.combine(mark[0], value, self.binary(rank + 1))
        return value

    def combine(self, mark: str, left: Value, right: Value) -> Value:
        if mark in {"||", "&&"}:
            return (left or right) if mark == "||" else (left and right)
        if mark == "??":
            return right if left is None else left
        if mark[-1] == "=" and mark not in COMPARE:
            return (left == right) is (mark[0] == "=")
        if mark == "+" and (isinstance(left, str) or isinstance(right, str)):
            return to_text(left) + to_text(right)
        return self.calculate(mark, left, right)

    def calculate(self, mark: str, left: Value, right: Value) -> Value:
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            raise NotPlain(self.source)
        if mark in COMPARE:
            return COMPARE[mark](left, right)
        if mark in {"/", "%"} and right == 0:
            raise NotPlain(self.source)
        return left + right if mark == "+" else CALCULATE[mark](left, right)

    def unary(self) -> Value:
        mark = self.peek()
        if mark and mark in "!-":
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise NotPlain(self.source)
            self.pos += 1
            value = self.unary()
            self.depth -= 1
            return not value if mark == "!" else self.calculate("-", 0, value)
        return self.members(self.primary())

    def members(self, value: Value) -> Value:
        while mark := self.peek():
            if mark == "." or self.peek(2) == "?.":
                self.pos += 1 if mark == "." else 2
                value = self.member(value, self.word())
            elif mark == "[":
                self.pos += 1
                value = self.member(value, self.expression())
                self.expect("]")
            elif mark == "(":
                raise NotPlain(self.source)
            else:
                break
        return value

    def member(self, value: Value, key: Value) -> Value:
        if isinstance(value, dict) and isinstance(key, str):
            return value.get(key)
        if isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
            return value[key]
        if isinstance(value, list | str) and key == "length":
            return len(value)
        raise NotPlain(self.source)

    def word(self) -> str:
        self.peek()
        word = WORD.match(self.source, self.pos)
        if not word:
            raise NotPlain(self.source)
        self.pos = word.end()
        return word[0]

    def primary(self) -> Value:
        mark = self.peek()
        if mark and mark in "'\"":
            return self.string()
        if mark == "`":
            return self.template()
        if number := NUMBER.match(self.source, self.pos):
            self.pos = number.end()
            return _number(number[0])
        if mark and mark in "([{<":
            return {"(": self.group, "[": self.array, "{": self.object, "<": self.markup}[mark]()
        return self.known(self.word())

    def known(self, name: str) -> Value:
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name not in self.scope:
            raise NotPlain(self.source)
        return self.scope[name]

    def string(self) -> str:
        match = STRING.match(self.source, self.pos)
        if not match:
            raise NotPlain(self.source)
        self.pos = match.end()
        return _unescape(match[0][1:-1])

    def template(self) -> str:
        parts: list[str] = []
        self.pos += 1
        while match := TEMPLATE_PART.match(self.source, self.pos):
            parts.append(_unescape(match[0]))
            self.pos = match.end()
            if self.source.startswith("`", self.pos):
                self.pos += 1
                return "".join(parts)
            if not self.source.startswith("${", self.pos):
                break
            self.pos += 2
            parts.append(to_text(self.expression()))
            self.expect("}")
        raise NotPlain(self.source)

    def group(self) -> Value:
        self.pos += 1
        value = self.expression()
        self.expect(")")
        return value

    def array(self) -> Value:
        self.pos += 1
        items: list[Value] = []
        while not self.take("]"):
            items.append(self.expression())
            if not self.take(",") and self.peek() != "]":
                raise NotPlain(self.source)
        return items

    def object(self) -> Value:
        self.pos += 1
        entries: dict[str, Value] = {}
        while not self.take("}"):
            key = self.string() if self.peek() in {"'", '"'} else self.key()
            entries[key] = self.expression() if self.take(":") else self.known(key)
            if not self.take(",") and self.peek() != "}":
                raise NotPlain(self.source)
        return entries

    def key(self) -> str:
        if number := NUMBER.match(self.source, self.pos):
            self.pos = number.end()
            return number[0]
        return self.word()

    def markup(self) -> Value:
        end = scan_element(self.source, self.pos, len(self.source))
        if end is None:
            raise NotPlain(self.source)
        source, self.pos = self.source[self.pos : end], end
        return Markup(source)


def _number(digits: str) -> int | float:
    digits = digits.replace("_", "")
    if digits[:2] in {"0x", "0X"}:
        return int(digits, 16)
    return int(digits) if digits.isdigit() else float(digits)


def _unescape(text: str) -> str:
    return ESCAPE.sub(_unescape_one, text) if "\\" in text else text


def _unescape_one(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else "�"
    return ESCAPED.get(match[4], match[4]) if match[4] else ""
