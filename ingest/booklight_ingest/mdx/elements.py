"""What an opening tag does to the page, by its name. Each function returns what its closing tag does."""

from collections.abc import Mapping

from booklight_ingest.mdx.block_builder import Closer, Composition, Opener
from booklight_ingest.mdx.blocks import Container, SourceHeading
from booklight_ingest.mdx.components import BLOCKS, HEADINGS, HIDDEN, MARKERS, attribute_text
from booklight_ingest.mdx.fences import drop_highlights, write_fence
from booklight_ingest.mdx.scanner import Tag
from booklight_ingest.mdx.tables import open_cell, open_row, open_table
from booklight_ingest.mdx.tabs import open_tab, open_tabs
from booklight_ingest.mdx.values import Scope


def open_block(page: Composition, tag: Tag, scope: Scope) -> Closer:
    """Any element that stands on lines of its own."""
    page.flush()
    return page.flush


def open_hidden(page: Composition, tag: Tag, scope: Scope) -> Closer:
    """An element whose content is no text of the page."""
    page.hidden += 1

    def close() -> None:
        page.hidden -= 1

    return close


def open_mark(page: Composition, tag: Tag, scope: Scope) -> Closer:
    """Bold, italic, struck, code."""
    page.run.open("`" if tag.name == "code" else MARKERS[tag.name])
    return page.run.close


def open_heading(page: Composition, tag: Tag, scope: Scope) -> Closer:
    """`<h2 id="…">` or `<Heading as="h2" id="…">`: Docusaurus gives it no id of its own."""
    name = attribute_text(tag, "as", scope) or "h2" if tag.name == "Heading" else tag.name
    level = int(name[1]) if name[1:] in {"1", "2", "3", "4", "5", "6"} else 2
    slug = attribute_text(tag, "id", scope) or None
    return page.capture(lambda text: page.heading(SourceHeading(level, text, slug, 0)), "plain")


def open_quote(page: Composition, tag: Tag, scope: Scope) -> Closer:
    """`<blockquote>`."""
    return page.enter(Container("> ", "> "))


def open_item(page: Composition, tag: Tag, scope: Scope) -> Closer:
    """`<li>`; numbers are left to the reader's eye."""
    return page.enter(Container("- ", "  "))


def open_label(page: Composition, tag: Tag, scope: Scope) -> Closer:
    """`<summary>`, `<legend>`, a table's `<caption>`: what introduces the rest."""
    page.flush()
    page.kind = "label"

    def close() -> None:
        page.flush()
        page.kind = "paragraph"

    return close


def open_code(page: Composition, tag: Tag, scope: Scope) -> Closer:
    """`<CodeBlock language="…" title="…">` or `<pre>`."""
    language = attribute_text(tag, "language", scope)
    title = attribute_text(tag, "title", scope)

    def write(code: str) -> None:
        code = drop_highlights(code, language) if language else code
        page.write("fence", write_fence(code.strip("\n"), language, title) if code.strip() else "")

    return page.capture(write, "raw")


def open_admonition(page: Composition, tag: Tag, scope: Scope) -> Closer:
    """`<Admonition type="tip" title="…">`."""
    page.label(attribute_text(tag, "title", scope) or attribute_text(tag, "type", scope))
    return page.flush


OPENERS: Mapping[str, Opener] = {
    **dict.fromkeys(BLOCKS, open_block),
    **dict.fromkeys(HIDDEN, open_hidden),
    **dict.fromkeys([*MARKERS, "code"], open_mark),
    **dict.fromkeys(HEADINGS, open_heading),
    **dict.fromkeys(["summary", "legend", "figcaption", "caption", "dt"], open_label),
    **dict.fromkeys(["CodeBlock", "pre"], open_code),
    "Admonition": open_admonition,
    "blockquote": open_quote,
    "li": open_item,
    "Tabs": open_tabs,
    "TabItem": open_tab,
    "table": open_table,
    "tr": open_row,
    "td": open_cell,
    "th": open_cell,
}
