"""Blocks: text that is not ours, between tags it cannot forge.

A model reads passages, selections and quotes in blocks, and so does whatever takes a model's input apart again. A tag
inside the text is defused by a backslash, so that no page and no reader can close a block early or open another.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

TAGS = ("passage", "page", "selection", "quote")

_ANY_TAG = "|".join(TAGS)
# Without groups: there may be thousands, and putting each together again takes long.
_FORGED = re.compile(rf"<(?=\\*/?(?:{_ANY_TAG})\b)")
_DEFUSED = re.compile(rf"<\\(?=\\*/?(?:{_ANY_TAG})\b)")
_ATTRIBUTE = re.compile(r' ([a-z_]+)="([^"]*)"')
_OPENING = re.compile(rf'<({_ANY_TAG})((?: [a-z_]+="[^"\n]*")*)>\n')
_NEWLINES = re.compile(r"\n*")


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
    defused = _FORGED.sub(r"<\\", text)
    return f"<{tag}{named}>\n{defused}\n</{tag}>"


def unwrap(text: str) -> tuple[list[PromptBlock], str]:
    """Return the blocks of `text` in order, and what stands outside them."""
    found = [*_find_blocks(text)]
    between = pairwise([0, *(place for span, _ in found for place in span), len(text)])
    outside = [text[start:end] for start, end in [*between][::2]]
    return [block for _, block in found], "".join(outside).strip()


def split_blocks(text: str) -> list[str]:
    """Return `text` in pieces that end with a block each, to be joined again by blank lines."""
    ends = [0, *(end for (_, end), _ in _find_blocks(text)), len(text)]
    pieces = (text[start:end].strip() for start, end in pairwise(ends))
    return [piece for piece in pieces if piece]


def _find_blocks(text: str) -> Iterator[tuple[tuple[int, int], PromptBlock]]:
    """Yield the blocks of `text`, each with where it begins and ends, the blank lines behind it included.

    A reader may type tags that are never closed, thousands of them: what closes none is looked for once.
    """
    last = {tag: text.rfind(f"\n</{tag}>") for tag in TAGS}
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        tag, attributes = opening.groups()
        at = opening.end()
        if last[tag] < at:
            continue
        close = text.index(closing := f"\n</{tag}>", at)
        named = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}
        block = PromptBlock(tag, named, _DEFUSED.sub("<", text[at:close]))
        behind = _NEWLINES.match(text, close + len(closing))
        at = behind.end() if behind else close
        yield (opening.start(), at), block
