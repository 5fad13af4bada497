"""The book as Markdown: what stands in it, which pages get it, and what of the site is left alone."""

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from booklight_ingest.chunks import split_book
from booklight_ingest.markdown_files import _files, write_markdown
from booklight_ingest.pages import Book, Page, Site, load_book, source_root
from booklight_ingest.sources import BookSource

HANDBOOK = Path(__file__).parents[2] / "book/build/booklight/pages.json"
HIVES = """---
title: "Hives [old]"
---

import {Price} from "./price";

# Hives [old]

A hive costs <Price />.

## How `set_up()` works {#set-up}

- Find a place
  - with shade

:::tip[Mind the wind]

Turn the door away.

:::
"""
BUILT = """<main><div class="theme-doc-markdown"><h1>Hives [old]</h1><p>A hive costs 80 euros.</p>
<h2 id="set-up">How <code>set_up()</code> works</h2><ul><li>Find a place<ul><li>with shade</li></ul></li></ul>
<div class="theme-admonition alert"><div class="admonitionHeading">Mind the wind</div>
<div class="admonitionContent"><p>Turn the door away.</p></div></div></div></main>"""
TEXT = """# Hives [old]

Source: <https://bees.example/book/docs/hives>

A hive costs 80 euros.

## How set_up() works

- Find a place
  - with shade

**Mind the wind**

Turn the door away.
"""


def page(path: str, title: str, **fields: object) -> Page:
    return Page.model_validate({"path": path, "source": f"{path.removeprefix('/book/')}.mdx", "title": title, **fields})


PAGES = (
    page("/book/", "Welcome", source="index.mdx"),
    page("/book/docs/hives", "Hives [old]"),
    page("/book/docs/1.0/hives", "Old hives", docs_version="1.0", last_version=False),
    page("/book/docs/prices", "Prices", listed=False),
    page("/book/docs/unbuilt", "Not built"),
    page("/book/docs/caf%C3%A9/", "Café", source="docs/café.mdx"),
)
FILES = {
    "index.mdx": "# Welcome\n\nTo the bees.",
    "docs/hives.mdx": HIVES,
    "docs/1.0/hives.mdx": "# Old hives\n\nThey were of straw.",
    "docs/prices.mdx": "# Prices\n\nSecret.",
    "docs/unbuilt.mdx": "# Not built\n\nYet.",
    "docs/café.mdx": "# Café\n\nCoffee.",
    "build/index.html": "<main><h1>Welcome</h1><p>To the bees.</p></main>",
    "build/docs/hives.html": BUILT,
    "build/docs/1.0/hives.html": "<main><h1>Old hives</h1><p>They were of straw.</p></main>",
    "build/docs/prices.html": "<main><h1>Prices</h1><p>Secret.</p></main>",
    "build/docs/café/index.html": "<main><h1>Café</h1><p>Coffee.</p></main>",
}


def site(folder: Path, files: Mapping[str, str] = FILES, *, markdown: bool = True) -> BookSource:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    known = Site(
        title="Bees", url="https://bees.example", base_url="/book/", locale="en", site_dir=".", markdown=markdown
    )
    return BookSource(Book(version=1, site=known, pages=PAGES), folder, folder / "build")


def written(source: BookSource) -> set[str]:
    assert source.build is not None
    return {str(file.relative_to(source.build)) for file in source.build.rglob("*") if file.suffix in {".md", ".txt"}}


def test_every_page_that_is_built_and_listed_has_its_markdown_beside_it(tmp_path: Path) -> None:
    source = site(tmp_path)
    assert write_markdown(source) == 5
    assert written(source) == {"index.md", "docs/hives.md", "docs/1.0/hives.md", "docs/café.md", "llms-full.txt"}
    assert (tmp_path / "build/docs/hives.md").read_text("utf-8") == TEXT


def test_the_whole_book_holds_the_last_versions_in_reading_order(tmp_path: Path) -> None:
    write_markdown(site(tmp_path))
    whole = (tmp_path / "build/llms-full.txt").read_text("utf-8")
    assert re.findall("^# (.+)", whole, re.MULTILINE) == ["Bees", "Welcome", "Hives [old]", "Café"]
    assert TEXT in whole
    assert "Secret" not in whole
    assert "straw" not in whole


def test_a_book_that_wants_none_gets_none(tmp_path: Path) -> None:
    source = site(tmp_path, markdown=False)
    assert write_markdown(source) == 0
    assert written(source) == set()


def test_what_the_site_brings_itself_is_left_as_it_is(tmp_path: Path) -> None:
    own = {"build/llms-full.txt": "ours", "build/docs/hives.md": "ours"}
    source = site(tmp_path, {**FILES, **own})
    for _ in range(2):
        assert write_markdown(source) == 3
        assert {(tmp_path / name).read_text("utf-8") for name in own} == {"ours"}


def test_written_again_a_file_says_what_the_page_says_now_and_goes_with_its_page(tmp_path: Path) -> None:
    source = site(tmp_path)
    write_markdown(source)
    build = tmp_path / "build"
    (build / "docs/hives.html").write_text(BUILT.replace("80", "90"), "utf-8")
    (build / "docs/café/index.html").unlink()
    write_markdown(source)
    assert "90 euros" in (build / "docs/hives.md").read_text("utf-8")
    assert written(source) == {"index.md", "docs/hives.md", "docs/1.0/hives.md", "llms-full.txt"}


@pytest.fixture(scope="module")
def handbook() -> BookSource:
    """The handbook, as it was built."""
    book = load_book(HANDBOOK)
    return BookSource(book, source_root(book, HANDBOOK), HANDBOOK.parents[1])


@pytest.fixture(scope="module")
def whole(handbook: BookSource) -> str:
    """The text of its `llms-full.txt`."""
    assert handbook.build is not None
    return dict(_files(handbook, handbook.build))["llms-full.txt"]


def test_the_whole_handbook_holds_every_section_once(handbook: BookSource, whole: str) -> None:
    """The headings are those that the plugin found in the built HTML, the texts those that are indexed."""
    tokens = MarkdownIt("commonmark").parse(whole)
    found = [
        "".join(child.content for child in token.children or [])
        for heading, token in pairwise(tokens)
        if heading.type == "heading_open"
    ]
    pages = handbook.book.pages
    assert found == [
        handbook.book.site.title,
        *(text for page in pages for text in (page.title, *(heading.text for heading in page.headings or ()))),
    ]
    for page in pages:
        assert whole.count(f"Source: <{handbook.book.site.url}{page.path}>\n") == 1
    chunks = [*split_book(handbook.book, handbook.root, build=handbook.build)]
    parts = Counter((chunk.path, chunk.breadcrumbs) for chunk in chunks)
    uncut = [chunk.text for chunk in chunks if parts[chunk.path, chunk.breadcrumbs] == 1]
    assert len(uncut) > 0.9 * len(parts)
    assert {text: whole.count(text) for text in uncut if whole.count(text) != 1} == {}
    lines = set(whole.split("\n"))
    assert [line for chunk in chunks for line in chunk.text.split("\n") if line not in lines] == []
