"""Directives: `:::note[Title]` blocks, which Docusaurus shows as admonitions, `::leaf[text]` and `:text[text]`."""

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

KEYWORDS = frozenset({"secondary", "info", "success", "danger", "note", "tip", "warning", "important", "caution"})
ATTRIBUTE = r"[.#]?[\w:-]+(?:=(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'{}=.#]+))?(?:\s+|(?=[.#}]))"
ATTRIBUTES = rf"\{{\s*(?:{ATTRIBUTE})*\}}"
LABEL = r"\[((?:\\.|[^\[\]\n\\]|\[[^\[\]\n]*\])*)\]"
OPENING = re.compile(rf":{{3,}}[ \t]*([A-Za-z][\w-]*)(?:{LABEL})?[ \t]*({ATTRIBUTES})?[ \t]*([^\n]*)")
CLOSING = re.compile(r":{3,}[ \t]*$")
LEAF = re.compile(rf"::[A-Za-z][\w-]*(?:{LABEL})?(?:{ATTRIBUTES})?[ \t]*$")
TEXT = re.compile(rf":([A-Za-z](?:[\w-]*[A-Za-z0-9])?)(?![\w:-])(?:{LABEL})?({ATTRIBUTES})?", re.ASCII)
TITLE = re.compile(r"\btitle=(?:\"([^\"]*)\"|'([^']*)')")
INTERRUPTS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}


def directives_plugin(md: MarkdownIt) -> None:
    """Read directives.

        :::tip[A **title**]      an admonition, its title and its body: as a label and blocks
        :::tip A title           the same, as older books write it
        ::::                     any closing line
        ::name[label]            a paragraph of its label
        Press :kbd[Ctrl]         its label; `:name` alone is text, and is left out of a heading's id

    An admonition emits an `inline` token between `label_open` and `label_close` between `directive_open` and
    `directive_close`, whose `markup` are its colons; `info` is the kind where that is its only title.
    """
    md.block.ruler.before("reference", "directive", _directive_rule, INTERRUPTS)
    md.inline.ruler.before("autolink", "text_directive", _text_rule)


def _directive_rule(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    start = state.bMarks[start_line] + state.tShift[start_line]
    if not state.src.startswith("::", start) or state.sCount[start_line] < state.blkIndent:
        return False
    line = state.src[start : state.eMarks[start_line]].rstrip()
    opening, leaf = OPENING.match(line), LEAF.match(line)
    if not (CLOSING.match(line) or opening or leaf):
        return False
    if silent:
        return True
    state.line = start_line + 1
    if opening:
        _push_opening(state, opening, start_line)
    elif leaf:
        state.push("paragraph_open", "p", 1)
        _push_inline(state, leaf[1] or "", start_line)
        state.push("paragraph_close", "p", -1)
    else:
        state.push("directive_close", "", 0).markup = line
    return True


def _push_opening(state: StateBlock, opening: re.Match[str], line: int) -> None:
    name, label, attributes, title = opening.groups(default="")
    given = TITLE.search(attributes)
    written = (given and (given[1] or given[2])) or label or title
    token = state.push("directive_open", "", 0)
    token.markup = opening[0][: len(opening[0]) - len(opening[0].lstrip(":"))]
    if written:
        state.push("label_open", "", 0)
        _push_inline(state, written, line)
        state.push("label_close", "", 0)
    elif name in KEYWORDS:
        token.info = name


def _push_inline(state: StateBlock, text: str, line: int) -> None:
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = text, [line, line + 1], []


def _text_rule(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != ":" or state.src[state.pos - 1 : state.pos] == ":":
        return False
    found = TEXT.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        token = state.push("text_directive", "", 0)
        name, label, attributes = found.groups()
        token.content = label or "" if label or attributes else f":{name}"
        token.meta = {"in_id": label or ""}
    state.pos = found.end()
    return True
