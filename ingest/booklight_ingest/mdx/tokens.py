"""Tokens made in half the time: a page has thousands of them."""

from typing import Literal

from markdown_it.token import Token


class QuickToken(Token):
    """A token without attributes."""

    __slots__ = ()

    def __init__(self, kind: str, tag: str, nesting: Literal[-1, 0, 1], content: str = "") -> None:
        self.type, self.tag, self.nesting, self.content = kind, tag, nesting, content
        self.map = self.children = None
        self.markup = self.info = ""
        self.level = 0
        self.block = self.hidden = False
        self.attrs, self.meta = {}, {}
