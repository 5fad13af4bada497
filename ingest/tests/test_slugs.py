"""Ids of headings, by vectors read from pages that Docusaurus built."""

import json
from pathlib import Path
from typing import Any

import pytest

from booklight_ingest.mdx import Library, SourceHeading, parse, read
from booklight_ingest.slugs import Slugger, slugify

LINES = (Path(__file__).parent / "fixtures" / "headings.jsonl").read_text(encoding="utf-8").splitlines()
VECTORS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
# pages.json does not say that a site keeps capitals, or has turned the classic syntax of ids off: there ids can differ.
UNKNOWN = {"maintain-case", "maintain-case-custom", "v4md-html-comment-id"}
KNOWN = [vector for vector in VECTORS if "headings" in vector and vector["name"] not in UNKNOWN]


@pytest.mark.parametrize("vector", KNOWN, ids=[vector["name"] for vector in KNOWN])
def test_ids_are_those_that_docusaurus_gives(vector: dict[str, Any], tmp_path: Path) -> None:
    for name, text in vector.get("partials", {}).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    commonmark = vector["ext"] == "md" and vector["config"].endswith("detect")
    file = tmp_path / f"page.{vector['ext']}"
    items = read(parse(vector["markdown"], file, "md" if commonmark else "mdx"), Library(tmp_path)).items
    found = [(item.level, item.slug) for item in items if isinstance(item, SourceHeading) and item.slug]
    assert found == [(heading["level"], heading["id"]) for heading in vector["headings"] if heading["id"]]


def test_headings_that_cannot_be_built_are_read_all_the_same(tmp_path: Path) -> None:
    broken = [vector for vector in VECTORS if "build_error" in vector]
    read_back = [read(parse(vector["markdown"], tmp_path / "page.mdx"), Library(tmp_path)).items for vector in broken]
    assert broken
    assert all(isinstance(items[0], SourceHeading) for items in read_back)


def test_a_repeated_text_is_numbered() -> None:
    slugger = Slugger()
    assert [slugger.slug(text) for text in ["Foo", "Foo 1", "Foo", "Foo 1"]] == ["foo", "foo-1", "foo-2", "foo-1-1"]


@pytest.mark.parametrize(
    ("text", "slug"),
    [("What's new?", "whats-new"), ("C++ vs. C#", "c-vs-c"), ("你好 世界", "你好-世界"), ("🚀", ""), ("a  b", "a--b")],
)
def test_slugs_keep_letters_of_any_script(text: str, slug: str) -> None:
    assert slugify(text) == slug
