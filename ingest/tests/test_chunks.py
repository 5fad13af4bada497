"""Chunks: what a search returns and a citation needs."""

import logging
import uuid
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booklight_ingest.chunks import TOKEN, Chunk, count_tokens, link, split_book, split_page
from booklight_ingest.errors import PagesUnreadable
from booklight_ingest.mdx import Library, Problem, imported_files
from booklight_ingest.pages import Book, Chapter, Heading, Page, Site

PAGE = Page(
    path="/book/docs/retrieval/chunks",
    source="docs/03-retrieval/02-chunks.mdx",
    title="Chunks",
    chapter=3,
    chapter_path="/book/docs/retrieval",
    lesson="chunks",
    breadcrumbs=("Retrieval",),
    headings=(Heading(id="why-overlap", level=2, text="Why overlap"),),
)
TEXT = "Intro with `code`.\n\n## Why overlap\n\nBecause."


def make_book(*pages: Page) -> Book:
    site = Site(title="T", url="https://example.com", base_url="/book/", locale="en", site_dir=".")
    chapter = Chapter(number=3, title="Retrieval", path="/book/docs/retrieval")
    return Book(version=1, site=site, chapters=(chapter,), pages=pages)


def split(text: str, page: Page = PAGE) -> list[Chunk]:
    return split_page(make_book(page), page, text, Path("site"))


def test_a_chunk_knows_where_it_stands() -> None:
    intro, overlap = split(TEXT)
    assert (intro.url, intro.anchor, intro.heading) == ("/book/docs/retrieval/chunks", None, None)
    assert intro.breadcrumbs == ("Retrieval", "Chunks")
    assert (overlap.url, overlap.anchor) == ("/book/docs/retrieval/chunks#why-overlap", "why-overlap")
    assert (overlap.heading, overlap.breadcrumbs) == ("Why overlap", ("Retrieval", "Chunks", "Why overlap"))
    assert (overlap.chapter_number, overlap.chapter_title, overlap.lesson_slug) == (3, "Retrieval", "chunks")
    assert (overlap.page_title, overlap.source, overlap.text) == ("Chunks", PAGE.source, "Because.")


def test_tokens_are_words_and_punctuation() -> None:
    assert [chunk.token_count for chunk in split(TEXT)] == [6, 2]


@settings(deadline=None)
@given(st.text())
def test_tokens_are_the_same_in_any_script(text: str) -> None:
    assert count_tokens(text) == len(TOKEN.findall(text))


def test_ids_outlast_a_change_of_text_and_hashes_do_not() -> None:
    before, after = split(TEXT), split(TEXT.replace("Because", "Why not"))
    assert [uuid.UUID(chunk.id).version for chunk in before] == [5, 5]
    assert [chunk.id for chunk in after] == [chunk.id for chunk in before]
    assert [one.content_hash == two.content_hash for one, two in zip(before, after, strict=True)] == [True, False]


@pytest.mark.parametrize("change", [{"title": "Other"}, {"chapter": 4}, {"breadcrumbs": ("A",)}, {"lesson": None}])
def test_the_hash_covers_all_that_is_stored(change: dict[str, object]) -> None:
    assert split(TEXT)[0].content_hash != split(TEXT, PAGE.model_copy(update=change))[0].content_hash


def test_position_counts_the_chunks_of_an_anchor() -> None:
    chunks = split("## Why overlap\n\n" + "One two three four five.\n\n" * 150 + "# Another\n\nLast.")
    assert {chunk.anchor for chunk in chunks} == {"why-overlap"}
    assert [chunk.position for chunk in chunks] == list(range(len(chunks)))
    assert len({chunk.id for chunk in chunks}) == len(chunks) > 2


def test_every_url_leads_to_a_heading_of_the_page() -> None:
    chunks = split("Text.\n\n## Unknown\n\nText.\n\n## Why overlap\n\nText.\n\n## Unknown\n\nText.")
    assert {chunk.url for chunk in chunks} == {PAGE.path, f"{PAGE.path}#why-overlap"}


@pytest.mark.parametrize(
    ("anchor", "url"),
    [
        (None, "/a%20b"),
        ("plain-id", "/a%20b#plain-id"),
        ("my id", "/a%20b#my%20id"),
        ("你好", "/a%20b#%E4%BD%A0%E5%A5%BD"),
        ("a%b", "/a%20b#a%25b"),
        ("My_ID.v2", "/a%20b#My_ID.v2"),
    ],
)
def test_links_are_encoded_as_a_browser_shows_them(anchor: str | None, url: str) -> None:
    assert link("/a%20b", anchor) == url


