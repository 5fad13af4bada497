"""Read the main content of a built page into the same headings and blocks as its source is read into."""

import re
from collections.abc import Iterator, Mapping, Sequence

from selectolax.lexbor import LexborNode

from booklight_ingest.html.code import read_code
from booklight_ingest.mdx.block_builder import BlockBuilder, Closer
from booklight_ingest.mdx.blocks import Container, Item
from booklight_ingest.mdx.components import BLOCK_ELEMENTS, HEADINGS, HIDDEN
from booklight_ingest.mdx.elements import OPENERS, open_label
from booklight_ingest.mdx.scanner import Tag

# Of these a page shows nothing that is text of its own.
SKIPPED = HIDDEN | {"button", "nav", "select", "textarea"}
READ_WHOLE = SKIPPED | HEADINGS | {"pre"}
CHROME = frozenset(
    {"hash-link", "pagination-nav", "table-of-contents"}
    | {f"theme-doc-{name}" for name in ("breadcrumbs", "footer", "toc-desktop", "toc-mobile", "version-badge")}
)
# Elements that a style sets apart from the one before, though no space stands between the two.
SET_APART = {"span", "small"}
SPACE = re.compile(r"[ \t\n\r\f]+")
BROKEN = re.compile("[\0-\x1f\x7f\ufffd]")
CONTROLS = re.compile("[\0-\x08\x0e-\x1f\x7f]")
KIND = re.compile(r"theme-admonition-([\w-]+)")
TITLE_OF_ADMONITION = "[class*=admonitionHeading], [class*=admonition-heading]"


def read_html(content: LexborNode, tab_labels: Sequence[Sequence[str]] = ()) -> list[Item]:
    """Return the headings and blocks of `content`.

    `tab_labels` are those that the source gives its groups of tabs; a tab that shows an icon has its label from there.
    """
    return _Reader(tab_labels).read(content)


def heading_text(heading: LexborNode) -> str:
    """Return what a reader sees of a heading, formulas as TeX."""
    reader = _Reader(())
    taken: list[str] = []
    release = reader.page.capture(taken.append, "plain")
    reader.walk(heading)
    release()
    return taken[0]


