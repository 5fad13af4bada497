"""A page as it is put together: blocks written so far, the paragraph being written, the elements that stand open."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from booklight_ingest.mdx.blocks import Block, Container, SourceHeading
from booklight_ingest.mdx.inline import Run, escape
from booklight_ingest.mdx.scanner import Tag
from booklight_ingest.mdx.values import Scope

Item: TypeAlias = Block | SourceHeading
Closer: TypeAlias = Callable[[], None]
Kind: TypeAlias = Literal["paragraph", "label", "fence", "table", "math"]


class Frame(NamedTuple):
    """An element that stands open. One of Markdown's own has a name with `#`, and no tag inside can close it."""

    name: str
    close: Closer


@dataclass(slots=True)
class Tabs:
    """A group of tabs: the labels its `values` give, its only tab in the HTML if it is lazy, the labels so far."""

    by_value: dict[str, str]
    only: str | None
    labels: list[str] = field(default_factory=list)


class Composition:
    """Where the parts of a page go. `out` grows; `run` is the open paragraph; `hidden` counts elements not shown.

    `unbuilt` counts those that are shown but not in the HTML, so that no link can lead into them.
    """

    def __init__(self) -> None:
        self.out: list[Item] = []
        self.run = Run()
        self.containers: tuple[Container, ...] = ()
        self.kind: Literal["paragraph", "label"] = "paragraph"
        self.tight = False
        self.hidden = 0
        self.unbuilt = 0
        self.tabs: list[Tabs] = []
        self.tables: list[list[list[str]]] = []
        self._frames: list[Frame] = []
        self._open: Counter[str] = Counter()

    def write(self, kind: Kind, text: str) -> None:
        """Write a block of CommonMark where the page stands now, after ending the paragraph."""
        self.flush()
        if text and not self.hidden:
            self.out.append(Block(kind, text, self.containers, self.tight and kind == "paragraph"))

    def label(self, text: str) -> None:
        """Write a line that introduces what follows; `text` is plain."""
        self.write("label", _bold(escape(text)))

    def heading(self, heading: SourceHeading) -> None:
        """Write a heading."""
        self.flush()
        if not self.hidden:
            self.out.append(heading)

    def flush(self) -> None:
        """End the paragraph."""
        if self.run.mode == "raw" or self.run.empty:
            return
        text = self.run.take()
        if text and not self.hidden:
            text = _bold(text) if self.kind == "label" else text
            self.out.append(Block(self.kind, text, self.containers, self.tight))

    def enter(self, container: Container) -> Closer:
        """Begin a list item or quotation; the result ends it."""
        self.flush()
        outer, self.containers = self.containers, (*self.containers, container)

        def leave() -> None:
            self.flush()
            self.containers = outer

        return leave

    def capture(self, finish: Callable[[str], None], mode: Literal["markdown", "plain", "raw"]) -> Closer:
        """Begin to gather what follows as one text; the result ends it and hands the text to `finish`."""
        self.flush()
        outer = self.out, self.run, self.containers, self.kind
        self.out, self.run, self.containers, self.kind = [], Run(mode), (), "paragraph"

        def release() -> None:
            last = "" if mode != "raw" else self.run.take()
            self.flush()
            parts = [*(item.text for item in self.out), *filter(None, [last])]
            self.out, self.run, self.containers, self.kind = outer
            finish(("\n" if mode == "raw" else " ").join(parts))

        return release

    def open(self, name: str, close: Closer) -> None:
        """Begin an element; `close` is called when it, or one around it, ends."""
        self._frames.append(Frame(name, close))
        self._open[name] += 1

    def close(self, name: str) -> None:
        """End the innermost open element of this name and all in it; a tag that closes nothing is ignored."""
        if not self._open[name]:
            return
        for depth in range(len(self._frames) - 1, -1, -1):
            if self._frames[depth].name == name:
                self._close_from(depth)
                break
            if self._frames[depth].name.startswith("#") and not name.startswith("#"):
                break

    def finish(self) -> list[Item]:
        """End all that stands open and return the page."""
        self._close_from(0)
        self.flush()
        return self.out

    def _close_from(self, depth: int) -> None:
        while len(self._frames) > depth:
            frame = self._frames.pop()
            self._open[frame.name] -= 1
            frame.close()


Opener: TypeAlias = Callable[[Composition, Tag, Scope], Closer]


def _bold(text: str) -> str:
    return text if "*" in text or "\n" in text else f"**{text}**"
