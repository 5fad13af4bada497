"""The syntax of the JavaScript that authors write between braces.

Only expressions are read. Statements, classes, regular expressions and whatever else a page may hold are `Program`s.
"""

import re
from collections.abc import Callable
from contextlib import suppress

from booklight_ingest.mdx.lexer import WORD, Lexer, NotPlain
from booklight_ingest.mdx.nodes import (
    Array,
    Arrow,
    Call,
    Chain,
    Condition,
    Element,
    Literal,
    Member,
    Name,
    Negation,
    Node,
    Object,
    Part,
    Pattern,
    Program,
    Template,
)
from booklight_ingest.mdx.scanner import scan_braces, scan_element

MAX_DEPTH = 40

OPERATOR = re.compile(r"===|!==|\|\||\?\?(?!=)|&&|[=!]=|[<>]=?|[-+*/%]")
ARROW_HEAD = re.compile(r"[A-Za-z_$][\w$]*\s*=>|\((?:[^()]|\([^()]*\))*\)\s*=>")
BODY_OF_ONE_RETURN = re.compile(r"\{\s*return\b")
PRECEDENCE = [("||", "??"), ("&&",), ("===", "!==", "==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%")]
RANK = {name: rank for rank, names in enumerate(PRECEDENCE) for name in names}
CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "undefined": None}


def parse_expression(source: str) -> Part:
    """Return what `source` says, all of it."""
    parser = _Parser(source)
    with suppress(NotPlain):
        part = parser.part()
        if not parser.peek():
            return part
    return Part(Program(), source.strip())


def parse_beginning(source: str) -> Node:
    """Return the expression that `source` begins with, whatever follows it. Raises NotPlain."""
    return _Parser(source).expression()


def parse_parameters(source: str, start: int) -> tuple[Pattern, ...]:
    """Return what the function takes whose parameters begin at `start`; nothing where that is not understood."""
    with suppress(NotPlain):
        return _Parser(source, start).parameters()
    return ()


