"""An answer's Markdown as HTML, with its citations in it as links.

A number is written into the text as `⟦x⟧`, where x stands for it in Unicode's private use area, and made a link once
the Markdown is parsed: the brackets are punctuation, so that emphasis around them opens and closes as it would.

The panel places marks and names passages in the same way; both are tested on the same examples.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from booklight.sharing.contracts import SharedCitation, SharedPart

_NUMBERS, _MOST = 0xE000, 0x18FF
_MARK = re.compile("⟦([\ue000-\uf8ff])⟧")
_FENCE_END = re.compile(r"[ \t>]*(?:`{3,}|~{3,})[ \t]*")
_FRAGMENT_WORDS = 6
_WEB, _FOLLOWED = ("https://", "http://"), ("https://", "http://", "mailto:")
_PAGE_HEADINGS = 2
"""The levels that the page itself has: an answer's headings stand below them."""


@dataclass(frozen=True, slots=True)
class NumberedSource:
    """A source as the page lists it: `quotes` are how its passages begin."""

    number: int
    title: str
    url: str
    group: str | None
    quotes: list[str] = field(default_factory=list)

    @property
    def link(self) -> str:
        """The URL, with the first words of the passage as a text fragment, which browsers highlight."""
        words = " ".join(self.quotes[0].removesuffix("…").split()[:_FRAGMENT_WORDS]) if self.quotes else ""
        if not words:
            return self.url
        fragment = quote(words, safe="!'()*").replace("-", "%2D")
        return f"{self.url}{'' if '#' in self.url else '#'}:~:text={fragment}"


def collect_sources(parts: Sequence[SharedPart]) -> dict[str, NumberedSource]:
    """Return the sources of an answer by their URLs, in the order in which its text first cites them."""
    sources: dict[str, NumberedSource] = {}
    for part in parts:
        for citation in _in_order(part.annotations):
            cited = citation.source
            source = NumberedSource(len(sources) + 1, cited.title, cited.url, cited.group)
            source = sources.setdefault(cited.url, source)
            if cited.description and cited.description not in source.quotes:
                source.quotes.append(cited.description)
    return sources


def render_markdown(part: SharedPart, sources: dict[str, NumberedSource]) -> str:
    """Return a part of an answer as HTML, with the numbers of `sources` where it cites them."""
    numbered = {source.number: source for source in sources.values()}
    parser = _parser()
    tokens = parser.parse(_with_marks(part, sources))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + _PAGE_HEADINGS)}"
    html: str = parser.renderer.render(tokens, parser.options, {"sources": numbered})
    return html


def place_marks(text: str, places: Sequence[tuple[int, int]]) -> str:
    """Return `text` with a mark at each of the places, ascending pairs of an index and a number.

    There is none where it would change what the Markdown means.
    """
    marked = _MARK.sub("", text)
    if marked != text:
        return marked
    for index, number in reversed(places):
        if index <= len(text):
            offset, before = _safe_place(text, index)
            marked = f"{marked[:offset]}{before}⟦{chr(_NUMBERS + min(number, _MOST))}⟧{marked[offset:]}"
    return marked


class _CitingRenderer(RendererHTML):
    """Shows marks in text as links to `env["sources"]`, and none in code."""

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return _MARK.sub(lambda mark: _link(env["sources"].get(_number(mark))), escape(tokens[idx].content))

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return super().code_inline(_unmarked(tokens, idx), idx, options, env)

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return super().code_block(_unmarked(tokens, idx), idx, options, env)

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return super().fence(_unmarked(tokens, idx), idx, options, env)


@cache
def _parser() -> MarkdownIt:
    """Return a parser that passes on no HTML, loads no picture and follows no script."""
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_CitingRenderer)
    parser.validateLink = lambda url: url.lower().startswith(_FOLLOWED)  # type: ignore[method-assign]
    return parser.enable(["table", "strikethrough"]).disable("image")


def _in_order(annotations: Sequence[SharedCitation]) -> list[SharedCitation]:
    web = [citation for citation in annotations if citation.source.url.startswith(_WEB)]
    return sorted(web, key=lambda citation: (citation.index is None, citation.index or 0))


def _with_marks(part: SharedPart, sources: dict[str, NumberedSource]) -> str:
    cited = ((one.index, sources[one.source.url].number) for one in _in_order(part.annotations))
    return place_marks(part.text, [(index, number) for index, number in dict.fromkeys(cited) if index is not None])


def _safe_place(text: str, offset: int) -> tuple[int, str]:
    """Return where a mark meant for `offset` can stand, and what has to stand before it."""
    end = len(text[:offset].rstrip())
    line = text[text.rfind("\n", 0, end) + 1 : end]
    if _FENCE_END.fullmatch(line):
        return end, "\n\n"
    is_row = len(line) > 1 and line.startswith("|") and line.endswith("|")
    return end - is_row, ""


def _number(mark: re.Match[str]) -> int:
    return ord(mark[1]) - _NUMBERS


def _link(source: NumberedSource | None) -> str:
    if source is None:
        return ""
    name = f"{source.number}: {source.title}"
    return f'<a class="cite" href="{escape(source.link)}" aria-label="{escape(name)}">{source.number}</a>'


def _unmarked(tokens: Sequence[Token], idx: int) -> Sequence[Token]:
    tokens[idx].content = _MARK.sub("", tokens[idx].content)
    return tokens
