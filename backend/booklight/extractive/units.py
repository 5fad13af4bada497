"""Units: a passage taken apart into the pieces that can be quoted and still make sense.

Prose is cut into sentences; a list item, a code block and a row of a table stay whole. Every unit keeps its
Markdown, so that a quotation reads as the book does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from markdown_it import MarkdownIt
from markdown_it.token import Token

from booklight.extractive.sentences import split_sentences

_MARKDOWN = MarkdownIt("commonmark").enable("table").disable(["html_block", "code", "lheading", "reference"])
_ADMONITION = re.compile(r"^\s*:::.*$", re.MULTILINE)
_SENTENCE_ENDS = re.compile(r"[.!?…:。！？：][\"'”’)\]*_`]*$")
_LABEL_WORDS = 6
_BOLD = re.compile(r"(\*\*|__)(?!\s)[^*_]+\1")
_SEPARATED = re.compile(r"\s[·|•]\s")


class Kind(Enum):
    """What a unit is. A label names what follows or a choice of tabs; it says nothing by itself."""

    SENTENCE = "sentence"
    LABEL = "label"
    ITEM = "item"
    CODE = "code"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a passage that can be quoted by itself.

    `block` numbers the paragraphs, lists, code blocks and tables of a passage; units of one block belong together.
    `indent` is the depth of a list item; `head` the header lines of the table that a row belongs to.
    """

    kind: Kind
    text: str
    block: int
    indent: int = 0
    head: str = ""

    @property
    def leads_in(self) -> bool:
        """Whether the unit ends in a colon and so announces what follows."""
        return self.kind in {Kind.SENTENCE, Kind.ITEM} and self.text.rstrip("*_ ").endswith((":", "："))


def split_units(markdown: str) -> list[Unit]:
    """Return the units of `markdown` in order; headings are left out."""
    text = _ADMONITION.sub("", markdown)
    lines = text.split("\n")
    units: list[Unit] = []
    for number, block in enumerate(_top_blocks(_MARKDOWN.parse(text))):
        units += _split_block(block, lines, number)
    return units


def _top_blocks(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of each top-level block; a block quote counts as what it holds."""
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


def _split_block(block: list[Token], lines: list[str], number: int) -> list[Unit]:
    opening = block[0]
    match opening.type:
        case "paragraph_open":
            return _split_paragraph(block[1].content, number)
        case "bullet_list_open" | "ordered_list_open":
            return _split_list(block, lines, number)
        case "fence":
            return [Unit(Kind.CODE, _render_fence(opening), number)] if opening.content.strip() else []
        case "table_open":
            first, last = opening.map or (0, 0)
            head = "\n".join(line.strip() for line in lines[first : first + 2])
            return [Unit(Kind.ROW, row.strip(), number, head=head) for row in lines[first + 2 : last]]
        case _:
            return []


def _split_paragraph(paragraph: str, number: int) -> list[Unit]:
    sentences = split_sentences(paragraph)
    kind = Kind.LABEL if len(sentences) == 1 and _is_label(sentences[0]) else Kind.SENTENCE
    return [Unit(kind, sentence, number) for sentence in sentences]


def _is_label(text: str) -> bool:
    """Say whether a paragraph is no sentence but a name: short and without an end, or names in a row."""
    if _SENTENCE_ENDS.search(text):
        return False
    return len(text.split()) <= _LABEL_WORDS or bool(_SEPARATED.search(text) or _BOLD.fullmatch(text))


def _split_list(block: list[Token], lines: list[str], number: int) -> list[Unit]:
    """Return an item for every line of a list that has text of its own; code inside an item stays in it."""
    units: list[Unit] = []
    markers: list[str] = []
    ordinals: list[int] = []
    for token in block:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                ordinals.append(int(token.attrGet("start") or 1) if token.type.startswith("ordered") else 0)
            case "bullet_list_close" | "ordered_list_close":
                ordinals.pop()
            case "list_item_open":
                markers.append(f"{ordinals[-1]}. " if ordinals[-1] else "- ")
                ordinals[-1] += 1 if ordinals[-1] else 0
            case "inline":
                marker = markers.pop() if markers else ""
                units.append(_item(marker, " ".join(token.content.split()), number, len(ordinals) - 1, units))
                if not marker:
                    del units[-2]
                markers.clear()
            case "fence" if units:
                units[-1] = _with_code(units[-1], token)
            case _:
                pass
    return units


def _item(marker: str, text: str, number: int, indent: int, before: list[Unit]) -> Unit:
    """Return an item, or the item before with one more paragraph when there is no marker."""
    if marker:
        return Unit(Kind.ITEM, marker + text, number, indent)
    return Unit(Kind.ITEM, f"{before[-1].text}\n\n  {text}", number, before[-1].indent)


def _with_code(item: Unit, fence: Token) -> Unit:
    code = "\n".join("  " + line for line in _render_fence(fence).split("\n"))
    return Unit(Kind.ITEM, f"{item.text}\n\n{code}", item.block, item.indent)


def _render_fence(token: Token) -> str:
    """Return a code block as Markdown; a fence longer than any in the code."""
    longest = max((len(run) for run in re.findall(r"`{3,}", token.content)), default=2)
    fence = "`" * (longest + 1)
    content = token.content.rstrip("\n")
    return f"{fence}{token.info}\n{content}\n{fence}"
