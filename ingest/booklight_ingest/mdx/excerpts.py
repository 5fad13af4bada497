"""What can be taken for text from an expression that is more than plain data: strings, markup, both sides of a choice.

    {ready ? 'Go on' : <b>Wait</b>}          Go on, **Wait**
    {rows.map((row) => <li>A row</li>)}      - A row
    {t({message: 'Hello'})}                  Hello
    {`Version ${version}`}                   Version {version}

Keys, addresses, comparisons and the names of functions are no text.
"""

import re
from collections.abc import Iterable

from booklight_ingest.mdx import nodes as js
from booklight_ingest.mdx.expressions import evaluate_part
from booklight_ingest.mdx.scanner import scan_element
from booklight_ingest.mdx.values import Markup, Scope, Unknown, Value, to_text

# Properties that components commonly put on the page, whatever the component.
SHOWN = frozenset(
    """alt answer answers caption children choices content description explain explanation feedback header heading hint
    items label message note option options prompt question questions steps subtitle summary text title""".split()  # noqa: SIM905  (a list literal would be a line a word)
)
PROSE = re.compile(r"[^\W\d_]\s+\S|\S\s+[^\W\d_]")
TAG = re.compile(r"<(?=[A-Za-z>])")
MAX_TAGS = 50


def excerpt(unknown: Unknown) -> list[Value]:
    """Return what a reader sees of `unknown`, or of its alternatives; its source if that is all there is.

    Nothing is returned where the source itself would put markup into the text.
    """
    found = _texts(unknown.part, unknown.scope)
    return found if found or TAG.search(unknown.part.source) else [f"{{{unknown.part.source}}}"]


def plain_text(value: Value) -> str:
    """Return what a reader sees of `value`, without markup."""
    match value:
        case Unknown():
            return " ".join(map(plain_text, excerpt(value)))
        case list():
            return "".join(map(plain_text, value))
        case _:
            return to_text(value)


def _texts(part: js.Part, scope: Scope) -> list[Value]:
    if isinstance(part.node, js.Program):
        return [Markup(source, scope) for source in _elements(part.source)]
    return _texts_of(part.node, scope)


def _texts_of(node: js.Node, scope: Scope) -> list[Value]:
    value = evaluate_part(js.Part(node, ""), scope)
    if not isinstance(value, Unknown):
        return [value] if isinstance(value, Markup | list) or to_text(value).strip() else []
    match node:
        case js.Condition(_, yes, no):
            return [*_texts_of(yes, scope), *_texts_of(no, scope)]
        case js.Chain():
            return _texts_of_chain(node, scope)
        case js.Template(parts):
            return _sequence(parts, scope)
        case js.Arrow(parameters, body):
            names = {name for pattern in parameters for name in _names(pattern)}
            return _texts(body, {name: value for name, value in scope.items() if name not in names})
        case js.Call(callee, arguments):
            called = _texts_of(callee, scope)
            return [*called, *(text for argument in arguments for text in _texts_of_argument(argument, scope))]
        case js.Member(of, _):
            return _texts_of(of, scope)
        case js.Literal() | js.Name() | js.Element() | js.Array() | js.Object() | js.Negation() | js.Program():
            return []


def _texts_of_chain(chain: js.Chain, scope: Scope) -> list[Value]:
    marks = {mark for mark, _ in chain.rest}
    operands = [chain.first, *(part for _, part in chain.rest)]
    if marks == {"&&"}:
        return _texts(operands[-1], scope)
    if marks <= {"||", "??"}:
        return [text for operand in operands for text in _texts(operand, scope)]
    return _sequence(operands, scope) if marks == {"+"} else []


def _sequence(parts: Iterable[str | js.Part], scope: Scope) -> list[Value]:
    """One text of many parts, the unknown ones as they are written; nothing if none is text."""
    known = [part for part in parts if part]
    if not any(part.strip() if isinstance(part, str) else _texts(part, scope) for part in known):
        return []
    return [[part if isinstance(part, str) else evaluate_part(part, scope) for part in known]]


def _texts_of_argument(node: js.Node, scope: Scope) -> list[Value]:
    """A function may take anything: words in a row are text, and so are the members that hold text by their name."""
    match node:
        case js.Array(items):
            return [text for item in items for text in _texts_of_argument(item.node, scope)]
        case js.Object(entries):
            return [text for key, part in entries if key in SHOWN for text in _texts(part, scope)]
        case _:
            texts = _texts_of(node, scope)
            return [text for text in texts if not isinstance(text, str | int | float) or PROSE.search(str(text))]


def _names(pattern: js.Pattern) -> set[str]:
    return {pattern.name}.union(*(_names(member) for _, member in pattern.members))


def _elements(source: str) -> list[str]:
    """Return the JSX in the source of a program."""
    found: list[str] = []
    pos = 0
    for _ in range(MAX_TAGS):
        tag = TAG.search(source, pos)
        if not tag:
            break
        end = scan_element(source, tag.start(), len(source))
        if end is not None:
            found.append(source[tag.start() : end])
        pos = end or tag.end()
    return found
