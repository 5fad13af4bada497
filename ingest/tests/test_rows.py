"""The rows of a manifest as columns: what goes in comes out, and what ranking looks up is right."""

from dataclasses import replace
from uuid import UUID

import pytest

from booklight_ingest.index.rows import NO_ROWS, ChunkRow, Rows, id_number
from booklight_ingest.pages import PageId

FIRST, SECOND, THIRD = (str(UUID(int=number)) for number in (7, 3, 5))
ONE, TWO, NONE = (
    PageId("https://book.example/", "en", "default", "current", path)
    for path in ("/docs/one", "/docs/two", "/docs/none")
)
ROWS = [
    ChunkRow(FIRST, "a" * 64, ONE, recurring=False, section=2**64 - 1, heading=1),
    ChunkRow(SECOND, "b" * 64, TWO, recurring=True),
    ChunkRow(THIRD, "c" * 64, ONE, recurring=True, section=3, heading=2),
]


def test_rows_come_out_as_they_went_in() -> None:
    assert [*Rows.of(ROWS)] == ROWS
    assert len(Rows.of(ROWS)) == 3


def test_rows_are_loaded_from_their_columns() -> None:
    saved = Rows.of(ROWS)
    assert [*Rows.load(saved.page_ids, saved.arrays())] == ROWS


def test_a_missing_column_is_told() -> None:
    columns = Rows.of(ROWS).arrays()
    del columns["sections"]
    with pytest.raises(KeyError):
        Rows.load([ONE, TWO], columns)


def test_the_rows_of_a_page_are_in_order() -> None:
    rows = Rows.of(ROWS)
    assert [*rows.on(ONE)] == [ROWS[0], ROWS[2]]
    assert [*rows.on(NONE)] == []


def test_rows_are_numbered_by_id_and_placed_in_its_order() -> None:
    rows = Rows.of(ROWS)
    assert [rows.number_of[number] for number in (7, 3, 5)] == [0, 1, 2]
    assert rows.in_id_order.tolist() == [2, 0, 1]


def test_an_id_is_one_number_however_it_is_kept() -> None:
    point = "5d1b7a52-6f6e-5c55-9c0e-2f6f3a1f0b0c"
    assert id_number(point) == id_number(point.encode()) == UUID(point).int


def test_there_may_be_none() -> None:
    assert [*NO_ROWS] == [*NO_ROWS.on(ONE)] == []
    assert dict(NO_ROWS.number_of) == {}


def test_rows_that_say_the_same_are_known_by_the_first_of_them() -> None:
    rows = Rows.of([replace(ROWS[0], said=9), replace(ROWS[1], said=4), replace(ROWS[2], said=9), *ROWS[:2]])
    assert rows.same_text.tolist() == [0, 1, 0, 3, 4]
    assert (rows.most_repeated, Rows.of(ROWS).most_repeated, NO_ROWS.most_repeated) == (1, 0, 0)
