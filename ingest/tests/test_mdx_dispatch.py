"""Rules are asked only where they can apply; what is read must be the same as if they were asked everywhere."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from booklight_ingest.mdx.dispatch import BLOCK_BEGINNINGS, INLINE_BEGINNINGS, MAX_PARAGRAPH, dispatch_plugin
from booklight_ingest.mdx.parser import build_parser
from booklight_ingest.mdx.source import KEY, Source

EVERYWHERE, DISPATCHED = build_parser(), build_parser().use(dispatch_plugin)
PIECES = [
    *"\\`*_~[]<>{}$&!:#-+|^()/=19ia \t",
    *(
        "\n",
        "\n\n",
        "\n    ",
        "\n> ",
        "\n- ",
        "\n1. ",
        "\n---\n",
        "\n```\n",
        "\n$$\n",
        "\n:::tip\n",
        "\n| a |\n|---|\n",
    ),
    *(
        "![a](b)",
        "<b>x</b>",
        "{1 + 1}",
        "import a from 'b'",
        "[^1]",
        "\n[^1]: note",
        "&amp;",
        ":name",
        "<a@b.c>",
        "word",
        "``",
        "`a `",
        "` a `",
        " \n",
        "  \n",
        "\n\t",
        "\r\n",
    ),
]


def tokens(md: MarkdownIt, text: str) -> list[Token]:
    return md.parse(text, {KEY: Source(Path("page.mdx"), text)})


def outline(parsed: list[Token]) -> list[tuple[str, str, str, object]]:
    return [(token.type, token.tag, token.content, outline(token.children or [])) for token in parsed]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_every_text_parses_as_if_all_rules_were_asked_everywhere(text: str) -> None:
    assert outline(tokens(DISPATCHED, text)) == outline(tokens(EVERYWHERE, text))


def test_every_rule_is_asked_somewhere() -> None:
    assert set(EVERYWHERE.block.ruler.get_active_rules()) == {*BLOCK_BEGINNINGS, "table", "paragraph"}
    assert set(EVERYWHERE.inline.ruler.get_active_rules()) == {*INLINE_BEGINNINGS, "text"}


def test_a_paragraph_of_book_length_is_not_searched_for_markup() -> None:
    text = "*a* " * MAX_PARAGRAPH
    assert [token.type for token in tokens(DISPATCHED, text)] == ["paragraph_open", "long_inline", "paragraph_close"]


@pytest.mark.parametrize("text", ["", "\n", "   ", "# \n"])
def test_nothing_is_no_token_of_text(text: str) -> None:
    assert not any(child.content for token in tokens(DISPATCHED, text) for child in token.children or [])
