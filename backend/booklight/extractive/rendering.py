"""Rendering: quotations as Markdown with the marks of their passages."""

import re
from dataclasses import replace

from booklight.extractive.blocks import TextBlock, join_blocks
from booklight.extractive.choosing import Quotation

_MARKUP = re.compile(r"([\\`*_\[\]<>#])")
_FENCE_END = ("```", "~~~")


def render(quotation: Quotation) -> str:
    """Return a quotation as the book has it; the mark stands after its last words, or below code and tables alone."""
    label, blocks = quotation.section.label, [*quotation.blocks]
    for place in range(len(blocks) - 1, -1, -1):
        marked = _with_mark(blocks[place], label)
        if marked is not None:
            return join_blocks([*blocks[:place], marked, *blocks[place + 1 :]])
    return f"{join_blocks(blocks)}\n\n{label}"


def block_quote(markdown: str) -> str:
    """Return Markdown as a block quote."""
    return "\n".join(f"> {line}".rstrip() for line in markdown.split("\n"))


def escape(text: str) -> str:
    """Return plain text such that Markdown shows it as it is."""
    return _MARKUP.sub(r"\\\1", text)


def _with_mark(block: TextBlock, label: str) -> TextBlock | None:
    """Return a block with a mark behind its last words, None where it has none of its own."""
    if block.kind in {"prose", "list"} and not block.text.endswith(_FENCE_END):
        return replace(block, text=block.text + label)
    return replace(block, announcement=block.announcement + label) if block.announcement else None
