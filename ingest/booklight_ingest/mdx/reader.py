"""Read a parsed file as a reader sees it: into headings and blocks."""

from collections.abc import Sequence
from dataclasses import replace

from markdown_it.token import Token

from booklight_ingest.mdx.block_builder import Composition, Item
from booklight_ingest.mdx.blocks import Block, Container, SourceHeading
from booklight_ingest.mdx.components import BLOCKS, attribute_value
from booklight_ingest.mdx.elements import OPENERS
from booklight_ingest.mdx.esm import Component
from booklight_ingest.mdx.excerpts import excerpt
from booklight_ingest.mdx.expressions import bind, evaluate
from booklight_ingest.mdx.fences import read_fence
from booklight_ingest.mdx.headings import content_title, id_text, take_id
from booklight_ingest.mdx.jsx import nothing_outside_tags, read_jsx, stands_alone
from booklight_ingest.mdx.lexer import is_comment
from booklight_ingest.mdx.library import Inserts, Library
from booklight_ingest.mdx.parser import Document
from booklight_ingest.mdx.properties import write_properties
from booklight_ingest.mdx.scanner import Tag
from booklight_ingest.mdx.unknowns import note_unknown, note_unknown_attributes
from booklight_ingest.mdx.values import Markup, Scope, Unknown, Value, to_text
from booklight_ingest.slugs import Slugger

MAX_DEPTH = 12
MAX_SHOWN = 50_000
CHILDREN = frozenset({"children", "props.children"})


def read(document: Document, library: Library) -> list[Item]:
    """Return the headings and blocks of a page, those of the files it imports among them."""
    return _Reader(document, library, {}, Inserts(())).read()


