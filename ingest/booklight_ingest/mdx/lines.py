"""Find the lines of a page all at once, rather than character by character."""

from itertools import accumulate
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from markdown_it.utils import EnvType

from booklight_ingest.mdx.tokens import QuickToken

BLANK = " \t"


def lines_plugin(md: MarkdownIt) -> None:
    """Let the block parser of `md` work on a `PageState`. Its rules have to be given to it anew."""
    md.block = _PageParser()


class _PageParser(ParserBlock):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, outTokens: list[Token]) -> list[Token] | None:
        if src:
            state = PageState(src, md, env, outTokens)
            self.tokenize(state, state.line, state.lineMax)
        return outTokens


class PageState(StateBlock):
    """The lines of a page and where the parser stands in them, as the class above would have found them."""

    def __init__(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> None:
        super().__init__("", md, env, tokens)
        lines = src.split("\n")
        if not lines[-1].strip(BLANK):
            lines.pop()
        self.src, self.lineMax = src, len(lines)
        indents = [line[: len(line) - len(line.lstrip(BLANK))] for line in lines]
        starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
        # The last entry of each stands for the end of the page.
        self.bMarks = [*starts[:-1], len(src)]
        self.eMarks = [*(start + len(line) for start, line in zip(starts, lines, strict=False)), len(src)]
        self.tShift = [*map(len, indents), 0]
        self.sCount = [*(len(indent.expandtabs(4)) for indent in indents), 0] if "\t" in src else list(self.tShift)
        self.bsCount = [0] * len(self.bMarks)

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        """Add a token."""
        token = QuickToken(ttype, tag, nesting)
        token.block = True
        self.level -= nesting < 0
        token.level = self.level
        self.level += nesting > 0
        self.tokens.append(token)
        return token

    def getLines(self, begin: int, end: int, indent: int, keepLastLF: bool) -> str:
        """Return lines without `indent` columns of their indentation."""
        if indent or begin >= end:
            return super().getLines(begin, end, indent, keepLastLF)
        last = end - 1
        lines = [self.src[self.bMarks[line] : self.eMarks[line] + 1] for line in range(begin, last)]
        return "".join([*lines, self.src[self.bMarks[last] : self.eMarks[last] + keepLastLF]])
