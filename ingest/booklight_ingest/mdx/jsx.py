"""Tags, expressions and comments: the three things of MDX that stand between Markdown and the page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from booklight_ingest.mdx.scanner import Tag, scan_braces, scan_comment, scan_tag
from booklight_ingest.mdx.source import LINE, Source, line_at, source_of

MAY_BE_TAG = re.compile(r"<[^\W\d]|<[/>$]")
UNCLOSED = re.compile(r"<[A-Za-z][^\s>]{0,40}>?|\{(?!#)[^\n]{0,40}")
NO_TEXT = frozenset({"softbreak", "mdx_comment", "mdx_expression"})
INTERRUPTS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}


@dataclass(frozen=True, slots=True)
class JsxPiece:
    """A tag, an expression or a comment, and where it ends in its text."""

    type: Literal["mdx_tag", "mdx_expression", "mdx_comment"]
    end: int
    source: str = ""
    tag: Tag | None = None

    def fill(self, token: Token) -> Token:
        """Write what was found into `token`."""
        token.content = self.source
        token.meta = {"tag": self.tag} if self.tag else {}
        return token


def jsx_plugin(md: MarkdownIt) -> None:
    """Read tags, expressions and comments, between paragraphs and within them.

        <Tabs> <TabItem value="a">      a line of nothing else stands between paragraphs,
        {/* a comment */}               and may go on over several lines;
        Some <b>bold</b> {1 + 1}        elsewhere they are part of the text around them.

    What stands between tags is Markdown. `mdx_tag` tokens carry a `Tag` in `meta`; `mdx_expression` tokens carry their
    source as content. A tag that nothing closes is text, as in `List<String>`.
    """
    md.block.ruler.before("reference", "mdx_flow", _flow_rule, INTERRUPTS)
    md.inline.ruler.before("autolink", "mdx_text", _text_rule)


def read_jsx(text: str, source: Source) -> list[Token]:
    """Return the tags, expressions and plain texts of a JSX element; its text is no Markdown."""
    tokens: list[Token] = []
    pos, plain = 0, 0
    while (pos := _next_piece(text, pos)) >= 0:
        piece = _scan(source, text, pos, len(text))
        if piece:
            tokens += [*_plain_text(text[plain:pos]), piece.fill(Token(piece.type, "", 0))]
            plain = piece.end
        pos = piece.end if piece else pos + 1
    return [*tokens, *_plain_text(text[plain:])]


def nothing_outside_tags(tokens: Sequence[Token]) -> bool:
    """Whether a paragraph is made of tags alone, and so is none: what they hold stands between paragraphs."""
    depth = 0
    for token in tokens:
        if token.type == "mdx_tag":
            depth += {"open": 1, "close": -1, "void": 0}[token.meta["tag"].kind]
        elif depth <= 0 and not (token.type in NO_TEXT or (token.type == "text" and not token.content.strip())):
            return False
    return True


def _next_piece(text: str, pos: int) -> int:
    marks = [mark for mark in (text.find("<", pos), text.find("{", pos)) if mark >= 0]
    return min(marks, default=-1)


def _plain_text(text: str) -> list[Token]:
    token = Token("text", "", 0)
    token.content = " ".join(text.split()) or " " * bool(text)
    if token.content.strip():
        token.content = f"{' ' * text[0].isspace()}{token.content}{' ' * text[-1].isspace()}"
    return [token] if token.content else []


def _scan(source: Source, text: str, start: int, stop: int) -> JsxPiece | None:
    """Return the tag, expression or comment at `start`."""
    if text[start] == "{":
        if source.format == "md":
            return None
        end = None if text.startswith("{#", start) else source.scan(scan_braces, text, start, stop)
        return JsxPiece("mdx_expression", end, text[start + 1 : end - 1]) if end else None
    if text.startswith("<!--", start):
        end = source.scan(scan_comment, text, start, stop)
        return JsxPiece("mdx_comment", end) if end else None
    if not MAY_BE_TAG.match(text, start):
        return None
    found = source.scan(scan_tag, text, start, stop)
    if not found or (found[0].kind == "open" and found[0].name not in source.closed):
        return None
    return JsxPiece("mdx_tag", found[1], text[start : found[1]], found[0])


def _flow_rule(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    start = state.bMarks[start_line] + state.tShift[start_line]
    if state.src[start : start + 1] not in {"<", "{"} or state.sCount[start_line] < state.blkIndent:
        return False
    pieces = _scan_lines(state, start, state.eMarks[end_line - 1])
    if not pieces:
        return False
    last = line_at(state, start_line, pieces[-1].end)
    if any(state.src[state.bMarks[line] - 1] != "\n" for line in range(start_line + 1, last + 1)):
        return False  # a blockquote's marks are in between: as part of a paragraph it is read without them
    for piece in [] if silent else pieces:
        piece.fill(state.push(piece.type, "", 0)).map = [start_line, last + 1]
    state.line = last + 1
    return True


def _scan_lines(state: StateBlock, start: int, stop: int) -> list[JsxPiece]:
    """Return what stands from `start` to the end of a line, if it is nothing but tags, expressions and comments."""
    source, pieces, pos = source_of(state.env), [], start
    while pos < stop and state.src[pos] in "<{":
        piece = _scan(source, state.src, pos, stop)
        if not piece:
            return []
        pieces.append(piece)
        pos = state.skipSpaces(piece.end)
    return pieces if pos >= stop or state.src[pos] == "\n" else []


def _text_rule(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in {"<", "{"}:
        return False
    source = source_of(state.env)
    piece = _scan(source, state.src, state.pos, state.posMax)
    if not piece and not silent and (odd := UNCLOSED.match(state.src, state.pos)):
        source.note(odd[0], "nothing closes this: kept as text", state.env.get(LINE, 0))
    if not piece:
        return False
    if not silent:
        piece.fill(state.push(piece.type, "", 0))
    state.pos = piece.end
    return True
