"""Marks in a streamed answer become annotations, however the stream is cut."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ProgressUpdateEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdate,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    URLSource,
)
from hypothesis import given
from hypothesis import strategies as st

from backend.tests.small_book import SMALL_BOOK
from booklight.citations.marks import Mark, MarkReader, Piece, read_marks
from booklight.citations.stage import Citer, MayCite, absolute_url
from booklight.contracts import Passage


@dataclass(frozen=True)
class Address:
    site_url: str = "https://bees.example"
    base_url: str = "/book/"


def marks_of(text: str) -> tuple[str, list[tuple[int, int]]]:
    piece = read_marks(text)
    return piece.text, [(mark.label, mark.index) for mark in piece.marks]


def test_a_mark_is_taken_out_and_told_where_it_stood() -> None:
    assert marks_of("Bees dance.[^1] They fly.[^2]") == ("Bees dance. They fly.", [(1, 11), (2, 21)])


def test_blanks_before_a_mark_go_with_it() -> None:
    assert marks_of("Bees dance [^1].") == ("Bees dance.", [(1, 10)])
    assert marks_of("Bees [^1] dance") == ("Bees dance", [(1, 4)])
    assert marks_of("Bees [^1]dance") == ("Bees dance", [(1, 5)])


@pytest.mark.parametrize("mark", ["[^1][^2]", "[^1, ^2]", "[^1,2]", "[^1] [^2]", "[^1; ^2]"])
def test_several_labels_at_one_place(mark: str) -> None:
    assert marks_of(f"So.{mark}") == ("So.", [(1, 3), (2, 3)])


def test_the_same_label_twice_at_one_place_is_one_mark() -> None:
    assert marks_of("So.[^1][^1]") == ("So.", [(1, 3)])


@pytest.mark.parametrize(
    "code",
    [
        "`[^1]`",
        "``a ` [^1] b``",
        "```js\nx = /[^1]/\n```\n",
        "~~~\n[^1]\n~~~\n",
        "- ```\n  [^1]\n  ```\n",
        "> ```\n> [^1]\n> ```\n",
        "````md\n```\n[^1]\n```\n````\n",
        "```\n[^1] never closed",
        r"\[^1]",
    ],
)
def test_marks_in_code_are_code(code: str) -> None:
    assert marks_of(f"{code} after") == (f"{code} after", [])


def test_a_tick_that_is_never_closed_hides_nothing() -> None:
    assert marks_of("A ` alone.[^1]\n\nAnd `[^2]`") == ("A ` alone.\n\nAnd `[^2]`", [(1, 10)])


def test_positions_count_code_points() -> None:
    assert marks_of("🐝🐝 fly[^1]") == ("🐝🐝 fly", [(1, 6)])


def test_a_list_of_sources_that_a_model_adds_is_left_out() -> None:
    assert marks_of("Yes.[^1]\n\n[^1]: Hives, page 3\n") == ("Yes.\n\n", [(1, 4)])


@pytest.mark.parametrize("text", ["a[1]", "[^x]", "[^", "[", "[^1", "x [link](y)", "[^12345]"])
def test_what_only_looks_like_a_mark_stays(text: str) -> None:
    assert marks_of(text) == (text, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("So [1].", ("So.", [(1, 2)])),
        ("So. (1)", ("So.", [(1, 3)])),
        ("So (1).", ("So.", [(1, 2)])),
        ("So【1】.", ("So.", [(1, 2)])),
        ("So【2†source】.", ("So.", [(2, 2)])),
        ("So.[^1^]", ("So.", [(1, 3)])),
        ("So.[ ^1 ]", ("So.", [(1, 3)])),
        ("So.[^1-2]", ("So.", [(1, 3), (2, 3)])),
        ("So.<sup>1</sup>", ("So.", [(1, 3)])),
        ("So. **[^1]**", ("So.", [(1, 3)])),
        ("So *[^1]*.", ("So.", [(1, 2)])),
        ("So (see [^1]).", ("So.", [(1, 2)])),
        ("So ([^1], [^2]).", ("So.", [(1, 2), (2, 2)])),
        ("So [[^2]].", ("So.", [(2, 2)])),
        ("So.[^1](https://x.test)", ("So.", [(1, 3)])),
        ("```bash\nnpm i x\n```[^1]\n\nThen [^2].", ("```bash\nnpm i x\n```\n\nThen.", [(1, 19), (2, 25)])),
        ("[^1]: Set it.", ("Set it.", [(1, 7)])),
        ("[^1]: Set it.\n[^2]: Then go.\n", ("Set it.\nThen go.\n", [(1, 7), (2, 16)])),
        ("Yes.[^1]\n\n[^1]: Hives, page 3\n", ("Yes.\n\n", [(1, 4)])),
        ("| a [^1] | b<br>c [2] |", ("| a | b<br>c |", [(1, 3), (2, 12)])),
    ],
)
def test_a_language_models_marks_are_read_in_every_form(text: str, expected: object) -> None:
    piece = read_marks(text, lambda: 2)
    assert (piece.text, [(mark.label, mark.index) for mark in piece.marks]) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("a[1] and f(1)", "`x [1]`", "```\n[1] (1).\n```", "[7] (7).", "x [1](./y)", "in 2 (1) steps", "(see it)"),
        *("**Bold (a).** x * y", "<b>x</b> 1 < 2", "[0]", "list()[0]", "<sup>2nd</sup>", "【note】"),
    ],
)
def test_what_is_no_mark_of_a_language_model_stays(text: str) -> None:
    assert read_marks(text, lambda: 2) == Piece(text, ())


BRACKETS = ["[^1]", "[^2]", "[^1, ^2]", "[", "^", "]", "[^", "1", ":", ","]
CODE = ["`", "``", "```", "~~~", "js", "\\"]
LINES = ["\n", "\n\n", " ", "  ", "- ", "> ", "12. ", "word", "é🐝"]
PIECES = st.lists(st.sampled_from([*BRACKETS, *CODE, *LINES]), max_size=30)


FORMS = ["(", ")", "*", "**", "【", "】", "†x", "<sup>", "</sup>", "see ", "(https://x.y)", "2", ".", "-"]


@given(st.lists(st.sampled_from([*BRACKETS, *CODE, *LINES, *FORMS]), max_size=30), st.data())
def test_any_cutting_gives_the_same_result_for_a_language_model(pieces: list[str], data: st.DataObject) -> None:
    assert_cut_the_same("".join(pieces), data, lambda: 2)


@given(PIECES, st.data())
def test_any_cutting_gives_the_same_result(pieces: list[str], data: st.DataObject) -> None:
    assert_cut_the_same("".join(pieces), data, None)


def assert_cut_the_same(text: str, data: st.DataObject, known: Callable[[], int] | None) -> None:
    """Cut `text` anywhere and see that it is read as the whole is."""
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=12)))
    reader = MarkReader(known)
    parts = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    told = [reader.read(part) for part in parts] + [reader.finish()]
    whole = Piece("".join(piece.text for piece in told), tuple(mark for piece in told for mark in piece.marks))
    assert whole == read_marks(text, known)
    assert all(0 <= mark.index <= len(whole.text) for mark in whole.marks)


def test_a_plain_answer_is_never_held_back() -> None:
    assert MarkReader().read("Bees dance, and so do we.") == Piece("Bees dance, and so do we.", ())
    assert MarkReader().read("Bees dance.[^") == Piece("Bees dance.", ())
    assert Mark(1, 4).index == 4


def test_events_of_an_answer_carry_its_citations() -> None:
    told = cited(answer("The bees ", "dance.[", "^1] They ", "rest.[^4]"))
    deltas, annotations = split(told)
    assert "".join(deltas) == "The bees dance. They rest."
    assert [(place, found.index) for place, found in enumerate(annotations)] == [(0, 15), (1, 26)]
    done = final(told)
    assert (done.text, done.annotations) == ("The bees dance. They rest.", annotations)
    part_done = next(
        event.update for event in updates(told) if isinstance(event.update, AssistantMessageContentPartDone)
    )
    assert part_done.content == done


def test_a_citation_says_where_it_leads() -> None:
    (found, _) = final(cited(answer("So.[^1][^4]"))).annotations
    assert isinstance(found.source, URLSource)
    assert found.source.url == "https://bees.example/book/docs/dances#the-waggle-dance"
    assert (found.source.title, found.source.group) == ("The waggle dance", "Keeping bees")
    assert found.source.description is not None
    assert found.source.description.startswith("A waggle dance is a figure of eight")


def test_whether_a_citation_counts_is_asked_once_and_holds_to_the_end() -> None:
    asked: list[str] = []

    def only_first(passage: Passage, before: str) -> bool:
        asked.append(before)
        return len(asked) == 1

    told = cited(answer("Bees dance.[^1] They ", "rest.[^2]"), only_first)
    assert asked == ["Bees dance.", "Bees dance. They rest."]
    assert [found.index for found in split(told)[1]] == [11]
    assert final(told).annotations == split(told)[1]


def test_an_invented_label_loses_its_link() -> None:
    told = cited(answer("Surely.[^99] Yes.[^0]"))
    assert final(told).text == "Surely. Yes."
    assert final(told).annotations == []


def test_an_answer_without_the_end_of_its_part_is_told_whole() -> None:
    told = cited(answer("Bees dance.[^1]", end_of_part=False))
    deltas, annotations = split(told)
    assert "".join(deltas) == "Bees dance."
    assert annotations == final(told).annotations
    assert len(annotations) == 1


def test_an_item_id_that_comes_twice_begins_anew() -> None:
    told = cited([*answer("One.[^1"), *answer("Two.[^2]")])
    assert [content.text for content in finals(told)] == ["One.[^1", "Two."]


def test_other_events_pass_untouched() -> None:
    progress = ProgressUpdateEvent(text="Searching [^1]")
    assert cited([progress]) == [progress]


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (None, "https://bees.example/book/docs/hives#a"),
        ("/", "https://bees.example/docs/hives#a"),
        ("/other/", "https://bees.example/other/docs/hives#a"),
        ("https://elsewhere.example", "https://elsewhere.example/docs/hives#a"),
        ("https://elsewhere.example/en/", "https://elsewhere.example/en/docs/hives#a"),
    ],
)
def test_base_url_of_the_book(base: str | None, expected: str) -> None:
    assert absolute_url(Address(), base, "/book/docs/hives#a") == expected


def test_base_url_of_a_book_at_the_root() -> None:
    assert absolute_url(Address(base_url="/"), None, "/docs/x") == "https://bees.example/docs/x"
    assert absolute_url(Address(base_url="/"), "/book", "/docs/x") == "https://bees.example/book/docs/x"
    assert absolute_url(Address(base_url="/book/"), None, "/bookshelf/x") == "https://bees.example/book/bookshelf/x"


def test_what_stands_on_another_domain_is_cited_there() -> None:
    assert absolute_url(Address(), "/x", "https://bees.example/book/docs/a") == "https://bees.example/x/docs/a"
    for address in ("https://pl.bees.example/docs/a", "https://bees.example.org/docs/a"):
        assert absolute_url(Address(), "/x", address) == address


def cited(events: Iterable[ThreadStreamEvent], may_cite: MayCite | None = None) -> list[ThreadStreamEvent]:
    passages = [Passage(chunk, 1.0) for chunk in SMALL_BOOK]
    citer = Citer(passages, lambda path: absolute_url(Address(), None, path), may_cite)
    return [cited for event in events for cited in citer.rewrite(event)]


def answer(*deltas: str, end_of_part: bool = True) -> list[ThreadStreamEvent]:
    """Return the events of an assistant's item that arrives as `deltas`."""
    item = AssistantMessageItem(id="msg_1", thread_id="thread_1", created_at=datetime.now(UTC), content=[])
    whole = AssistantMessageContent(text="".join(deltas))
    parts: list[ThreadItemUpdate] = [
        AssistantMessageContentPartAdded(content_index=0, content=AssistantMessageContent(text="")),
        *(AssistantMessageContentPartTextDelta(content_index=0, delta=delta) for delta in deltas),
    ]
    if end_of_part:
        parts.append(AssistantMessageContentPartDone(content_index=0, content=whole))
    return [
        ThreadItemAddedEvent(item=item),
        *(ThreadItemUpdatedEvent(item_id=item.id, update=part) for part in parts),
        ThreadItemDoneEvent(item=item.model_copy(update={"content": [whole]})),
    ]


def updates(events: Iterable[ThreadStreamEvent]) -> list[ThreadItemUpdatedEvent]:
    return [event for event in events if isinstance(event, ThreadItemUpdatedEvent)]


def split(events: Iterable[ThreadStreamEvent]) -> tuple[list[str], list[Annotation]]:
    deltas: list[str] = []
    annotations: list[Annotation] = []
    for event in updates(events):
        match event.update:
            case AssistantMessageContentPartTextDelta() as update:
                deltas.append(update.delta)
            case AssistantMessageContentPartAnnotationAdded() as update:
                assert update.annotation_index == len(annotations)
                annotations.append(update.annotation)
            case _:
                pass
    return deltas, annotations


def final(events: Iterable[ThreadStreamEvent]) -> AssistantMessageContent:
    (content,) = finals(events)
    return content


def finals(events: Iterable[ThreadStreamEvent]) -> list[AssistantMessageContent]:
    done = [event.item for event in events if isinstance(event, ThreadItemDoneEvent)]
    return [item.content[0] for item in done if isinstance(item, AssistantMessageItem)]
