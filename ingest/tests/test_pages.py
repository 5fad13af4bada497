"""Reading pages.json: what is missing or wrong is said in a line that tells what to do."""

import json
from pathlib import Path
from typing import Any

import pytest

from booklight_ingest.errors import PagesUnreadable
from booklight_ingest.pages import load_book, source_root

BOOK: dict[str, Any] = {
    "version": 1,
    "site": {"title": "T", "url": "https://e.org", "baseUrl": "/book/", "locale": "en", "siteDir": "../../"},
    "chapters": [{"number": 3, "title": "Retrieval", "path": "/book/docs/retrieval"}],
    "pages": [
        {"path": "/book/docs/a", "source": "docs/a.mdx", "title": "A", "chapterPath": "/book/docs/retrieval"},
        {"path": "/book/b", "source": "b.md", "title": "B", "headings": [{"id": "x", "level": 2, "text": "X"}]},
    ],
}


def write(folder: Path, content: str) -> Path:
    file = folder / "build" / "booklight" / "pages.json"
    file.parent.mkdir(parents=True)
    file.write_text(content, encoding="utf-8")
    return file


def test_a_book_is_read_with_what_may_be_left_out(tmp_path: Path) -> None:
    book = load_book(write(tmp_path, json.dumps(BOOK)))
    first, second = book.pages
    assert (first.chapter, first.chapter_path, first.headings) == (None, "/book/docs/retrieval", None)
    assert second.headings is not None
    assert second.headings[0].id == "x"


def test_sources_are_found_from_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, json.dumps(BOOK))
    assert source_root(load_book(file), file) == tmp_path
    assert source_root(load_book(file), file, tmp_path / "build") == tmp_path / "build"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, json.dumps(BOOK))
    with pytest.raises(PagesUnreadable, match="name the site's folder with --source DIR"):
        source_root(load_book(file), file, tmp_path / "gone")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not a pages.json of version 1"),
        ("[]", "is not a pages.json of version 1"),
        (json.dumps({**BOOK, "version": 2}), "version"),
        (json.dumps({**BOOK, "pages": [{"path": "/a"}]}), r"pages\.0\.source"),
        (
            json.dumps({**BOOK, "pages": [{**BOOK["pages"][1], "headings": [{"id": "x", "level": 9, "text": ""}]}]}),
            "level",
        ),
    ],
)
def test_what_is_malformed_is_named(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(PagesUnreadable, match=message):
        load_book(write(tmp_path, content))


def test_a_missing_file_tells_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PagesUnreadable, match="does not exist: build the book first"):
        load_book(tmp_path / "pages.json")


def test_a_folder_in_its_place_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(PagesUnreadable, match="cannot be read"):
        load_book(tmp_path)
