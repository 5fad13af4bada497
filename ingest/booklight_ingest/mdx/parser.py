"""Parse one file of Markdown or MDX into tokens, with all that its tokens may refer to."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from booklight_ingest.mdx.directives import directives_plugin
from booklight_ingest.mdx.esm import esm_plugin, read_imports
from booklight_ingest.mdx.fences import fences_plugin
from booklight_ingest.mdx.jsx import jsx_plugin
from booklight_ingest.mdx.paragraphs import MAX_PARAGRAPH, paragraphs_plugin
from booklight_ingest.mdx.source import KEY, LINE, Source

Format: TypeAlias = Literal["mdx", "md"]

MAX_NESTING = 60
UNREADABLE = "\ufffd"
# What no reader sees, and no other program expects in a text.
CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")
WRITTEN_FORMAT = re.compile(
    r"^mdx:(?:\s*\{[^}\n]*\bformat:|\s*\n(?:[ \t]+.*\n)*?[ \t]+format:)\s*[\"']?(mdx?)\b", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its tokens, and the files it imports by name."""

    source: Source
    tokens: list[Token]
    imports: dict[str, str]


def parse(text: str, file: Path, default: Format = "mdx") -> Document:
    """Parse `text`, read from `file`, as its front matter says or else in the `default` format.

    Any text parses; what is not understood stays text and is noted in the source.
    """
    source = Source(file, CONTROLS.sub("", text.removeprefix("\ufeff")), _format_of(text) or default)
    if UNREADABLE in text:
        source.note(UNREADABLE, "the file is not UTF-8, or was not when this was written")
    tokens = _parser(source.format).parse(source.text, {KEY: source, LINE: 0})
    return Document(source, tokens, read_imports([token.content for token in tokens if token.type == "esm"]))


@cache
def _parser(format: Format) -> MarkdownIt:
    """Return the parser of a format. In `md`, braces are text, indented lines are code, and HTML is no Markdown."""
    md = _Parser("commonmark", {"html": format == "md", "maxNesting": MAX_NESTING, "tasklists": False}).enable(
        ["table", "strikethrough"]
    )
    md.use(front_matter_plugin)
    md.use(footnote_plugin, inline=False)
    md.use(dollarmath_plugin, allow_space=False, allow_digits=False, allow_labels=False, double_inline=True)
    if format == "mdx":
        md.use(paragraphs_plugin).use(esm_plugin).use(jsx_plugin)
    md.core.ruler.at("inline", _parse_inline)
    return md.use(fences_plugin).use(directives_plugin)


class _Parser(MarkdownIt):
    """Takes every address of a link as it is: only the link's text is used."""

    def normalizeLink(self, url: str) -> str:
        return url

    def validateLink(self, url: str) -> bool:
        return True


def _parse_inline(state: StateCore) -> None:
    """Parse the text of paragraphs; one of book length stays as it is, since marks may be looked for to its end."""
    for token in state.tokens:
        if token.type == "inline" and len(token.content) > MAX_PARAGRAPH:
            token.type = "long_inline"
            token.children = [Token("text", "", 0, content=token.content)]
        elif token.type == "inline":
            state.env[LINE] = token.map[0] if token.map else 0
            token.children = token.children or []
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _format_of(text: str) -> Format | None:
    front = text.removeprefix("\ufeff").partition("\n---")[0] if text.lstrip("\ufeff").startswith("---") else ""
    written = WRITTEN_FORMAT.search(front.replace("\r\n", "\n"))
    return None if not written else "md" if written[1] == "md" else "mdx"
