"""Blocks: the paragraphs, code blocks and tables of a page as a reader sees them, and their CommonMark."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, TypeAlias


@dataclass(frozen=True, eq=False, slots=True)
class Container:
    """A list item or quotation around blocks: what its first line begins with, and what the others do."""

    first: str
    rest: str


@dataclass(frozen=True, eq=False, slots=True)
class Title:
    """The label of a tab, the summary of a details or the title of an admonition, over all that stands inside.

    `text` is plain. `own` is False for the name that every admonition of a kind has, which says nothing of its text.
    """

    text: str
    own: bool = True


@dataclass(frozen=True, slots=True)
class Block:
    """A block, the containers it stands in, and the titles over it, the outermost first.

    `text` is its CommonMark without them. A `label` introduces what follows: a tab's name, an admonition's title.
    `tight` blocks stand directly below one another, as the items of a tight list do. `unbuilt` ones are drawn by the
    browser alone, so that the built page does not hold them: tabs that are lazy, diagrams.
    """

    kind: Literal["paragraph", "label", "fence", "table", "math"]
    text: str
    containers: tuple[Container, ...] = ()
    tight: bool = False
    titles: tuple[Title, ...] = ()
    unbuilt: bool = False


@dataclass(frozen=True, slots=True)
class SourceHeading:
    """A heading as the source has it.

    `text` is what a reader sees, without marks. `slug` is the id that was written or that the slug rules give; None
    if it has none, empty if no link can lead to it. `titles` and `unbuilt` are as those of blocks.
    """

    level: int
    text: str
    slug: str | None
    titles: tuple[Title, ...] = ()
    unbuilt: bool = False


@dataclass(frozen=True, slots=True)
class Computed:
    """A place where the page shows what only a build can know."""


Item: TypeAlias = Block | SourceHeading | Computed


def render(blocks: Iterable[Block]) -> str:
    """Return the CommonMark of `blocks`; any run of a page's blocks renders to a document of its own."""
    lines: list[str] = []
    opened: tuple[Container, ...] = ()
    previous: Block | None = None
    for block in blocks:
        shared = _shared(opened, block.containers)
        if previous and not (block.tight and previous.tight):
            lines.append("".join(container.rest for container in shared).rstrip())
        lines += _prefixed(block, len(shared))
        opened, previous = block.containers, block
    return "\n".join(lines)


def _shared(opened: Sequence[Container], containers: Sequence[Container]) -> list[Container]:
    if not opened or not containers:
        return []
    pairs = takewhile(lambda pair: pair[0] is pair[1], zip(opened, containers, strict=False))
    return [container for container, _ in pairs]


def _prefixed(block: Block, opened: int) -> list[str]:
    if not block.containers:
        return block.text.split("\n")
    rest = "".join(container.rest for container in block.containers)
    first = "".join(
        container.rest if number < opened else container.first for number, container in enumerate(block.containers)
    )
    head, *tail = block.text.split("\n")
    return [first + head, *(rest + line if line else rest.rstrip() for line in tail)]