class _Reader:
    """Walks the tree; `panels` are the labels of the panels to come, by group, and `groups` the lists of tabs, by the
    element that holds a list and its panels."""

    def __init__(self, tab_labels: Sequence[Sequence[str]]) -> None:
        self.page = BlockBuilder()
        self.known = [list(group) for group in tab_labels]
        self.panels: list[Iterator[str]] = []
        self.items: list[int | None] = []
        self.groups: dict[int, LexborNode] = {}

    def read(self, content: LexborNode) -> list[Item]:
        for tablist in content.css("[role=tablist]"):
            self.groups.setdefault(_group_around(tablist).mem_id, tablist)
        self.walk(content)
        return self.page.finish()

    def walk(self, root: LexborNode) -> None:
        """Open and close the elements below `root`, however deep they are nested."""
        stack: list[tuple[Iterator[LexborNode], Closer]] = [(root.iter(include_text=True), self.page.flush)]
        while stack:
            children, close = stack[-1]
            node = next(children, None)
            if node is None:
                stack.pop()
                close()
            elif node.is_text_node:
                self.page.run.text(SPACE.sub(" ", CONTROLS.sub("", node.text_content or "")))
            elif node.is_element_node and (opened := self.open(node, node.tag or "")):
                stack.append((node.iter(include_text=True), opened))

    def open(self, node: LexborNode, tag: str) -> Closer | None:
        """Begin an element; None if nothing in it is to be read any more."""
        attributes = node.attributes
        if not attributes and not self.groups and tag not in READ_WHOLE:
            return self.element(node, tag, attributes)
        classes = set((attributes.get("class") or "").split())
        role = attributes.get("role")
        if tag in SKIPPED or classes & CHROME or "data-footnote-backref" in attributes or role == "tablist":
            return None
        if "hidden" in attributes and role != "tabpanel":
            return None
        if "katex" in classes or "katex-display" in classes:
            self.formula(node, "katex-display" in classes)
            return None
        if "theme-code-block" in classes or tag == "pre":
            self.page.write("fence", read_code(node, classes))
            return None
        if tag in HEADINGS:
            return self.heading(node, tag, attributes.get("id"))
        return self.container(node, classes, role) or self.element(node, tag, attributes)

    def container(self, node: LexborNode, classes: set[str], role: str | None) -> Closer | None:
        """Docusaurus' own: tabs, a tab, an admonition and its title."""
        if "theme-admonition" in classes:
            return self.admonition(node, " ".join(classes))
        if any(name.startswith(("admonitionHeading", "admonition-heading")) for name in classes):
            return _ignore(self.page)
        if role == "tabpanel":
            leave = self.page.enter_titled()
            self.page.title(next(self.panels[-1], "") if self.panels else "")
            return leave
        if tablist := self.groups.get(node.mem_id):
            return self.tabs(self.labels(node, tablist))
        return None

    def element(self, node: LexborNode, tag: str, attributes: Mapping[str, str | None]) -> Closer:
        """HTML as authors can write it too."""
        page = self.page
        before = node.prev
        if before and before.is_element_node and {tag, before.tag} & SET_APART:
            page.run.add(" ")
        match tag:
            case "br":
                page.run.line_break()
            case "img":
                page.run.picture(attributes.get("alt") or "")
            case "input" if attributes.get("type") == "checkbox":
                page.run.add("[x] " if "checked" in attributes else "[ ] ")
            case "a" if "data-footnote-ref" in attributes:
                page.run.add("[")
                return lambda: page.run.add("]")
            case "ol" | "ul":
                return self.list(int(attributes.get("start") or 1) if tag == "ol" else None)
            case "li":
                return self.item(node)
            case _ if opener := OPENERS.get(tag):
                return opener(page, Tag(tag, "open", {}))
        return page.flush if tag in BLOCK_ELEMENTS else lambda: None

    def formula(self, node: LexborNode, displayed: bool) -> None:
        """A formula: the TeX that stands beside what KaTeX has drawn."""
        annotation = node.css_first("annotation")
        tex = (annotation or node).text().strip()
        if displayed and self.page.run.empty and self.page.run.mode == "markdown":
            self.page.write("math", f"$$\n{tex}\n$$")
        else:
            self.page.run.add(f"$${tex}$$" if displayed else f"${tex}$")

    def heading(self, node: LexborNode, tag: str, identity: str | None) -> Closer:
        """A heading; within a link it is the title of a card."""
        page = self.page
        if node.parent and node.parent.tag == "a":
            return open_label(page, Tag(tag, "open", {}))
        slug = "" if identity and BROKEN.search(identity) else identity
        return page.capture(lambda text: page.heading(int(tag[1]), text, slug), "plain")

    def admonition(self, node: LexborNode, classes: str) -> Closer:
        leave = self.page.enter_titled()
        kind, shown = KIND.search(classes), node.css_first(TITLE_OF_ADMONITION)
        label = heading_text(shown) if shown else ""
        self.page.title(label, own=not kind or label.casefold() != kind[1])
        return leave

    def tabs(self, labels: Sequence[str]) -> Closer:
        self.page.flush()
        self.panels.append(iter(labels))
        place = len(self.page.out)

        def close() -> None:
            self.page.flush()
            self.panels.pop()
            self.page.name_tabs(place, labels)

        return close

    def labels(self, tabs: LexborNode, tablist: LexborNode) -> list[str]:
        """The labels of the panels of a group; a lazy one has but the panel that is open."""
        listed = tablist.css("[role=tab]")
        labels = [heading_text(tab) for tab in listed]
        for known in self.known:
            if len(known) == len(labels) and all(
                ours in {"", other} for ours, other in zip(labels, known, strict=True)
            ):
                labels = known
                self.known.remove(known)
                break
        panels = [node for node in tabs.css("[role=tabpanel]") if self.group_of(node) == tabs.mem_id]
        if len(panels) == len(labels):
            return labels
        chosen = (tab.attributes.get("aria-selected") == "true" for tab in listed)
        return [label for label, open_one in zip(labels, chosen, strict=True) if open_one]

    def group_of(self, panel: LexborNode) -> int:
        """The group that a panel belongs to: groups stand within the panels of others."""
        node = panel.parent
        while node and node.mem_id not in self.groups:
            node = node.parent
        return node.mem_id if node else 0

    def list(self, first: int | None) -> Closer:
        self.page.flush()
        self.items.append(first)

        def close() -> None:
            self.page.flush()
            self.items.pop()

        return close

    def item(self, node: LexborNode) -> Closer:
        number = self.items[-1] if self.items else None
        marker = "- " if number is None else f"{number}. "
        if number is not None:
            self.items[-1] = number + 1
        leave = self.page.enter(Container(marker, " " * len(marker)))
        outer, self.page.tight = self.page.tight, not any(child.tag == "p" for child in node.iter())

        def close() -> None:
            leave()
            self.page.tight = outer

        return close


def _group_around(tablist: LexborNode) -> LexborNode:
    """The element that holds a list of tabs and the panels they open, however a theme calls it."""
    node = tablist
    while node.parent and not node.css_first("[role=tabpanel]"):
        node = node.parent
    return node


def _ignore(page: BlockBuilder) -> Closer:
    page.flush()
    return page.capture(lambda text: None, "plain")
