"""Paragraphs and underlined headings in MDX, where indentation never makes code."""

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

# Marks that nothing closes are looked for to the end of a paragraph, so one of book length is left as it is.
MAX_PARAGRAPH = 20_000


def paragraphs_plugin(md: MarkdownIt) -> None:
    """Read paragraphs as MDX does: a fence, list or tag ends one however far it is indented.

    <TabItem>
        Text of the tab          a paragraph, not code
        ```js                    a fence, though nothing separates it from the text
    """
    md.disable(["code", "html_block", "html_inline", "lheading"])
    md.block.ruler.at("paragraph", _paragraph_rule)


def _paragraph_rule(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    terminators = state.md.block.ruler.getRules("paragraph")
    parent, state.parentType = state.parentType, "paragraph"
    line, level = start_line + 1, 0
    while line < state.lineMax and not state.isEmpty(line):
        level = _underline(state, line) if line < end_line else 0
        lazy = state.sCount[line] < 0
        if level or (not lazy and any(rule(state, line, end_line, True) for rule in terminators)):
            break
        line += 1
    state.parentType = parent
    _push(state, f"h{level}" if level else "p", start_line, line)
    state.line = line + 1 if level else line
    return True


def _underline(state: StateBlock, line: int) -> int:
    """The level of the heading that `line` underlines, 0 if it does not."""
    start, end = state.bMarks[line] + state.tShift[line], state.eMarks[line]
    marker = state.src[start]
    if marker not in "-=" or state.sCount[line] < state.blkIndent:
        return 0
    if state.src[start:end].rstrip().strip(marker):
        return 0
    return 1 if marker == "=" else 2


def _push(state: StateBlock, tag: str, start_line: int, end_line: int) -> None:
    kind = "paragraph" if tag == "p" else "heading"
    state.push(f"{kind}_open", tag, 1).map = [start_line, end_line]
    token = state.push("inline", "", 0)
    token.content = state.getLines(start_line, end_line, state.blkIndent, False).strip()
    token.map, token.children = [start_line, end_line], []
    state.push(f"{kind}_close", tag, -1)