class _Reader:
    """Walks the tokens of one file."""

    def __init__(self, document: Document, library: Library, props: dict[str, Value], inserts: Inserts) -> None:
        self.document, self.library, self.inserts = document, library, inserts
        self.page, self.slugger, self.depth, self.shown, self.flow = Composition(), Slugger(), 0, 0, False
        known = {**document.module.constants, **library.texts(document)}
        known |= {"frontMatter": document.front_matter, "contentTitle": content_title(document.tokens)}
        self.scope: Scope = {**known, "props": props}

    def read(self) -> list[Item]:
        tokens = iter(self.document.tokens)
        for token in tokens:
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
            case "fence":
                page.write("fence", read_fence(token.info, token.content))
            case "math_block":
                page.write("math", f"$$\n{token.content.strip()}\n$$")
            case "table_open" | "tr_open" | "th_open" | "td_open":
                page.open(f"#{token.tag}", OPENERS[token.tag](page, Tag(token.tag, "open", {}), self.scope))
            case "blockquote_open":
                page.open("#blockquote", page.enter(Container("> ", "> ")))
            case "label_open":
                page.open("#label", OPENERS["summary"](page, Tag("summary", "open", {}), self.scope))
            case "label_close":
                page.close("#label")
            case "footnote_block_open":
                page.heading(SourceHeading(2, "Footnotes", "footnote-label", 0))
            case "footnote_open":
                marker = f"{token.meta['id'] + 1}. "
                page.open("#footnote", page.enter(Container(marker, " " * len(marker))))
            case "footnote_close":
                page.close("#footnote")
            case "mdx_tag":
                self.tag(token.meta["tag"], between=True)
            case "mdx_expression":
                self.flow = True
                self.expression(token.content)
                self.flow = False
                page.run.add("" if page.run.mode == "raw" else " ")

    def heading(self, level: int, token: Token) -> None:
        children = token.children or []
        slug = take_id(children) or self.slugger.slug(id_text(children)) or None
        line = token.map[0] + 1 if token.map else 0
        if level == 1 or self.page.unbuilt:
            slug = None
        release = self.page.capture(lambda text: self.page.heading(SourceHeading(level, text, slug, line)), "plain")
        self.page.open("#heading", release)
        self.paragraph(children)
        self.page.close("#heading")

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
                run.text(id_text(token.children or []))
            case "math_inline":
                run.add(f"${token.content}$")
            case "math_inline_double":
                run.add(f"$${token.content.strip()}$$")
            case "footnote_ref" if run.mode == "markdown":
                run.add(f"[{token.meta['id'] + 1}]")
            case "mdx_expression":
                self.expression(token.content)

    def tag(self, tag: Tag, between: bool) -> None:
        """Read a tag. `between` says that it stands between paragraphs, as all block elements do in any case."""
        page = self.page
        if tag.kind == "close":
            page.close(tag.name)
        elif tag.name == "br":
            page.run.line_break()
        elif page.hidden:
            page.open(tag.name, OPENERS["script"](page, tag, self.scope))
        elif opener := OPENERS.get(tag.name):
            note_unknown_attributes(self.document.source, tag, self.scope)
            page.open(tag.name, opener(page, tag, self.scope))
        else:
            self.component(tag, between)
        if tag.kind == "void":
            page.close(tag.name)

    def component(self, tag: Tag, between: bool) -> None:
        page = self.page
        if partial := self.library.partial(self.document, tag.name):
            self.partial(partial, tag)
        local = self.document.module.components.get(tag.name)
        if between and tag.name[:1].isupper():
            page.flush()
        if local and self.depth < MAX_DEPTH and self.inserts.spend():
            return self.local(local, tag)
        if not partial and not local:
            note_unknown_attributes(self.document.source, tag, self.scope)
            write_properties(page, tag, self.scope, self.show, between)
        page.open(tag.name, page.flush if between else lambda: None)
        return None

    def partial(self, partial: Document, tag: Tag) -> None:
        """Read an imported file in its place; its headings have ids of their own count."""
        trail = (*self.inserts.trail, self.document.source.file)
        if partial.source.file in trail or not self.inserts.spend():
            self.document.source.note(f"<{tag.name}", "this file imports itself, or too much: it is left out here")
            return
        inserts = Inserts(trail, self.inserts.left)
        page, props = self.page, self.properties(tag)
        page.flush()
        note_unknown(self.document.source, *props.values())
        for item in _Reader(partial, self.library, props, inserts).read():
            if isinstance(item, Block):
                item = replace(item, containers=(*page.containers, *item.containers))
            if not page.hidden:
                page.out.append(item)

    def local(self, component: Component, tag: Tag) -> None:
        """Read a component that the page defines: what it shows before its children, and after them."""
        tokens = read_jsx(component.markup, self.document.source)
        holes = [n for n, token in enumerate(tokens) if token.content in CHILDREN and token.type == "mdx_expression"]
        middle = holes[0] if holes else len(tokens)
        props = {**self.properties(tag), "children": None}
        scope = {**self.scope, **props, "props": props}
        scope |= bind(component.parameters, props, scope)
        self.within(tokens[:middle], scope)
        self.page.open(tag.name, lambda: self.within(tokens[middle + 1 :], scope))

    def within(self, tokens: Sequence[Token], scope: Scope) -> None:
        """Read the tokens of JSX with the names of `scope`."""
        outer, self.scope, self.depth = self.scope, scope, self.depth + 1
        for at, token in enumerate(tokens):
            if token.type == "mdx_tag":
                tag: Tag = token.meta["tag"]
                self.tag(tag, between=tag.name in BLOCKS or (self.flow and stands_alone(tokens, at)))
            else:
                self.inline(token)
        self.scope, self.depth = outer, self.depth - 1

    def expression(self, source: str) -> None:
        if not (is_comment(source) or self.page.hidden):
            self.show(evaluate(source, self.scope))

    def show(self, value: Value) -> None:
        """Write a value where the page stands now. Lists within lists can multiply, so there is an end to it."""
        self.shown += 1
        if self.shown > MAX_SHOWN:
            return
        match value:
            case Markup():
                self.markup(value)
            case Unknown():
                self.unknown(value)
            case list():
                for member in value:
                    self.show(member)
            case _:
                self.page.run.text(to_text(value))

    def markup(self, value: Markup) -> None:
        if self.depth < MAX_DEPTH:
            self.within(read_jsx(value.source, self.document.source), {**self.scope, **value.scope})

    def unknown(self, value: Unknown) -> None:
        """Write what can be taken for text, alternatives one after the other."""
        note_unknown(self.document.source, value)
        for number, text in enumerate(excerpt(value)):
            self.page.run.text(" " if number else "")
            self.show(text)

    def properties(self, tag: Tag) -> dict[str, Value]:
        return {name: attribute_value(attribute, self.scope) for name, attribute in tag.attributes.items()}
