"""Evaluate the JavaScript that authors write between braces, as far as it is plain data.

Literals, exported constants, members, arithmetic, comparisons, conditions and lists made from lists are worked out;
whatever else is called or named is unknown. No code is run.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from booklight_ingest.mdx import nodes as js
from booklight_ingest.mdx.javascript import parse_beginning, parse_expression
from booklight_ingest.mdx.lexer import NotPlain
from booklight_ingest.mdx.methods import call_method, call_object, call_with
from booklight_ingest.mdx.values import Markup, Scope, Unknown, Value, is_true, to_string

MAX_STEPS = 100_000
MAX_TEXT = 1_000_000

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
CALCULATE: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}


def evaluate(source: str, scope: Scope) -> Value:
    """Return the value of `source`, Unknown if it is more than plain data; names are looked up in `scope`."""
    return evaluate_part(parse_expression(source), scope)


def evaluate_part(part: js.Part, scope: Scope) -> Value:
    """Return the value of a parsed expression, Unknown if it is more than plain data."""
    try:
        return _Evaluation().value(part.node, scope)
    except NotPlain:
        return Unknown(part, scope)


def read_value(source: str, scope: Scope) -> Value:
    """Return the value that `source` assigns, whatever statement follows it. Raises NotPlain."""
    return _Evaluation().value(parse_beginning(source), scope)


def bind(parameters: Sequence[js.Pattern], value: Value, scope: Scope) -> dict[str, Value]:
    """Return the names that a component's `parameters` give to its properties, None for those it was not given."""
    with suppress(NotPlain):
        return {name: known for one in parameters for name, known in _Evaluation().bind(one, value, scope).items()}
    return {}


class _Evaluation:
    """Evaluates one expression; one that takes too many steps is unknown."""

    def __init__(self) -> None:
        self.left = MAX_STEPS

    def part(self, part: js.Part, scope: Scope) -> Value:
        """Return the value of a member, which may be unknown alone."""
        try:
            return self.value(part.node, scope)
        except NotPlain:
            if self.left < 0:
                raise
            return Unknown(part, scope)

    def value(self, node: js.Node, scope: Scope) -> Value:
        self.left -= 1
        if self.left < 0:
            raise NotPlain(node)
        match node:
            case js.Literal(plain):
                return plain
            case js.Name(name) if name in scope:
                return scope[name]
            case js.Element(source):
                return Markup(source, scope)
            case js.Template(parts):
                return _limited("".join(part if isinstance(part, str) else self.string(part, scope) for part in parts))
            case js.Member(of, key):
                return _member(self.value(of, scope), self.value(key, scope))
            case js.Condition(test, yes, no):
                return self.value(yes if is_true(self.value(test, scope)) else no, scope)
            case js.Negation(mark, of):
                value = self.value(of, scope)
                return not is_true(value) if mark == "!" else _calculate("-", 0, value)
            case js.Array(items):
                return [self.part(item, scope) for item in items]
            case js.Object(entries):
                return {key: self.part(entry, scope) for key, entry in entries}
            case js.Chain():
                return self.chain(node, scope)
            case js.Call(js.Member(of, js.Literal(str(name))), arguments):
                return self.call(of, name, arguments, scope)
            case js.Name() | js.Call() | js.Arrow() | js.Program():
                raise NotPlain(node)

    def string(self, part: js.Part, scope: Scope) -> str:
        return to_string(self.value(part.node, scope))

    def chain(self, chain: js.Chain, scope: Scope) -> Value:
        value = self.value(chain.first.node, scope)
        for mark, part in chain.rest:
            match mark:
                case "||" | "&&":
                    value = value if is_true(value) is (mark == "||") else self.value(part.node, scope)
                case "??":
                    value = self.value(part.node, scope) if value is None else value
                case _:
                    value = _combine(mark, value, self.value(part.node, scope))
        return value

    def call(self, of: js.Node, name: str, arguments: Sequence[js.Node], scope: Scope) -> Value:
        if of == js.Name("Object"):
            return call_object(name, [self.value(argument, scope) for argument in arguments])
        target = self.value(of, scope)
        match arguments:
            case [js.Arrow() as function] if isinstance(target, list):
                return call_with(target, name, lambda values: self.apply(function, values, scope))
            case [js.Name("Boolean")] if isinstance(target, list):
                return call_with(target, name, lambda values: is_true(values[0]))
            case _:
                return call_method(target, name, [self.value(argument, scope) for argument in arguments])

    def apply(self, function: js.Arrow, values: Sequence[Value], scope: Scope) -> Value:
        names = dict(scope)
        for pattern, value in zip(function.parameters, values, strict=False):
            names |= self.bind(pattern, value, names)
        return self.part(function.body, names)

    def bind(self, pattern: js.Pattern, value: Value, scope: Scope) -> dict[str, Value]:
        if value is None and pattern.default:
            value = self.part(pattern.default, scope)
        if not pattern.members:
            return {pattern.name: value} if pattern.name else {}
        names: dict[str, Value] = {}
        for key, member in pattern.members:
            names |= self.bind(member, _own(value, key), {**scope, **names})
        return names


def _own(value: Value, key: str | int) -> Value:
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return value[key]
    return None


def _member(value: Value, key: Value) -> Value:
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
        return value[key]
    if isinstance(value, list | str) and key == "length":
        return len(value)
    raise NotPlain(key)


def _combine(mark: str, left: Value, right: Value) -> Value:
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        raise NotPlain(mark)
    if mark[-1] == "=" and mark not in COMPARE:
        return (left == right) is (mark[0] == "=")
    if mark == "+" and (isinstance(left, str) or isinstance(right, str)):
        return _limited(to_string(left) + to_string(right))
    return _calculate(mark, left, right)


def _limited(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise NotPlain(text[:MAX_TEXT])
    return text


def _calculate(mark: str, left: Value, right: Value) -> Value:
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        raise NotPlain(mark)
    if mark in COMPARE:
        return COMPARE[mark](left, right)
    if mark in {"/", "%"} and right == 0:
        raise NotPlain(mark)
    return CALCULATE[mark](left, right)