def write(root: Path, name: str, text: str) -> Path:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def page(source: str) -> Page:
    return Page(path=f"/{source.partition('.')[0]}", source=source, title="A page")


def test_a_book_is_split_page_by_page(tmp_path: Path) -> None:
    write(tmp_path, "docs/one.mdx", "One.")
    write(tmp_path, "docs/two.md", "---\ntitle: Two\n---\n")
    write(tmp_path, "docs/three.md", "\ufeffThree.")
    book = make_book(page("docs/one.mdx"), page("docs/two.md"), page("docs/three.md"))
    assert [(chunk.source, chunk.text) for chunk in split_book(book, tmp_path)] == [
        ("docs/one.mdx", "One."),
        ("docs/three.md", "Three."),
    ]


def test_pages_that_are_not_made_from_markdown_have_no_chunks(tmp_path: Path) -> None:
    assert list(split_book(make_book(page("src/pages/index.tsx"), page("")), tmp_path)) == []


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(PagesUnreadable, match=r"docs/gone\.mdx, the source of /docs/gone, is not there"):
        list(split_book(make_book(page("docs/gone.mdx")), tmp_path))


def test_partials_are_read_in_place(tmp_path: Path) -> None:
    write(tmp_path, "docs/_part.mdx", "Hello.\n\n## Part\n\nOf the part.\n")
    write(tmp_path, "shared/note.md", ":::note\n\nShared.\n\n:::\n")
    text = "import Part from './_part.mdx';\nimport Note, {toc} from '@site/shared/note.md';\n\nBefore.\n\n"
    write(tmp_path, "docs/page.mdx", f'{text}- item\n\n  <Part name="Ada" />\n\n## Last\n\n<Note />\n')
    chunks = list(split_book(make_book(page("docs/page.mdx")), tmp_path))
    assert [(chunk.anchor, chunk.text) for chunk in chunks] == [
        (None, "Before.\n\n- item\n\n  Hello."),
        ("part", "- Of the part."),
        ("last", "**note**\n\nShared."),
    ]


def test_partials_that_import_each_other_end_and_are_reported(tmp_path: Path) -> None:
    write(tmp_path, "_a.mdx", "import B from './_b.mdx';\n\nA.\n\n<B />\n")
    write(tmp_path, "_b.mdx", "import A from './_a.mdx';\n\nB.\n\n<A />\n")
    write(tmp_path, "page.mdx", "import A from './_a.mdx';\n\n<A />\n")
    problems: list[Problem] = []
    chunks = list(split_book(make_book(page("page.mdx")), tmp_path, report=problems.append))
    assert [chunk.text for chunk in chunks] == ["A.\n\nB."]
    assert [(problem.file.name, problem.line) for problem in problems] == [("_b.mdx", 5)]


def test_files_shown_by_a_raw_loader_are_read_from_the_built_page(tmp_path: Path) -> None:
    html = "<main><pre class=language-python><code>print('hello')\n</code></pre></main>"
    built = write(tmp_path, "build/page.html", html)
    text = "import CodeBlock from '@theme/CodeBlock';\nimport talker from '!!raw-loader!./talker.py';\n\n"
    write(tmp_path, "page.mdx", f'{text}<CodeBlock language="python" title="talker.py">{{talker}}</CodeBlock>\n')
    book = make_book(page("page.mdx").model_copy(update={"path": "/book/page"}))
    chunks = split_book(book, tmp_path, build=built.parent)
    assert [chunk.text for chunk in chunks] == ["```python\nprint('hello')\n```"]


def test_problems_are_logged_unless_they_are_asked_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = write(tmp_path, "page.mdx", "One {load()} two.")
    with caplog.at_level(logging.WARNING):
        assert [chunk.text for chunk in split_book(make_book(page("page.mdx")), tmp_path)] == ["One two."]
    assert caplog.messages == [f"{file}:1: {{load(): only a build can know this, and there is no built page: left out"]


def test_the_files_a_page_is_made_of_are_known_without_reading_it(tmp_path: Path) -> None:
    write(tmp_path, "_a.mdx", "import B from '@site/_b.md';\n\n<B />\n")
    write(tmp_path, "_b.md", "import A from './_a.mdx';\n\nB.\n")
    write(tmp_path, "x.py", "print()\n")
    text = "import A from './_a.mdx';\nimport x from '!!raw-loader!./x.py';\nimport Tabs from '@theme/Tabs';\n\n<A />\n"
    found = imported_files(text, tmp_path / "page.mdx", Library(tmp_path))
    assert sorted(file.name for file in found) == ["_a.mdx", "_b.md", "x.py"]
