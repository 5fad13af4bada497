"""Cut the blocks of a long section into parts of readable size, at the places where a reader would pause."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import ceil

from booklight_ingest.mdx import Block

MAX_WORDS = 300
LONG_WORD = 20
# Scripts without spaces between words count by character.
WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+")
# The same for ASCII, where a table of spaces for all that is in no word is ten times as quick.
ASCII_WORDS = bytes(code if chr(code).isalnum() else ord(" ") for code in range(256))
PAUSE = re.compile(r"`[^`]*`|([.!?…][\"')\]”’*_]*\s+|[。！？]|  \n)")


def count_words(text: str) -> int:
    """Return how many words `text` has; twenty characters count as a word at least."""
    words = text.encode().translate(ASCII_WORDS).split() if text.isascii() else WORD.findall(text)
    return max(len(words), len(text) // LONG_WORD)


def pack(blocks: Sequence[Block], limit: int = MAX_WORDS) -> list[list[Block]]:
    """Return `blocks` in few parts of at most about `limit` words, of even size, none overlapping.

    Code is cut between lines, a table between rows with its head repeated, a paragraph between sentences, each only
    if it alone is over the limit. What introduces a block (a tab's name, a line ending in a colon) stays with it.
    """
    # No text has more words than characters, so few characters need not be counted.
    if sum(len(block.text) for block in blocks) <= limit or sum(count_words(block.text) for block in blocks) <= limit:
        return [list(blocks)] if blocks else []
    groups = list(_groups(piece for block in blocks for piece in _pieces(block, limit)))
    sizes = [sum(count_words(block.text) for block in group) for group in groups]
    target = sum(sizes) / max(1, ceil(sum(sizes) / limit))
    parts: list[list[Block]] = []
    filled = 0
    for group, size in zip(groups, sizes, strict=True):
        if not parts or filled >= target or filled + size > limit:
            parts.append([])
            filled = 0
        parts[-1] += group
        filled += size
    return parts


def introduces(block: Block) -> bool:
    """Whether a block says nothing without the next: a label, a line that ends in a colon."""
    return block.kind == "label" or block.text.endswith((":", "：", ":**", ":*"))


def _groups(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Blocks together with those that introduce them."""
    group: list[Block] = []
    for block in blocks:
        group.append(block)
        if not introduces(block):
            yield group
            group = []
    if group:
        yield group


def _pieces(block: Block, limit: int) -> Iterator[Block]:
    if len(block.text) <= limit or count_words(block.text) <= limit:
        yield block
        return
    match block.kind:
        case "fence":
            first, *lines, last = block.text.split("\n")
            texts = [f"{first}\n{part}\n{last}" for part in _join(lines, "\n", limit)]
        case "table":
            head, rule, *rows = block.text.split("\n")
            texts = [f"{head}\n{rule}\n{part}" for part in _join(rows, "\n", max(1, limit - count_words(head)))]
        case "math":
            texts = [block.text]
        case "paragraph" | "label":
            texts = list(_join(_sentences(block.text, limit), " ", limit))
    for text in texts:
        yield replace(block, text=text)


def _join(parts: Iterable[str], by: str, limit: int) -> Iterator[str]:
    """Parts joined up to `limit` words; one that is longer stands alone."""
    held: list[str] = []
    filled = 0
    for part in parts:
        size = count_words(part)
        if held and filled + size > limit:
            yield by.join(held)
            held, filled = [], 0
        held.append(part)
        filled += size
    if held:
        yield by.join(held)


def _sentences(text: str, limit: int) -> Iterator[str]:
    """The sentences of a paragraph; one over the limit in pieces of as many words, or characters if it has none."""
    start = 0
    for pause in PAUSE.finditer(text):
        if pause[1]:
            yield from _short(text[start : pause.end()].rstrip(), limit)
            start = pause.end()
    yield from _short(text[start:].strip(), limit)


def _short(sentence: str, limit: int) -> Iterator[str]:
    if count_words(sentence) <= limit:
        if sentence:
            yield sentence
        return
    size = limit * LONG_WORD
    for word in _join(sentence.split(" "), " ", limit):
        yield from (word[start : start + size] for start in range(0, len(word), size))
