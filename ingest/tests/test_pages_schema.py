"""`pages.schema.json` and the models that read `pages.json` allow the same documents."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic.alias_generators import to_snake

from booklight_ingest.errors import PagesUnreadable
from booklight_ingest.pages import Book, load_book

SCHEMA = json.loads((Path(__file__).parents[2] / "site-plugin" / "pages.schema.json").read_text("utf-8"))
ABSENT = object()
SAMPLE: dict[str, Any] = {
    "version": 1,
    "site": {
        "title": "Robots",
        "url": "https://example.com",
        "baseUrl": "/book/",
        "locale": "en",
        "locales": ["en", "fr"],
        "siteDir": "../../",
        "commit": "c0ffee",
        "markdown": True,
    },
    "chapters": [{"number": 3, "title": "Retrieval", "path": "/book/docs/retrieval"}],
    "pages": [
        {
            "path": "/book/docs/retrieval/chunks",
            "source": "docs/03-retrieval/02-chunks.mdx",
            "title": "Chunks",
            "chapter": 3,
            "chapterPath": "/book/docs/retrieval",
            "lesson": "chunks",
            "breadcrumbs": ["Retrieval"],
            "docsInstance": "default",
            "docsVersion": "2.0",
            "lastVersion": True,
            "locale": "en",
            "format": "mdx",
            "headings": [{"id": "why-overlap", "level": 2, "text": "Why overlap"}],
            "listed": True,
        }
    ],
}
ALLOWED: list[tuple[str, object]] = [
    ("site.commit", None),
    ("site.commit", ABSENT),
    ("site.locales", []),
    ("site.locales", ABSENT),
    ("site.theme", "of another version"),
    ("site.markdown", ABSENT),
    ("pages.0.listed", False),
    ("pages.0.listed", ABSENT),
    ("chapters", ABSENT),
    ("chapters", []),
    ("chapters.0.number", None),
    ("pages", []),
    ("pages.0.chapter", None),
    ("pages.0.chapter", ABSENT),
    ("pages.0.chapterPath", None),
    ("pages.0.chapterPath", ABSENT),
    ("pages.0.lesson", None),
    ("pages.0.lesson", ABSENT),
    ("pages.0.breadcrumbs", []),
    ("pages.0.breadcrumbs", ABSENT),
    ("pages.0.source", None),
    ("pages.0.docsInstance", ABSENT),
    ("pages.0.docsInstance", "blog/news"),
    ("pages.0.docsVersion", ABSENT),
    ("pages.0.lastVersion", ABSENT),
    ("pages.0.lastVersion", False),
    ("pages.0.format", ABSENT),
    ("pages.0.format", None),
    ("pages.0.format", "md"),
    ("pages.0.locale", ABSENT),
    ("pages.0.headings", None),
    ("pages.0.headings", []),
    ("pages.0.headings", ABSENT),
    ("pages.0.headings.0.level", 6),
    ("pages.0.headings.0.text", ""),
]
REFUSED: list[tuple[str, object]] = [
    ("version", 2),
    ("version", ABSENT),
    ("site", ABSENT),
    ("site", None),
    ("site.title", None),
    ("site.title", ABSENT),
    ("site.url", ABSENT),
    ("site.baseUrl", ABSENT),
    ("site.locale", ABSENT),
    ("site.siteDir", ABSENT),
    ("site.commit", 7),
    ("chapters", None),
    ("chapters", {}),
    ("chapters.0.number", 1.5),
    ("chapters.0.number", "three"),
    ("chapters.0.number", ABSENT),
    ("chapters.0.title", ABSENT),
    ("chapters.0.path", None),
    ("pages", ABSENT),
    ("pages", {}),
    ("pages.0", "path"),
    ("pages.0.path", ABSENT),
    ("pages.0.source", ABSENT),
    ("pages.0.title", None),
    ("pages.0.chapter", "three"),
    ("pages.0.chapterPath", 3),
    ("pages.0.lesson", []),
    ("pages.0.breadcrumbs", None),
    ("pages.0.breadcrumbs", "Retrieval"),
    ("pages.0.breadcrumbs.0", None),
    ("pages.0.source", 7),
    ("pages.0.docsInstance", None),
    ("pages.0.docsVersion", None),
    ("pages.0.lastVersion", None),
    ("pages.0.format", "html"),
    ("pages.0.locale", None),
    ("pages.0.headings", {}),
    ("pages.0.headings.0.id", None),
    ("pages.0.headings.0.id", ABSENT),
    ("pages.0.headings.0.level", 0),
    ("pages.0.headings.0.level", 7),
    ("pages.0.headings.0.level", ABSENT),
    ("pages.0.headings.0.text", ABSENT),
]


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_sample_is_read_whole(tmp_path: Path) -> None:
    Draft202012Validator(SCHEMA).validate(SAMPLE)
    assert load_book(save(SAMPLE, tmp_path)).model_dump(mode="json", by_alias=True) == SAMPLE


@pytest.mark.parametrize(("place", "value"), ALLOWED)
def test_what_the_schema_allows_is_read(place: str, value: object, tmp_path: Path) -> None:
    document = changed(place, value)
    assert Draft202012Validator(SCHEMA).is_valid(document)
    load_book(save(document, tmp_path))


@pytest.mark.parametrize(("place", "value"), REFUSED)
def test_what_the_schema_refuses_is_not_read(place: str, value: object, tmp_path: Path) -> None:
    document = changed(place, value)
    assert not Draft202012Validator(SCHEMA).is_valid(document)
    with pytest.raises(PagesUnreadable, match="of version 1"):
        load_book(save(document, tmp_path))


def test_both_name_the_same_keys_and_require_the_same() -> None:
    models = Book.model_json_schema(by_alias=True)
    places = {"Site": "site", "Chapter": "chapter", "Page": "page", "Heading": "heading"}
    for model, definition in [(models["$defs"][name], SCHEMA["$defs"][place]) for name, place in places.items()]:
        assert set(model["properties"]) == set(definition["properties"])
        assert set(model["required"]) == set(definition["required"])
    assert set(models["properties"]) == set(SCHEMA["properties"])
    assert set(models["required"]) == set(SCHEMA["required"])


def test_both_have_the_same_defaults() -> None:
    least = {"version": 1, "site": {**SAMPLE["site"]}, "pages": [{"path": "/a", "source": "a.mdx", "title": "A"}]}
    read = Book.model_validate(least).pages[0].model_dump(mode="json")
    for key, definition in SCHEMA["$defs"]["page"]["properties"].items():
        if "default" in definition:
            assert read[to_snake(key)] == definition["default"], key


def changed(place: str, value: object) -> dict[str, Any]:
    """Return the sample with `value` at `place`, a dotted path; ABSENT takes out what is there."""
    document = copy.deepcopy(SAMPLE)
    *way, last = [int(step) if step.isdigit() else step for step in place.split(".")]
    holder: Any = document
    for step in way:
        holder = holder[step]
    if value is ABSENT:
        del holder[last]
    else:
        holder[last] = value
    return document


def save(document: dict[str, Any], folder: Path) -> Path:
    """Write `document` as a pages.json and return its path."""
    file = folder / "pages.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file
