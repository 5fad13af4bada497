"""Imports and exports at the top level of a page: `import X from '…'`, `export const x = …`. A reader sees neither."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from booklight_ingest.mdx.scanner import scan_statement
from booklight_ingest.mdx.source import line_at, source_of

STATEMENT = re.compile(
    r"import\s*(?:[\"'{*]|(?:type\s+)?[\w$]+\s*(?:,|\bfrom\b)|type\s*\{)|export\s+(?:default|const|let|var|function|class|async)\b|export\s*[{*]"
)
IMPORT = re.compile(r"import\s+([\w$]+)\s*(?:,\s*(?:\{[^}]*\}|\*\s*as\s+[\w$]+)\s*)?from\s*([\"'])([^\"'\n]+)\2")


def esm_plugin(md: MarkdownIt) -> None:
    """Take import and export statements out of the text, as `esm` tokens.

        import Tabs from '@theme/Tabs';
        export const robot = {name: 'Atlas'};

    A statement starts a line of its own at the top level and goes on until its brackets are closed and a line is done.
    """
    md.block.ruler.before("reference", "esm", _esm_rule)


def read_imports(statements: list[str]) -> dict[str, str]:
    """Return the files that `statements` import, by the name of their default export."""
    return {found[1]: found[3].replace("\\", "") for source in statements for found in IMPORT.finditer(source)}


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
