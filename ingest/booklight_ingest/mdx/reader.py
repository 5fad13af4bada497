"""Read a parsed file as a reader sees it: into headings and blocks. What only a build can know is marked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markdown_it.token import Token

from booklight_ingest.mdx.block_builder import BlockBuilder
from booklight_ingest.mdx.blocks import Block, Container, Item, SourceHeading
from booklight_ingest.mdx.components import HIDDEN, TRANSPARENT, attribute_text, literal_text
from booklight_ingest.mdx.elements import OPENERS, open_hidden
from booklight_ingest.mdx.fences import read_fence
from booklight_ingest.mdx.headings import id_text, take_id
from booklight_ingest.mdx.jsx import nothing_outside_tags, read_jsx
from booklight_ingest.mdx.library import Inserts, Library
from booklight_ingest.mdx.parser import Document
from booklight_ingest.mdx.scanner import Tag, scan_element
from booklight_ingest.mdx.source import Problem
from booklight_ingest.slugs import Slugger

MAX_DEPTH = 12
LONGEST = 60
COMMENT = ("/*", "*/")


@dataclass(frozen=True, slots=True)
class SourceReading:
    """What a file says: its `items` in order, the labels of its groups of tabs, and where it holds what only a build
    can know."""

    items: list[Item]
    tab_labels: list[list[str]]
    computed: list[Problem]


def read(document: Document, library: Library) -> SourceReading:
    """Return the headings and blocks of a page, those of the files it imports among them."""
    reader = _Reader(document, library, Inserts(()))
    return SourceReading(reader.read(), reader.page.tab_labels, reader.computed)


class _Reader:
    """Walks the tokens of one file."""

    def __init__(self, document: Document, library: Library, inserts: Inserts) -> None:
        self.document, self.library, self.inserts = document, library, inserts
        self.page, self.slugger, self.depth, self.line = BlockBuilder(), Slugger(), 0, 0
        self.computed: list[Problem] = []
        self.directives: list[int] = []

    def read(self) -> list[Item]:
        tokens = iter(self.document.tokens)
        for token in tokens:
            self.line = token.map[0] if token.map else self.line
            if token.type == "heading_open":
                self.heading(int(token.tag[1]), next(tokens))
            else:
                self.block(token)
        return self.page.finish()

    def block(self, token: Token) -> None:
        page = self.page
        match token.type:
            case "inline" | "long_inline":
                self.paragraph(token.children or [])
            case "paragraph_open":
                page.flush()
                page.tight = token.hidden
            case "paragraph_close":
                page.flush()
                page.tight = False
            case "list_item_open":
                marker = f"{token.info}{token.markup} "
                page.open("#li", page.enter(Container(marker, " " * len(marker))))
            case "tr_close" | "th_close" | "td_close" | "table_close" | "list_item_close" | "blockquote_close":
                page.close(f"#{token.tag}")
            case "fence" | "code_block":
                self.fence(token)
            case "math_block":
                page.write("math", f"$$\n{token.content.strip()}\n$$")
            case "table_open" | "tr_open" | "th_open" | "td_open":
                page.open(f"#{token.tag}", OPENERS[token.tag](page, Tag(token.tag, "open", {})))
            case "blockquote_open":
                page.open("#blockquote", page.enter(Container("> ", "> ")))
            case "directive_open":
                self.directive(token)
            case "directive_close" if self.directives and len(token.markup) >= self.directives[-1]:
                page.close("#directive")
            case "label_open":
                page.open("#label", page.capture(page.title, "plain"))
            case "label_close":
                page.close("#label")
            case "footnote_block_open":
                page.heading(2, "Footnotes", "footnote-label")
            case "footnote_open":
                marker = f"{token.meta['id'] + 1}. "
                page.open("#footnote", page.enter(Container(marker, " " * len(marker))))
            case "footnote_close":
                page.close("#footnote")
            case "mdx_tag":
                self.tag(token.meta["tag"], between=True)
            case "mdx_expression":
                self.expression(token.content)
                page.run.add("" if page.run.mode == "raw" else " ")
            case "html_block":
                self.within(read_jsx(token.content, self.document.source))

    def heading(self, level: int, token: Token) -> None:
        children = token.children or []
        slug = take_id(children) or self.slugger.slug(id_text(children)) or None
        if level == 1 or self.page.unbuilt:
            slug = None
        self.page.open("#heading", self.page.capture(lambda text: self.page.heading(level, text, slug), "plain"))
        self.paragraph(children)
        self.page.close("#heading")

    def fence(self, token: Token) -> None:
        """A code block; a diagram is drawn by the browser, and so is in no built page."""
        diagram = token.info.split(maxsplit=1)[:1] == ["mermaid"]
        self.page.flush()
        self.page.unbuilt += diagram
        self.page.write("fence", read_fence(token.info, token.content))
        self.page.unbuilt -= diagram

    def directive(self, token: Token) -> None:
        leave = self.page.enter_titled()
        self.directives.append(len(token.markup))

        def close() -> None:
            leave()
            self.directives.pop()

        self.page.open("#directive", close)
        self.page.title(token.info, own=False)

    def paragraph(self, children: Sequence[Token]) -> None:
        """Read inline tokens. Where no text stands outside tags, the tags stand between paragraphs."""
        between, depth = nothing_outside_tags(children), 0
        for token in children:
            if token.type != "mdx_tag":
                self.inline(token)
                continue
            tag: Tag = token.meta["tag"]
            depth -= tag.kind == "close"
            self.tag(tag, between=between and depth <= 0)
            depth += tag.kind == "open"

    def inline(self, token: Token) -> None:
        if self.page.hidden:
            return
        run = self.page.run
        match token.type:
            case "text" | "text_directive":
                run.text(token.content)
            case "code_inline":
                run.code(token.content)
            case "softbreak":
                run.add("\n" if run.mode == "raw" else " ")
            case "hardbreak":
                run.line_break()
            case "strong_open" | "em_open" | "s_open":
                run.open({"strong": "**", "em": "*", "s": "~~"}[token.tag])
            case "strong_close" | "em_close" | "s_close":
                run.close()
            case "image":
                run.picture(id_text(token.children or []))
            case "math_inline":
                run.add(f"${token.content}$")
            case "math_inline_double":
                run.add(f"$${token.content.strip()}$$")
            case "footnote_ref" if run.mode == "markdown":
                run.add(f"[{token.meta['id'] + 1}]")
            case "mdx_expression":
                self.expression(token.content)
            case "html_inline":
                self.within(read_jsx(token.content, self.document.source))

    def tag(self, tag: Tag, between: bool) -> None:
        """Read a tag. `between` says that it stands between paragraphs, as all block elements do in any case."""
        page = self.page
        if tag.kind == "close":
            page.close(tag.name)
            return
        if tag.name == "br":
            page.run.line_break()
        elif page.hidden or tag.name in HIDDEN:
            page.open(tag.name, open_hidden(page, tag))
            self.mark(tag, tag.name == "BrowserOnly")
        elif opener := OPENERS.get(tag.name):
            unknown = [name for name in ("title", "label", "children") if attribute_text(tag, name) is None]
            self.mark(tag, bool(unknown) or "dangerouslySetInnerHTML" in tag.attributes)
            page.open(tag.name, opener(page, tag))
        else:
            self.component(tag, between)
        if tag.kind == "void":
            page.close(tag.name)

    def component(self, tag: Tag, between: bool) -> None:
        page = self.page
        if tag.name == "img":
            self.mark(tag, attribute_text(tag, "alt") is None)
            page.run.picture(attribute_text(tag, "alt") or "")
        partial = self.library.partial(self.document, tag.name)
        if partial:
            self.partial(partial, tag)
        elif (tag.name[:1].isupper() and tag.name not in TRANSPARENT) or "." in tag.name:
            page.flush() if between else None
            self.mark(tag, True)
        page.open(tag.name, page.flush if between else lambda: None)

    def partial(self, partial: Document, tag: Tag) -> None:
        """Read an imported file in its place; its headings have ids of their own count."""
        trail = (*self.inserts.trail, self.document.source.file)
        if partial.source.file in trail or not self.inserts.spend():
            self.document.source.note(f"<{tag.name}", "this file imports itself, or too much: it is left out here")
            return
        page = self.page
        page.flush()
        reader = _Reader(partial, self.library, Inserts(trail, self.inserts.left))
        items = [] if page.hidden else reader.read()
        self.computed += reader.computed
        page.tab_labels += reader.page.tab_labels
        for item in items:
            if isinstance(item, Block | SourceHeading):
                item = replace(item, titles=(*page.titles, *item.titles), unbuilt=item.unbuilt or bool(page.unbuilt))
            if isinstance(item, Block):
                item = replace(item, containers=(*page.containers, *item.containers))
            page.out.append(item)

    def within(self, tokens: Sequence[Token]) -> None:
        """Read the tokens of JSX."""
        if self.depth >= MAX_DEPTH:
            return
        self.depth += 1
        for token in tokens:
            if token.type == "mdx_tag":
                self.tag(token.meta["tag"], between=False)
            else:
                self.inline(token)
        self.depth -= 1

    def expression(self, source: str) -> None:
        """Read what stands between braces: a comment, a literal or plain JSX; the rest only a build can know."""
        source = source.strip()
        if self.page.hidden or (source.startswith(COMMENT[0]) and source.endswith(COMMENT[1])):
            return
        text = literal_text(source)
        if text is not None:
            self.page.run.text(text)
        elif source.startswith("<") and scan_element(source, 0, len(source)) == len(source):
            self.within(read_jsx(source, self.document.source))
        else:
            self.note(f"{{{source}")

    def mark(self, tag: Tag, computed: bool) -> None:
        if computed:
            self.note(f"<{tag.name}")

    def note(self, written: str) -> None:
        """Mark that only a build knows what stands here."""
        if self.page.hidden:
            return
        self.page.compute()
        excerpt = written.partition("\n")[0][:LONGEST]
        message = f"{excerpt}: only a build can know this, and there is no built page: left out"
        self.computed.append(Problem(self.document.source.file, self.line + 1, message))
