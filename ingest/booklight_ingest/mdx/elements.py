"""What an opening tag does to the page, by its name. Each function returns what its closing tag does."""

from collections.abc import Mapping

from booklight_ingest.mdx.block_builder import BlockBuilder, Closer, Opener
from booklight_ingest.mdx.blocks import Container
from booklight_ingest.mdx.components import BLOCKS, HEADINGS, HIDDEN, MARKERS, attribute_text
from booklight_ingest.mdx.fences import drop_highlights, write_fence
from booklight_ingest.mdx.scanner import Tag
from booklight_ingest.mdx.tables import open_cell, open_row, open_table
from booklight_ingest.mdx.tabs import open_tab, open_tabs


def open_block(page: BlockBuilder, tag: Tag) -> Closer:
    """Any element that stands on lines of its own."""
    page.flush()
    return page.flush


def open_hidden(page: BlockBuilder, tag: Tag) -> Closer:
    """An element whose content is no text of the page."""
    page.hidden += 1

    def close() -> None:
        page.hidden -= 1

    return close


def open_mark(page: BlockBuilder, tag: Tag) -> Closer:
    """Bold, italic, struck, code."""
    page.run.open("`" if tag.name == "code" else MARKERS[tag.name])
    return page.run.close


def open_heading(page: BlockBuilder, tag: Tag) -> Closer:
    """`<h2 id="…">` or `<Heading as="h2" id="…">`: Docusaurus gives it no id of its own."""
    name = attribute_text(tag, "as") or "h2" if tag.name == "Heading" else tag.name
    level = int(name[1]) if name[1:] in {"1", "2", "3", "4", "5", "6"} else 2
    slug = attribute_text(tag, "id") or None
    release = page.capture(lambda text: page.heading(level, text, slug), "plain")
    page.run.text(attribute_text(tag, "children") or "")
    return release


def open_quote(page: BlockBuilder, tag: Tag) -> Closer:
    """`<blockquote>`."""
    return page.enter(Container("> ", "> "))


def open_item(page: BlockBuilder, tag: Tag) -> Closer:
    """`<li>`; numbers are left to the reader's eye."""
    return page.enter(Container("- ", "  "))


def open_label(page: BlockBuilder, tag: Tag) -> Closer:
    """`<legend>`, a table's `<caption>`: what introduces the rest."""
    page.flush()
    page.kind = "label"

    def close() -> None:
        page.flush()
        page.kind = "paragraph"

    return close


def open_code(page: BlockBuilder, tag: Tag) -> Closer:
    """`<CodeBlock language="…" title="…">` or `<pre>`."""
    language = attribute_text(tag, "language") or ""
    title = attribute_text(tag, "title") or ""

    def write(code: str) -> None:
        code = drop_highlights(code, language) if language else code
        page.write("fence", write_fence(code.strip("\n"), language, title) if code.strip() else "")

    return page.capture(write, "raw")


def open_admonition(page: BlockBuilder, tag: Tag) -> Closer:
    """`<Admonition type="tip" title="…">`."""
    leave = page.enter_titled()
    title, kind = attribute_text(tag, "title"), attribute_text(tag, "type")
    page.title(title or kind or "note", own=bool(title))
    return leave


def open_details(page: BlockBuilder, tag: Tag) -> Closer:
    """`<details>`, whose summary is the title of the rest."""
    return page.enter_titled()


def open_summary(page: BlockBuilder, tag: Tag) -> Closer:
    """`<summary>`."""
    return page.capture(page.title, "plain")


OPENERS: Mapping[str, Opener] = {
    **dict.fromkeys(BLOCKS, open_block),
    **dict.fromkeys(HIDDEN, open_hidden),
    **dict.fromkeys([*MARKERS, "code"], open_mark),
    **dict.fromkeys(HEADINGS, open_heading),
    **dict.fromkeys(["legend", "figcaption", "caption", "dt"], open_label),
    **dict.fromkeys(["CodeBlock", "pre"], open_code),
    "Admonition": open_admonition,
    **dict.fromkeys(["details", "Details"], open_details),
    "summary": open_summary,
    "blockquote": open_quote,
    "li": open_item,
    "Tabs": open_tabs,
    "TabItem": open_tab,
    "table": open_table,
    "tr": open_row,
    "td": open_cell,
    "th": open_cell,
}
