"""A page as it is put together: blocks written so far, the paragraph being written, the elements that stand open."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from booklight_ingest.mdx.blocks import Block, Computed, Container, Item, SourceHeading, Title
from booklight_ingest.mdx.inline import Run, escape
from booklight_ingest.mdx.scanner import Tag

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
    labels: list[str]


class BlockBuilder:
    """Where the parts of a page go. `out` grows; `run` is the open paragraph; `hidden` counts elements not shown.

    `unbuilt` counts those that are shown but not in the HTML. `titles` are over what is written now; one is written
    before the first block under it, unless a heading comes first. `tab_labels` are those of all groups so far.
    """

    def __init__(self) -> None:
        self.out: list[Item] = []
        self.run = Run()
        self.containers: tuple[Container, ...] = ()
        self.kind: Literal["paragraph", "label"] = "paragraph"
        self.tight = False
        self.hidden = 0
        self.unbuilt = 0
        self.titles: tuple[Title, ...] = ()
        self.tabs: list[Tabs] = []
        self.tab_labels: list[list[str]] = []
        self.tables: list[list[list[str]]] = []
        self._unwritten: dict[Title, tuple[Container, ...]] = {}
        self._frames: list[Frame] = []
        self._open: Counter[str] = Counter()

    def write(self, kind: Kind, text: str) -> None:
        """Write a block of CommonMark where the page stands now, after ending the paragraph."""
        self.flush()
        self._append(kind, text, self.tight and kind == "paragraph")

    def heading(self, level: int, text: str, slug: str | None) -> None:
        """Write a heading; the titles over it belong to it, and not to the section above."""
        self.flush()
        if not self.hidden:
            self._unwritten.clear()
            self.out.append(SourceHeading(level, text, slug, self.titles, bool(self.unbuilt)))

    def flush(self) -> None:
        """End the paragraph."""
        if self.run.mode == "raw" or self.run.empty:
            return
        text = self.run.take()
        self._append(self.kind, _bold(text) if self.kind == "label" and text else text, self.tight)

    def compute(self) -> None:
        """Note that what stands here is known to the built page alone."""
        if not self.hidden:
            self.out.append(Computed())

    def enter(self, container: Container) -> Closer:
        """Begin a list item or quotation; the result ends it."""
        self.flush()
        outer, self.containers = self.containers, (*self.containers, container)

        def leave() -> None:
            self.flush()
            self.containers = outer

        return leave

    def enter_titled(self) -> Closer:
        """Begin an element that may have a title; the result ends it. A title without any text is a paragraph."""
        self.flush()
        outer = self.titles

        def leave() -> None:
            self.flush()
            for title in self.titles[len(outer) :]:
                containers = self._unwritten.pop(title, None)
                if containers is not None and title.text and not self.tabs:
                    self.out.append(Block("paragraph", _bold(escape(title.text)), containers, titles=outer))
            self.titles = outer

        return leave

    def name_tabs(self, place: int, labels: Sequence[str]) -> None:
        """Write the row of `labels` before the tabs that began at `place`, if a heading in one parts them from others.

        Each label stands over its own tab, which then is another section's; the row is seen in this one.
        """
        written = self.out[place:]
        if any(isinstance(item, SourceHeading) for item in written) and isinstance(written[0], Block):
            row = " · ".join(escape(label) for label in labels if label)
            self.out.insert(place, Block("label", row, self.containers, titles=self.titles))

    def title(self, text: str, *, own: bool = True) -> None:
        """Give the titled element that was begun last its title; `text` is plain."""
        if text and not self.hidden:
            title = Title(text, own)
            self.titles = (*self.titles, title)
            self._unwritten[title] = self.containers

    def capture(self, finish: Callable[[str], None], mode: Literal["markdown", "plain", "raw"]) -> Closer:
        """Begin to gather what follows as one text; the result ends it and hands the text to `finish`.

        A heading in a plain text, as a summary may hold one, stays a heading and is no part of it.
        """
        self.flush()
        outer = self.out, self.run, self.containers, self.kind, self._unwritten
        self.out, self.run, self.containers, self.kind, self._unwritten = [], Run(mode), (), "paragraph", {}

        def release() -> None:
            last = "" if mode != "raw" else self.run.take()
            self.flush()
            gathered = self.out
            self.out, self.run, self.containers, self.kind, self._unwritten = outer
            parts, kept = _part(gathered, keep_headings=mode == "plain")
            finish(("\n" if mode == "raw" else " ").join([*parts, *filter(None, [last])]))
            self.out += kept

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
            if self._frames[depth].name.startswith("#") and (not name.startswith("#") or name == "#directive"):
                break

    def finish(self) -> list[Item]:
        """End all that stands open and return the page."""
        self._close_from(0)
        self.flush()
        return self.out

    def _append(self, kind: Kind, text: str, tight: bool) -> None:
        if not text or self.hidden:
            return
        unbuilt = bool(self.unbuilt)
        for title in self.titles:
            containers = self._unwritten.pop(title, None)
            if containers is not None:
                self.out.append(Block("label", _bold(escape(title.text)), containers, False, self.titles, unbuilt))
        self.out.append(Block(kind, text, self.containers, tight, self.titles, unbuilt))

    def _close_from(self, depth: int) -> None:
        while len(self._frames) > depth:
            frame = self._frames.pop()
            self._open[frame.name] -= 1
            frame.close()


Opener: TypeAlias = Callable[[BlockBuilder, Tag], Closer]


def _part(gathered: Sequence[Item], keep_headings: bool) -> tuple[list[str], list[Item]]:
    """The texts of what was gathered, and what is no part of it but stays on the page."""
    texts: list[str] = []
    kept: list[Item] = []
    for item in gathered:
        if isinstance(item, Computed) or (keep_headings and isinstance(item, SourceHeading)):
            kept.append(item)
        else:
            texts.append(item.text)
    return texts, kept


def _bold(text: str) -> str:
    return text if "*" in text or "\n" in text else f"**{text}**"