class _Parser(Lexer):
    def __init__(self, source: str, pos: int = 0) -> None:
        super().__init__(source, pos)
        self.depth = 0

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotPlain(self.source)

    def part(self) -> Part:
        self.peek()
        start = self.pos
        return Part(self.expression(), self.source[start : self.pos].strip())

    def expression(self) -> Node:
        self.deeper()
        self.peek()
        if ARROW_HEAD.match(self.source, self.pos):
            node: Node = self.arrow()
        else:
            node = self.operation(0).node
            if self.take("?"):
                yes = self.expression()
                self.expect(":")
                node = Condition(node, yes, self.expression())
        self.depth -= 1
        return node

    def operation(self, least: int) -> Part:
        """Read operands and the operators between them that bind as closely as `least`, or more."""
        self.peek()
        start = self.pos
        part = Part(self.unary(), self.source[start : self.pos].strip())
        while (rank := self.rank()) >= least:
            rest: list[tuple[str, Part]] = []
            while self.rank() == rank:
                rest.append((self.match(OPERATOR), self.operation(rank + 1)))
            part = Part(Chain(part, tuple(rest)), self.source[start : self.pos].strip())
        return part

    def rank(self) -> int:
        mark = OPERATOR.match(self.source, self.pos) if self.peek() else None
        return RANK[mark[0]] if mark else -1

    def unary(self) -> Node:
        mark = self.peek()
        if not mark or mark not in "!-":
            return self.members(self.primary())
        self.deeper()
        self.pos += 1
        node = Negation(mark, self.unary())
        self.depth -= 1
        return node

    def members(self, node: Node) -> Node:
        links = 0
        while (mark := self.peek()) and (mark in ".[(" or self.peek(2) == "?."):
            links += 1
            if links > MAX_DEPTH:
                raise NotPlain(self.source)
            self.pos += 2 if mark == "?" else 1
            if mark == "(":
                node = Call(node, tuple(part.node for part in self.parts(")")))
            elif mark == "[":
                node = Member(node, self.expression())
                self.expect("]")
            elif self.peek() not in {"[", "("}:  # else it was `?.[` or `?.(`
                node = Member(node, Literal(self.match(WORD)))
        return node

    def parts(self, closing: str) -> list[Part]:
        parts: list[Part] = []
        while not self.take(closing):
            parts.append(self.part())
            if not self.take(",") and self.peek() != closing:
                raise NotPlain(self.source)
        return parts

    def primary(self) -> Node:
        mark = self.peek()
        if mark and mark in "'\"":
            return Literal(self.string())
        if mark and mark in "`<([{":
            kinds: dict[str, Callable[[], Node]] = {"`": self.template, "<": self.element, "(": self.group}
            return (kinds | {"[": self.array, "{": self.object})[mark]()
        if (number := self.number()) is not None:
            return Literal(number)
        name = self.match(WORD)
        return Literal(CONSTANTS[name]) if name in CONSTANTS else Name(name)

    def template(self) -> Template:
        self.expect("`")
        parts: list[str | Part] = [self.template_text()]
        while self.source.startswith("${", self.pos):
            self.pos += 2
            parts.append(self.part())
            self.expect("}")
            parts.append(self.template_text())
        self.expect("`")
        return Template(tuple(parts))

    def element(self) -> Element:
        end = scan_element(self.source, self.pos, len(self.source))
        if end is None:
            raise NotPlain(self.source)
        source, self.pos = self.source[self.pos : end], end
        return Element(source)

    def group(self) -> Node:
        self.expect("(")
        node = self.expression()
        self.expect(")")
        return node

    def array(self) -> Array:
        self.expect("[")
        return Array(tuple(self.parts("]")))

    def object(self) -> Object:
        self.expect("{")
        entries: list[tuple[str, Part]] = []
        while not self.take("}"):
            key = self.key()
            entries.append((key, self.part() if self.take(":") else Part(Name(key), key)))
            if not self.take(",") and self.peek() != "}":
                raise NotPlain(self.source)
        return Object(tuple(entries))

    def key(self) -> str:
        if self.peek() in {"'", '"'}:
            return self.string()
        number = self.number()
        return self.match(WORD) if number is None else str(number)

    def arrow(self) -> Arrow:
        parameters = self.parameters()
        self.expect("=>")
        self.peek()
        end = scan_braces(self.source, self.pos, len(self.source))
        return Arrow(parameters, self.part() if end is None else self.body(end))

    def body(self, end: int) -> Part:
        """Read a function's braces, which end at `end`, for the value they return."""
        start, depth = self.pos, self.depth
        part = Part(Program(), self.source[start:end])
        if returned := BODY_OF_ONE_RETURN.match(self.source, start):
            self.pos = returned.end()
            with suppress(NotPlain):
                value = self.part()
                self.take(";")
                part = value if self.take("}") and self.pos == end else part
        self.pos, self.depth = end, depth
        return part

    def parameters(self) -> tuple[Pattern, ...]:
        if not self.take("("):
            return (Pattern(self.match(WORD)),)
        return tuple(pattern for _, pattern in self.patterns(")"))

    def patterns(self, closing: str) -> list[tuple[str | int, Pattern]]:
        """Read parameters, or the members of an array or an object, each with its key."""
        found: list[tuple[str | int, Pattern]] = []
        while not self.take(closing):
            key: str | int = len(found)
            if closing == "}":
                self.take("...")
                key = self.key()
            pattern = Pattern(key) if isinstance(key, str) and not self.take(":") else self.pattern()
            default = self.part() if self.take("=") else None
            found.append((key, Pattern(pattern.name, pattern.members, default)))
            if not self.take(",") and self.peek() != closing:
                raise NotPlain(self.source)
        return found

    def pattern(self) -> Pattern:
        self.deeper()
        closing = {"{": "}", "[": "]"}.get(self.peek())
        self.pos += bool(closing)
        pattern = Pattern(members=tuple(self.patterns(closing))) if closing else Pattern(self.match(WORD))
        self.depth -= 1
        return pattern
