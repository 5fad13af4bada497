"""A page with every construct, judged by what Docusaurus made of it: from its source with its HTML, and without."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from booklight_ingest.chunks import Chunk, split_page
from booklight_ingest.mdx import Library, parse, read
from booklight_ingest.pages import Book, Heading, Page, Site

TORTURE = Path(__file__).parent / "fixtures" / "torture"
EXPECTED: dict[str, Any] = json.loads((TORTURE / "expected.json").read_text(encoding="utf-8"))
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SECTIONS = [section for section in EXPECTED["sections"] if section["text"]]


# What only a build can know, by the section it stands in: without one just that is left out.
COMPUTED = {
    "custom-expr": "Torture whole zoo 42 Atlas 28 3 2 template Conditional paragraph shown",
    "components": "title prop Template title Atlas What is 2 2 three four five Ada",
}


@pytest.fixture(scope="module", params=["with its HTML", "without"])
def chunks(request: pytest.FixtureRequest) -> list[Chunk]:
    headings = [
        Heading(id=section["id"], level=section["level"], text=section["heading"])
        for section in EXPECTED["sections"]
        if section["id"]
    ]
    page = Page(path=EXPECTED["url"], source="torture.mdx", title="Torture: the whole zoo", headings=tuple(headings))
    site = Site(title="T", url="https://example.com", base_url="/book/", locale="en", site_dir=".")
    book = Book(version=1, site=site, pages=(page,))
    html = (TORTURE / "torture.html").read_text(encoding="utf-8") if request.param == "with its HTML" else None
    return split_page(book, page, (TORTURE / "torture.mdx").read_text(encoding="utf-8"), TORTURE, html=html)


def rendered(text: str) -> str:
    """The text of CommonMark as a browser shows it, and the titles of its code."""
    titles = [token.info for token in MARKDOWN.parse(text)]
    return html.unescape(re.sub("<[^>]*>", "", MARKDOWN.render(text))) + " ".join(titles)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.replace("⟦img:", " ").replace("[x]", "").replace("[ ]", ""))


@pytest.mark.parametrize("section", SECTIONS, ids=[section["heading"] for section in SECTIONS])
def test_every_section_has_the_words_its_reader_sees(
    section: dict[str, Any], chunks: list[Chunk], request: pytest.FixtureRequest
) -> None:
    computed = COMPUTED.get(section["id"], "") if "without" in request.node.callspec.id else ""
    own = " ".join(rendered(chunk.text) for chunk in chunks if chunk.anchor == section["id"])
    assert [word for word in words(section["text"]) if word not in words(own)] == computed.split()


@pytest.mark.parametrize("hidden", EXPECTED["must_not_contain"])
def test_what_only_the_build_sees_is_in_no_chunk(hidden: str, chunks: list[Chunk]) -> None:
    assert [chunk.text for chunk in chunks if hidden in chunk.text] == []


def test_headings_and_anchors_are_those_of_the_built_page(chunks: list[Chunk]) -> None:
    built = [(section["id"], section["heading"]) for section in EXPECTED["sections"] if section["id"]]
    assert list(dict.fromkeys((chunk.anchor, chunk.heading) for chunk in chunks if chunk.anchor)) == built


def test_tabs_code_titles_and_formulas_are_kept(chunks: list[Chunk]) -> None:
    text = "\n".join(chunk.text for chunk in chunks)
    assert all(label in text for label in EXPECTED["tab_labels"])
    assert all(f'title="{title}"' in text for title in EXPECTED["code_titles"])
    assert all(tex in text for tex in EXPECTED["math"])


def test_what_the_page_draws_later_is_kept_from_the_source(chunks: list[Chunk]) -> None:
    text = " ".join(" ".join(chunk.text for chunk in chunks).split())
    assert EXPECTED["source_only"]["lazy_tab"] in text
    assert EXPECTED["source_only"]["mermaid"] in text


def test_nothing_on_it_is_misunderstood() -> None:
    document = parse((TORTURE / "torture.mdx").read_text(encoding="utf-8"), TORTURE / "torture.mdx")
    assert len(read(document, Library(TORTURE)).computed) == 12
    assert document.source.problems == []
