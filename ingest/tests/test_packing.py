"""Long sections are cut where a reader would pause, and nothing is lost."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from booklight_ingest.mdx import Block, Library, parse, read, render
from booklight_ingest.packing import count_words, pack


def parts(text: str, limit: int) -> list[str]:
    items = read(parse(text, Path("p.mdx")), Library(Path())).items
    return [render(part) for part in pack([item for item in items if isinstance(item, Block)], limit)]


def test_a_section_within_the_limit_is_one_part() -> None:
    assert parts("One two.\n\nThree four.", 4) == ["One two.\n\nThree four."]


def test_a_block_without_words_ends_no_part() -> None:
    assert parts("One two.\n\n…", 2) == ["One two.\n\n…"]


def test_a_longer_one_is_cut_between_blocks_into_even_parts() -> None:
    text = "\n\n".join(f"{name} two three." for name in ["One", "Two", "Three", "Four"])
    assert parts(text, 9) == ["One two three.\n\nTwo two three.", "Three two three.\n\nFour two three."]


def test_code_is_cut_between_lines_and_only_if_it_alone_is_too_long() -> None:
    code = '```py title="a.py"\na b\n\n  c d\ne f\n```'
    assert parts(f"One two three.\n\n{code}", 6) == ["One two three.", code]
    assert parts(code, 4) == ['```py title="a.py"\na b\n\n  c d\n```', '```py title="a.py"\ne f\n```']


def test_a_table_is_cut_between_rows_under_its_head_and_with_its_lead_in() -> None:
    table = "| A | B |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n| 5 | 6 |"
    assert parts(f"The values:\n\n{table}", 6) == [
        "The values:\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |",
        "| A | B |\n| --- | --- |\n| 5 | 6 |",
    ]


def test_a_paragraph_is_cut_between_sentences_but_not_in_code() -> None:
    assert parts("One `a. b` two. Three four five.", 4) == ["One `a. b` two.", "Three four five."]


def test_a_list_goes_on_as_a_list() -> None:
    assert parts("1. One two\n2. Three four\n\n   Five six\n3. Seven eight", 4) == [
        "1. One two\n\n2. Three four",
        "2. Five six\n\n3. Seven eight",
    ]


def test_a_label_stays_with_what_it_introduces() -> None:
    text = (
        ":::tip[Mind this]\n\nOne two three.\n\n:::\n\nFour five six.\n\n:::note[And this]\n\nSeven eight nine.\n\n:::"
    )
    assert [part.split("\n")[0] for part in parts(text, 8)] == ["**Mind this**", "**And this**"]


def test_words_are_counted_in_scripts_without_spaces_too() -> None:
    assert count_words("Two words") == 2
    assert count_words("`snake_case`, kebab-case: 2.") == count_words("`snake_case`, kebab-case: 2. é") - 1 == 5
    assert count_words("这是一个中文句子。") == 8
    assert len(parts("这是一个中文句子。" * 10, 20)) > 3


def test_a_word_of_book_length_is_cut() -> None:
    assert max(map(len, parts("x" * 10_000, 10))) == 200


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["One two. Three!", "- a\n- b\n- c", "> quoted text", "1. one\n\n   two"]), max_size=30)
)
def test_no_word_is_lost_or_doubled(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    whole = [word for part in parts(text, 10_000) for word in part.split() if word.isalpha()]
    assert [word for part in parts(text, 5) for word in part.split() if word.isalpha()] == whole
