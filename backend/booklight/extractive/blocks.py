"""Blocks: a passage taken apart into what can be quoted and still make sense.

A block is a paragraph, a list, a table or code, as the author wrote it. What only announces another block stays with
it; lists, tables and paragraphs that are longer than a quotation are cut between items, rows and sentences.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_WORDS = 120
"""About how long a quotation may become."""

Kind = Literal["prose", "list", "table", "code"]

_MARKDOWN = MarkdownIt("commonmark").enable("table").disable(["html_block", "code", "lheading", "reference"])
_DIRECTIVE = re.compile(r"^\s*:::.*$", re.MULTILINE)
# The book's own footnotes point nowhere in an answer; the search tool has made their marks harmless text.
_NOTE = re.compile(r"\s*\[note [^\]\s]+\]|(?<=[.!?,;:])\[\d{1,3}\](?!\()")
_SENTENCE = re.compile(r".+?(?:[.!?…]+[\"'”’)\]*_]*(?=\s+[^\W\d_a-z])|[。！？؟।]+[」』”]?|$)\s*", re.DOTALL)
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# About as many characters of a script without spaces say as much as a word of English.
_UNSPACED_PER_WORD = 2
_ANNOUNCING_WORDS = 60
# A paragraph that is all bold is the title of the tab, admonition or step that follows it.
_LABEL = re.compile(r"\*\*[^*\n]+\*\*:?")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A part of a passage in Markdown: the paragraph that announces it, the head lines of a table's rows, and its text.

    `announcement` and `head` are empty where there are none.
    """

    kind: Kind
    text: str
    head: str = ""
    announcement: str = ""

    @property
    def labelled(self) -> bool:
        """Whether the title of a tab, admonition or step announces it."""
        return _LABEL.fullmatch(self.announcement.partition("\n\n")[0]) is not None

    @property
    def markdown(self) -> str:
        """The block as it is quoted by itself."""
        body = f"{self.head}\n{self.text}" if self.head else self.text
        return f"{self.announcement}\n\n{body}" if self.announcement else body


def split_blocks(markdown: str) -> list[TextBlock]:
    """Return the blocks of a passage in order; headings and pictures are left out."""
    text = _DIRECTIVE.sub("", markdown)
    lines = text.split("\n")
    whole = [block for tokens in _top_level(_MARKDOWN.parse(text)) for block in _read(tokens, lines)]
    return [*_with_announcements(whole)]


def count_words(text: str) -> int:
    """Return how many words `text` has, as its script counts them."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_UNSPACED.sub(" ", text).split()) + unspaced // _UNSPACED_PER_WORD


def join_blocks(blocks: Sequence[TextBlock]) -> str:
    """Return neighbouring blocks as Markdown; what was cut from one table or list is one again."""
    text = blocks[0].markdown
    for before, block in pairwise(blocks):
        continues = before.kind == block.kind != "prose" and before.head == block.head and not block.announcement
        text += f"\n{block.text}" if continues and block.kind != "code" else f"\n\n{block.markdown}"
    return text


def _top_level(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of each block; a block quote counts as what it holds."""
    block: list[Token] = []
    depth = 0
    for token in tokens:
        if token.type in {"blockquote_open", "blockquote_close"}:
            continue
        block.append(token)
        depth += token.nesting
        if depth == 0:
            yield block
            block = []


def _read(tokens: list[Token], lines: list[str]) -> list[TextBlock]:
    first = tokens[0]
    start, end = first.map or (0, 0)
    match first.type:
        case "paragraph_open":
            return [TextBlock("prose", part) for part in _cut_paragraph(_NOTE.sub("", tokens[1].content))]
        case "bullet_list_open" | "ordered_list_open":
            return _cut_list(tokens, lines)
        case "fence":
            return [TextBlock("code", _dedent(lines[start:end]))] if first.content.strip() else []
        case "table_open":
            return _cut_table(lines[start:end])
        case _:
            return []


def _cut_paragraph(text: str) -> list[str]:
    if not any(map(str.isalnum, re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text))):
        return []
    return _gather([match[0].strip() for match in _SENTENCE.finditer(text) if match[0].strip()], " ", text)


def _cut_list(tokens: list[Token], lines: list[str]) -> list[TextBlock]:
    start, end = tokens[0].map or (0, 0)
    whole = _dedent(lines[start:end])
    level = tokens[0].level + 1
    starts = [token.map[0] for token in tokens if token.type == "list_item_open" and token.level == level and token.map]
    items = [_dedent(lines[at:until]) for at, until in zip(starts, [*starts[1:], end], strict=True)]
    return [TextBlock("list", _NOTE.sub("", part)) for part in _gather(items, "\n", whole)]


def _cut_table(lines: list[str]) -> list[TextBlock]:
    head, rows = "\n".join(line.strip() for line in lines[:2]), [line.strip() for line in lines[2:] if line.strip()]
    whole = "\n".join(rows)
    return [TextBlock("table", part, head) for part in _gather(rows, "\n", whole)]


def _gather(pieces: list[str], joint: str, whole: str) -> list[str]:
    """Return `whole` if it is short, else its pieces, as many together as are about half a quotation long."""
    if count_words(whole) <= MAX_WORDS:
        return [whole] if whole else []
    parts: list[str] = []
    for piece in pieces:
        if parts and count_words(parts[-1]) + count_words(piece) <= MAX_WORDS // 2:
            parts[-1] += joint + piece
        else:
            parts.append(piece)
    return parts


def _dedent(lines: list[str]) -> str:
    """Return lines without the indentation and the quote marks that all of them share with the first."""
    marker = re.match(r"[ >]*", lines[0]) if lines else None
    width = marker.end() if marker else 0
    return "\n".join(re.sub(rf"^[ >]{{0,{width}}}", "", line) for line in lines).rstrip()


def _with_announcements(blocks: list[TextBlock]) -> Iterator[TextBlock]:
    """Yield the blocks: code, tables and lists in one with what announces them, and what a label names with it."""
    announcing: TextBlock | None = None
    for found in blocks:
        block = found
        if announcing is not None:
            if block.kind != "prose" or (_is_label(announcing) and not _is_label(block)):
                block = replace(block, announcement=announcing.markdown)
            else:
                yield announcing
        announcing = block if _announces(block) else None
        if announcing is None:
            yield block
    if announcing is not None:
        yield announcing


def _announces(block: TextBlock) -> bool:
    """Say whether a paragraph may be about the block after it."""
    return block.kind == "prose" and count_words(block.text) < _ANNOUNCING_WORDS


def _is_label(block: TextBlock) -> bool:
    return not block.announcement and _LABEL.fullmatch(block.text) is not None
