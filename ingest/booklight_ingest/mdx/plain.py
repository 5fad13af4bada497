"""Paragraphs that hold nothing but lines and inline code, as most do: read without asking every rule for every mark."""

import re

from markdown_it.token import Token

from booklight_ingest.mdx.tokens import QuickToken

# Without any of these a paragraph is plain; an image's `!` stands before a bracket, a directive's colon before a name.
MARKS = (*"*_[\\<{$&~", "``", "  \n")
DIRECTIVE = re.compile(":[A-Za-z]")


def is_plain(text: str) -> bool:
    """Whether there is nothing in `text` but lines and inline code."""
    for mark in MARKS:  # to look for each is quicker than to look for all of them with a pattern
        if mark in text:
            return False
    return text.count("`") % 2 == 0 and not (":" in text and DIRECTIVE.search(text))


def read_plain(text: str) -> list[Token]:
    """Return the tokens of a plain paragraph."""
    tokens: list[Token] = []
    for number, part in enumerate(text.split("`")):
        tokens += _read_lines(part) if number % 2 == 0 else [_read_code(part)]
    return tokens


def _read_lines(text: str) -> list[Token]:
    first, *others = text.split("\n")
    tokens = [_text(first.removesuffix(" ") if others else first)]
    for number, line in enumerate(others, 1):
        line = line.lstrip(" \t")
        tokens += [QuickToken("softbreak", "br", 0), _text(line if number == len(others) else line.removesuffix(" "))]
    return [token for token in tokens if token.content or token.type == "softbreak"]


def _text(content: str) -> Token:
    return QuickToken("text", "", 0, content)


def _read_code(text: str) -> Token:
    code = text.replace("\n", " ")
    padded = code[0] == code[-1] == " " and code.strip(" ")
    return QuickToken("code_inline", "code", 0, code[1:-1] if padded else code)
