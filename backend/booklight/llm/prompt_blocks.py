"""Blocks: text that is not ours, between tags it cannot forge.

A model reads passages, selections and quotes in blocks, and so does whatever takes a model's input apart again. A tag
inside the text is defused by a backslash, so that no page and no reader can close a block early or open another.
"""

import html
import re
from dataclasses import dataclass
from itertools import pairwise

TAGS = ("passage", "page", "selection", "quote")

_ANY_TAG = "|".join(TAGS)
_FORGED = re.compile(rf"<(\\*)(/?)({_ANY_TAG})\b")
_DEFUSED = re.compile(rf"<\\(\\*)(/?)({_ANY_TAG})\b")
_ATTRIBUTE = re.compile(r' ([a-z_]+)="([^"]*)"')
_BLOCK = re.compile(rf'<({_ANY_TAG})((?: [a-z_]+="[^"]*")*)>\n(.*?)\n</\1>\n*', re.DOTALL)


@dataclass(frozen=True, slots=True)
class PromptBlock:
    """One block as it was wrapped: its tag, its attributes and its text."""

    tag: str
    attributes: dict[str, str]
    text: str


def wrap(tag: str, text: str, **attributes: str | None) -> str:
    """Return `text` as a block; attributes that are None are left out."""
    named = "".join(
        f' {name}="{html.escape(" ".join(value.split()))}"' for name, value in attributes.items() if value is not None
    )
    return f"<{tag}{named}>\n{_FORGED.sub(_defuse, text)}\n</{tag}>"


def unwrap(text: str) -> tuple[list[PromptBlock], str]:
    """Return the blocks of `text` in order, and what stands outside them."""
    blocks = [_read(match) for match in _BLOCK.finditer(text)]
    return blocks, _BLOCK.sub("", text).strip()


def split_blocks(text: str) -> list[str]:
    """Return `text` in pieces that end with a block each, to be joined again by blank lines."""
    ends = [0, *(match.end() for match in _BLOCK.finditer(text)), len(text)]
    pieces = (text[start:end].strip() for start, end in pairwise(ends))
    return [piece for piece in pieces if piece]


def _read(match: re.Match[str]) -> PromptBlock:
    tag, attributes, text = match.groups()
    named = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}
    return PromptBlock(tag, named, _DEFUSED.sub(r"<\1\2\3", text))


def _defuse(match: re.Match[str]) -> str:
    slashes, close, tag = match.groups()
    return f"<\\{slashes}{close}{tag}"
