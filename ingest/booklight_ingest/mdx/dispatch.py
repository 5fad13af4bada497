"""Spend the parser's time where markup can be: most lines of a page begin none, most of their text holds none."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from markdown_it import MarkdownIt
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore, text_join
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from booklight_ingest.mdx.lines import lines_plugin
from booklight_ingest.mdx.plain import is_plain, read_plain

BlockRule = Callable[[StateBlock, int, int, bool], bool]
InlineRule = Callable[[StateInline, bool], bool]
Rule = TypeVar("Rule")

# The characters that what a rule reads begins with; a rule that is not here can begin with any.
BLOCK_BEGINNINGS = {
    "front_matter": "-",
    "math_block": "$",
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*+-0123456789",
    "footnote_def": "[",
    "esm": "ie",
    "mdx_flow": "<{",
    "directive": ":",
    "reference": "[",
    "heading": "#",
}
INLINE_BEGINNINGS = {
    "newline": "\n",
    "math_inline": "$",
    "escape": "\\",
    "backticks": "`",
    "strikethrough": "~",
    "emphasis": "*_",
    "link": "[",
    "image": "!",
    "footnote_ref": "[",
    "mdx_text": "<{",
    "text_directive": ":",
    "autolink": "<",
    "entity": "&",
}
# Where text stops for a rule: what begins one, and the bracket that a link's text is searched for.
STOPS = re.compile(f"[{re.escape(''.join(INLINE_BEGINNINGS.values()))}\\]]")
# All rules, and those that can end a block of another kind.
CHAINS = ("", "paragraph", "reference", "blockquote", "list")
# Marks that nothing closes are looked for to the end of a paragraph, so one of book length is left as it is.
MAX_PARAGRAPH = 20_000


def dispatch_plugin(md: MarkdownIt) -> None:
    """Ask the rules of `md` only where they can apply. It must come after all other plugins."""
    rules = md.block.ruler
    lines_plugin(md)
    md.block.ruler = _FirstCharacters(rules, BLOCK_BEGINNINGS, _choose_block)
    md.inline.ruler = _FirstCharacters(md.inline.ruler, INLINE_BEGINNINGS, _choose_inline)
    md.inline.terminator_re = STOPS
    md.core.ruler.at("normalize", _normalize)
    md.core.ruler.at("inline", _parse_inline)
    md.core.ruler.at("text_join", _join_escapes)


class _Choice(Generic[Rule]):
    """The rules to ask, in order, by the character they would begin at."""

    def __init__(self, rules: Sequence[Rule], beginnings: Mapping[Rule, str]) -> None:
        self.anywhere = [rule for rule in rules if rule not in beginnings]
        self.by_first = {
            first: [rule for rule in rules if first in beginnings.get(rule, first)]
            for first in set("".join(beginnings.values()))
        }


class _FirstCharacters(Ruler[Rule]):
    """The rules of `full`, behind one that `choose` makes of them for each chain."""

    def __init__(
        self, full: Ruler[Rule], beginnings: Mapping[str, str], choose: Callable[[_Choice[Rule]], Rule]
    ) -> None:
        super().__init__()
        named = zip(full.get_active_rules(), full.getRules(), strict=True)
        by_rule = {rule: beginnings[name] for name, rule in named if name in beginnings}
        self._chains = {name: [choose(_Choice(full.getRules(name), by_rule))] for name in CHAINS}

    def getRules(self, chainName: str = "") -> list[Rule]:
        return self._chains[chainName]


def _choose_block(choice: _Choice[BlockRule]) -> BlockRule:
    by_first, anywhere = choice.by_first, choice.anywhere

    def choose(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
        start = state.bMarks[start_line] + state.tShift[start_line]
        for rule in by_first.get(state.src[start : start + 1], anywhere):
            if rule(state, start_line, end_line, silent):
                return True
        return False

    return choose


def _choose_inline(choice: _Choice[InlineRule]) -> InlineRule:
    by_first, anywhere = choice.by_first, choice.anywhere

    def choose(state: StateInline, silent: bool) -> bool:
        for rule in by_first.get(state.src[state.pos], anywhere):  # noqa: SIM110  (`any` is slower)
            if rule(state, silent):
                return True
        return False

    return choose


def _normalize(state: StateCore) -> None:
    state.src = state.src.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _parse_inline(state: StateCore) -> None:
    for token in state.tokens:
        if token.type != "inline":
            continue
        if len(token.content) > MAX_PARAGRAPH:
            token.type = "long_inline"
            token.children = [Token("text", "", 0, content=token.content)]
        elif is_plain(token.content):
            token.children = read_plain(token.content)
        else:
            token.children = _parse_marked(token.content, state)


def _parse_marked(text: str, state: StateCore) -> list[Token]:
    inline = StateInline(text, state.md, state.env, [])
    state.md.inline.tokenize(inline)
    if "*" in text or "_" in text or "~" in text:
        for rule in state.md.inline.ruler2.getRules(""):
            rule(inline)
    return inline.tokens


def _join_escapes(state: StateCore) -> None:
    """Join text to what was escaped in it."""
    tokens = state.tokens
    state.tokens = [token for token in tokens if "\\" in token.content or "&" in token.content]
    text_join(state)
    state.tokens = tokens
