"""The id an author gave a heading, and the text that Docusaurus makes one from if there is none."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from markdown_it.token import Token

WRITTEN_ID = re.compile(r"\s*\{#((?:(?!\{#|\}).)+)\}\Z", re.DOTALL)
COMMENT_ID = re.compile(r"\s*/\*\s*#(\S+)(?:\s(?:(?!\*/).)*)?\*/\s*\Z", re.DOTALL)


def take_id(children: list[Token]) -> str | None:
    """Return the id written at the end of a heading, and remove it from its tokens.

    ## Title {#id}        ## Title \\{#id}        ## Title {/* #id */}
    """
    last = children[-1] if children else None
    if last and last.type == "mdx_expression" and (comment := COMMENT_ID.match(last.content)):
        children.pop()
        _trim(children)
        return comment[1].removesuffix("*/")
    written = WRITTEN_ID.search(id_text(children))
    if not written or not last:
        return None
    last.content = WRITTEN_ID.sub("", last.content)
    return written[1].strip()


def id_text(tokens: Iterable[Token]) -> str:
    """Return the text an id is made from: what is written, expressions as source, components by their children."""
    return "".join(map(_id_text_of, tokens))


def content_title(tokens: Sequence[Token]) -> str | None:
    """Return the title that a page's source gives it, as a heading of the first level at its beginning."""
    for token, text in pairwise(tokens):
        if token.type == "heading_open":
            return id_text(text.children or []) if token.tag == "h1" else None
    return None


def _id_text_of(token: Token) -> str:
    match token.type:
        case "text" | "code_inline" | "mdx_expression" | "math_inline" | "math_inline_double" | "text_special":
            return token.content
        case "text_directive":
            return str(token.meta["in_id"])
        case "softbreak":
            return "\n"
        case "image":
            return id_text(token.children or [])
        case _:
            return ""


def _trim(children: list[Token]) -> None:
    if children and children[-1].type == "text":
        children[-1].content = children[-1].content.rstrip()
