"""A model's text without what is not for readers, however the stream is cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booklight.llm.model_text import ModelText
from booklight.llm.pieces import Call, Ended, Restart, Text, Thought
from booklight.llm.repetition import RepetitionWatch, is_repetitive

CALL = '{"name": "search_book_content", "arguments": {"queries": ["a"]}}'
ARGUMENTS = '{"queries": ["a"]}'


def read(text: str, cuts: list[int] | None = None) -> tuple[str, list[tuple[str, str]], bool, bool]:
    """Return what is shown of `text`, its calls, whether the model thinks, and whether it leaves its turn."""
    reader, shown, calls, thinks, ends = ModelText(), "", list[tuple[str, str]](), False, False
    parts = [text[start:end] for start, end in pairwise([0, *(cuts or []), len(text)])]
    for pieces in [*map(reader.read, parts), reader.finish()]:
        for piece in pieces:
            match piece:
                case Text(more):
                    shown += more
                case Restart():
                    shown = ""
                case Call():
                    calls.append((piece.name, piece.arguments))
                case Thought():
                    thinks = True
                case Ended():
                    ends = True
    return shown, calls, thinks, ends


@pytest.mark.parametrize(
    "text",
    [
        "<think>X</think>So.",
        "<think>\nX\n</think>\n\nSo.",
        "<thinking>X</thinking>So.",
        "X</think>So.",
        "[THINK]X[/THINK]So.",
        "<|channel|>analysis<|message|>X<|end|><|start|>assistant<|channel|>final<|message|>So.",
    ],
)
def test_thinking_is_left_out(text: str) -> None:
    assert read(text) == ("So.", [], True, False)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (CALL, "search_book_content"),
        (f"Let me look.\n{CALL}", "search_book_content"),
        (f"```json\n{CALL}\n```", "search_book_content"),
        (f"<tool_call>\n{CALL}\n</tool_call>", "search_book_content"),
        (f"[TOOL_CALLS] [{CALL}]", "search_book_content"),
        ('{"name": "search", "parameters": {"queries": ["a"]}}', "search"),
        ('{"type": "function", "function": {"name": "search", "arguments": "{\\"queries\\": [\\"a\\"]}"}}', "search"),
        (ARGUMENTS, ""),
        ('search_book_content(queries=["a"])', "search_book_content"),
        ('[search_book_content(queries=["a"])]', "search_book_content"),
        ('```python\nprint(search_book_content(queries=["a"]))\n```', "search_book_content"),
        ('search_book_content(["a"])', "search_book_content"),
        (f"<function=search_book_content>{ARGUMENTS}</function>", ""),
        (
            f"<|channel|>commentary to=functions.search_book_content<|message|>{ARGUMENTS}<|call|>",
            "",
        ),
    ],
)
def test_a_call_that_is_written_as_text_is_a_call(text: str, name: str) -> None:
    shown, calls, _, _ = read(text)
    assert shown in ("", "Let me look.\n")
    assert [called for called, _ in calls] == [name]
    assert "a" in calls[0][1]


def test_a_call_that_was_cut_is_not_shown() -> None:
    shown, ((_, arguments),), _, _ = read('{"name": "search_book_content", "argum')
    assert (shown, arguments) == ("", '{"name": "search_book_content", "argum')


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"name": "a package"}\n```\nSo.',
        '{"port": 80}',
        "Use `<think>` and `</s>` so.",
        "```\n<|im_end|>\n<think>\n</think>\n```\nSo.",
        "a < b and [^1] or <b>bold</b>",
        "search for it",
        "- [ ] open\n- [x] done",
        "1. `search_book_content(queries)` searches.",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert read(text) == (text, [], False, False)


@pytest.mark.parametrize("token", ["<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<end_of_turn>", "</s>", "<|user|>"])
def test_a_token_of_a_template_ends_the_turn(token: str) -> None:
    assert read(f"So.{token}\nuser: what else?") == ("So.", [], False, True)


@pytest.mark.parametrize(
    "block", ['<passage label="[^1]">\nX\n</passage>', "<page>\npath: /x\n</page>", "<quote>\nX\n</quote>"]
)
def test_an_echoed_block_is_left_out(block: str) -> None:
    assert read(f"{block}\n\nSo.")[0] == "So."
    assert read(f"So.\n{block}")[0] == "So.\n"


TAGS = ["<think>", "</think>", "<|im_end|>", "<|channel|>", "<|message|>", "<|end|>", "<|start|>assistant", "</s>"]
BLOCKS = ['<passage label="[^1]">', "</passage>", "<page>", "</page>", "<tool_call>", "[TOOL_CALLS]", CALL, ARGUMENTS]
PARTS = [
    "x",
    "word ",
    "\n",
    "\n\n",
    "`",
    "```",
    "~~~",
    "json",
    "{",
    '"name": "',
    "search_book_content",
    '"',
    "}",
    "<",
    "[",
]


@given(st.lists(st.sampled_from([*TAGS, *BLOCKS, *PARTS]), max_size=20), st.data())
def test_any_cutting_gives_the_same_result(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=12)))
    assert read(text, cuts) == read(text)


def test_plain_text_is_not_held_back() -> None:
    assert list(ModelText().read("Bees dance, and so do we.")) == [Text("Bees dance, and so do we.")]


@pytest.mark.parametrize(
    "text", ["Pump until it is cool.\n" * 8, "and so on " * 30, "The same long line of it all. " * 5]
)
def test_the_same_over_and_over_is_repetition(text: str) -> None:
    watch = RepetitionWatch()
    assert any(watch.repeats(text[place : place + 7]) for place in range(0, len(text), 7))


@pytest.mark.parametrize(
    "text", ["| --- " * 60, "0, " * 60, "1. One step.\n2. Another step.\n3. A third step, and a longer one.\n" * 2]
)
def test_a_table_and_a_list_are_no_repetition(text: str) -> None:
    assert not is_repetitive(text)
