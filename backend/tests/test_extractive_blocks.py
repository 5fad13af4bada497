"""Blocks: how a passage is taken apart for quoting, and put together again."""

import pytest

from booklight.extractive.blocks import MAX_WORDS, TextBlock, count_words, join_blocks, split_blocks
from booklight.extractive.choosing import ParsedSection, Quotation
from booklight.extractive.rendering import block_quote, render


def markdown(text: str) -> list[str]:
    return [block.markdown for block in split_blocks(text)]


def test_paragraphs_lists_tables_and_code_are_blocks_as_they_are_written() -> None:
    text = "One\ntwo.\n\n- a\n  - b\n\n```js\nx = 1\n\n# no heading\n```\n\n| A |\n| --- |\n| b |\n"
    assert [block.kind for block in split_blocks(text)] == ["list", "code", "table"]
    assert markdown(text) == ["One\ntwo.\n\n- a\n  - b", "```js\nx = 1\n\n# no heading\n```", "| A |\n| --- |\n| b |"]


def test_a_long_paragraph_does_not_announce_what_follows_it() -> None:
    long = " ".join(["word"] * 70) + "."
    assert markdown(f"{long}\n\n- a") == [long, "- a"]


@pytest.mark.parametrize(
    "labelled",
    [
        "**Mind the sting**\n\nA guard bee smells who comes.",
        "**On a farm:**\n\n- a",
        "**npm**\n\nRun this:\n\n```sh\nnpm start\n```",
    ],
)
def test_a_title_in_bold_stays_with_what_it_names(labelled: str) -> None:
    first, named, last = split_blocks(f"Bees dance.\n\nThey **do** hum. {'So it is. ' * 30}\n\n{labelled}\n\nOver.")[1:]
    assert (named.markdown, named.labelled) == (labelled, True)
    assert not first.labelled
    assert not last.labelled


def test_of_two_titles_only_the_second_names_what_follows() -> None:
    assert markdown("**Tools**\n\n**Smoker**\n\nLight it.") == ["**Tools**", "**Smoker**\n\nLight it."]


def test_what_says_nothing_is_left_out() -> None:
    assert markdown("# Heading\n\n![](picture.png)\n\n:::tip\n\nKept.\n\n:::\n\n***") == ["Kept."]


def test_the_marks_of_the_books_own_footnotes_are_left_out() -> None:
    assert markdown("Honey holds water.[note 1] It keeps.[2]") == ["Honey holds water. It keeps."]


def test_block_quotes_count_as_what_they_hold() -> None:
    assert markdown("> Bees dance.\n>\n> 1. left\n> 2. right") == ["Bees dance.\n\n1. left\n2. right"]


@pytest.mark.parametrize(
    ("piece", "joint"),
    [
        ("Bees fly far to find what they need.", " "),
        ("- an item that has a few words", "\n"),
        ("蜂は花を探して遠くまで飛んでいきます。", ""),
        ("Пчёлы летают далеко.", " "),
    ],
)
def test_what_is_longer_than_a_quotation_is_cut_between_sentences_or_items(piece: str, joint: str) -> None:
    whole = joint.join([piece] * 60)
    blocks = split_blocks(whole)
    assert len(blocks) > 2
    assert all(count_words(block.text) <= MAX_WORDS for block in blocks)
    assert "".join(block.text for block in blocks).count(piece) == 60


def test_rows_that_were_cut_apart_each_keep_their_head_and_are_one_table_again_together() -> None:
    table = "| A | B |\n| --- | --- |\n" + "\n".join(f"| {n} | some words about it |" for n in range(40))
    blocks = split_blocks(table)
    assert len(blocks) > 1
    assert all(block.markdown.startswith("| A | B |\n| --- | --- |\n|") for block in blocks)
    assert join_blocks(blocks) == table


@pytest.mark.parametrize(
    ("text", "words"), [("three small words", 3), ("日本語の文章です", 4), ("ภาษาไทย", 3), ("", 0), ("пять слов", 2)]
)
def test_words_are_counted_as_the_script_counts_them(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([TextBlock("prose", "Bees dance.")], "Bees dance.[^1]"),
        ([TextBlock("list", "- a\n- b")], "- a\n- b[^1]"),
        ([TextBlock("code", "```\nx\n```", announcement="Do:")], "Do:[^1]\n\n```\nx\n```"),
        ([TextBlock("prose", "So."), TextBlock("code", "```\nx\n```")], "So.[^1]\n\n```\nx\n```"),
        ([TextBlock("table", "| b |", "| A |\n| - |")], "| A |\n| - |\n| b |\n\n[^1]"),
        ([TextBlock("list", "- a\n\n  ```\n  x\n  ```")], "- a\n\n  ```\n  x\n  ```\n\n[^1]"),
    ],
)
def test_the_mark_stands_behind_the_last_words(blocks: list[TextBlock], expected: str) -> None:
    assert render(Quotation(ParsedSection("[^1]", ("Bees",), ""), tuple(blocks))) == expected


def test_every_line_of_a_block_quote_is_quoted() -> None:
    assert block_quote("a\n\n- b\n  c") == "> a\n>\n> - b\n>   c"
