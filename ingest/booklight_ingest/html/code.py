"""Code blocks of a built page: their lines, language and title."""

import re

from selectolax.lexbor import LexborNode

from booklight_ingest.mdx.fences import write_fence

LANGUAGE = re.compile(r"language-([\w+#.-]+)")
TITLE = "[class*=codeBlockTitle]"


def read_code(node: LexborNode, classes: set[str]) -> str:
    """Return a code block as a fence, empty if it has no text. `text` is what Docusaurus calls no language at all."""
    pre = node if node.tag == "pre" else node.css_first("pre")
    code = _lines(pre).strip("\n") if pre else ""
    language = next((found[1] for name in [*classes, _class_of(node)] if (found := LANGUAGE.search(name))), "")
    title = node.css_first(TITLE)
    shown = " ".join(title.text().split()) if title else ""
    return write_fence(code, "" if language == "text" else language, shown) if code.strip() else ""


def _lines(pre: LexborNode) -> str:
    """The text of a `<pre>`, which Docusaurus splits into lines for the highlighter."""
    lines = pre.css(".token-line")
    if lines:
        return "\n".join(line.text().strip("\n") for line in lines)
    for line_break in pre.css("br"):
        line_break.replace_with("\n")
    return pre.text()


def _class_of(node: LexborNode) -> str:
    inner = node.css_first("code[class*=language-]")
    return f"{node.attributes.get('class') or ''} {(inner.attributes.get('class') or '') if inner else ''}"
