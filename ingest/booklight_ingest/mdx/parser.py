"""Parse one file of Markdown or MDX into tokens, with all that its tokens may refer to."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from booklight_ingest.mdx.directives import directives_plugin
from booklight_ingest.mdx.esm import Module, esm_plugin, read_module
from booklight_ingest.mdx.fences import fences_plugin
from booklight_ingest.mdx.jsx import jsx_plugin
from booklight_ingest.mdx.paragraphs import bound_plugin, paragraphs_plugin
from booklight_ingest.mdx.source import KEY, Source
from booklight_ingest.mdx.values import Value

MAX_NESTING = 60
UNREADABLE = "\ufffd"


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its tokens, its front matter, what it imports and exports."""

    source: Source
    tokens: list[Token]
    front_matter: dict[str, Value]
    module: Module


def parse(text: str, file: Path) -> Document:
    """Parse `text`, read from `file`. Any text parses; what is not understood stays text and is noted in the source."""
    source = Source(file, text.removeprefix("\ufeff"))
    if UNREADABLE in text:
        source.note(UNREADABLE, "the file is not UTF-8, or was not when this was written")
    tokens = _parser().parse(source.text, {KEY: source})
    front_matter = _front_matter(tokens, source)
    statements = [token.content for token in tokens if token.type == "esm"]
    return Document(source, tokens, front_matter, read_module(statements, {"frontMatter": front_matter}))


@cache
def _parser() -> MarkdownIt:
    md = _Parser("commonmark", {"html": False, "maxNesting": MAX_NESTING, "tasklists": False}).enable(
        ["table", "strikethrough"]
    )
    md.use(front_matter_plugin)
    md.use(footnote_plugin, inline=False)
    md.use(dollarmath_plugin, allow_space=False, allow_digits=False, allow_labels=False, double_inline=True)
    md.use(paragraphs_plugin).use(bound_plugin)
    md.use(fences_plugin).use(esm_plugin).use(jsx_plugin).use(directives_plugin)
    return md


class _Parser(MarkdownIt):
    """Takes every address of a link as it is: only the link's text is used."""

    def normalizeLink(self, url: str) -> str:
        return url

    def validateLink(self, url: str) -> bool:
        return True


def _front_matter(tokens: list[Token], source: Source) -> dict[str, Value]:
    if not tokens or tokens[0].type != "front_matter":
        return {}
    try:
        _check_depth(tokens[0].content)
        loaded: Any = yaml.load(tokens[0].content, Loader=_Loader)
    except yaml.YAMLError as error:
        source.note("---", f"the front matter is not YAML: {' '.join(str(error).split())}")
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _check_depth(text: str) -> None:
    """Refuse what is nested deeper than any front matter is: the loader recurses in C, where no limit holds."""
    if sum(map(text.count, "[{-?:")) <= MAX_NESTING:
        return  # there are not enough signs for it
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_NESTING:
            raise yaml.YAMLError("it is nested too deeply")


class _Loader(yaml.CSafeLoader):
    """Reads dates as the text they are written as."""


_Loader.yaml_implicit_resolvers = {
    mark: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for mark, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
