"""Imports and exports at the top level of a page: `import X from '…'`, `export const x = …`.

A reader never sees them, but other lines may show what they name.
"""

import re
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from booklight_ingest.mdx.expressions import read_value
from booklight_ingest.mdx.javascript import parse_parameters
from booklight_ingest.mdx.lexer import NotPlain
from booklight_ingest.mdx.nodes import Pattern
from booklight_ingest.mdx.scanner import scan_element, scan_statement
from booklight_ingest.mdx.source import line_at, source_of
from booklight_ingest.mdx.values import Scope, Value

STATEMENT = re.compile(
    r"import\s*(?:[\"'{*]|(?:type\s+)?[\w$]+\s*(?:,|\bfrom\b)|type\s*\{)|export\s+(?:default|const|let|var|function|class|async)\b|export\s*[{*]"
)
IMPORT = re.compile(r"import\s+([\w$]+)\s*(?:,\s*(?:\{[^}]*\}|\*\s*as\s+[\w$]+)\s*)?from\s*([\"'])([^\"'\n]+)\2")
CONSTANT = re.compile(r"export\s+(?:const|let|var)\s+([\w$]+)\s*(?::[^=]{1,200})?=\s*(?!>)")
FUNCTION = re.compile(r"(?:async\s*)?(?:function\s*[\w$]*\s*)?(?=\(|[A-Za-z_$][\w$]*\s*=>)")
EXPORTED_FUNCTION = re.compile(r"export\s+(?:default\s+)?(?=function\s+([\w$]+))")
RETURNED = re.compile(r"(?:\breturn|=>)\s*\(?\s*(?=<)")


@dataclass(frozen=True, slots=True)
class Component:
    """A component that a page defines for itself: what it takes, and the JSX that it returns."""

    parameters: tuple[Pattern, ...]
    markup: str


@dataclass(frozen=True, slots=True)
class Module:
    """What the ESM of one file brings in: files by the name they are imported as, constants and components."""

    imports: dict[str, str]
    constants: dict[str, Value]
    components: dict[str, Component]


def esm_plugin(md: MarkdownIt) -> None:
    """Take import and export statements out of the text, as `esm` tokens.

        import Tabs from '@theme/Tabs';
        export const robot = {name: 'Atlas'};

    A statement starts a line of its own at the top level and goes on until its brackets are closed and a line is done.
    """
    md.block.ruler.before("reference", "esm", _esm_rule)


def read_module(sources: list[str], scope: Scope) -> Module:
    """Return what the statements in `sources` define; `scope` holds names known before."""
    module = Module({}, {}, {})
    for source in sources:
        for found in IMPORT.finditer(source):
            module.imports[found[1]] = found[3].replace("\\", "")
        for found in CONSTANT.finditer(source):
            _read_constant(found[1], source[found.end() :], module, scope)
        for found in EXPORTED_FUNCTION.finditer(source):
            _read_component(found[1], source[found.end() :], module)
    return module


def _read_constant(name: str, source: str, module: Module, scope: Scope) -> None:
    try:
        module.constants[name] = read_value(source, {**scope, **module.constants})
    except NotPlain:
        _read_component(name, source, module)


def _read_component(name: str, source: str, module: Module) -> None:
    function = FUNCTION.match(source)
    returned = RETURNED.search(source) if function else None
    end = scan_element(source, returned.end(), len(source)) if returned else None
    if function and returned and end is not None:
        parameters = parse_parameters(source, function.end())
        module.components[name] = Component(parameters, source[returned.end() : end])


def _esm_rule(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    start = state.bMarks[start_line]
    if state.level or state.blkIndent or state.src[start : start + 1] not in {"i", "e"}:
        return False
    if not STATEMENT.match(state.src, start):
        return False
    end = source_of(state.env).scan(scan_statement, state.src, start, state.eMarks[end_line - 1])
    if end is None:
        return False
    if not silent:
        token = state.push("esm", "", 0)
        token.content = state.src[start:end]
        token.map = [start_line, line_at(state, start_line, end) + 1]
    state.line = line_at(state, start_line, end) + 1
    return True
