"""The audit follows links as a browser would."""

from dataclasses import replace
from pathlib import Path

import pytest

from booklight_ingest.audit import AuditReport, audit
from booklight_ingest.chunks import Chunk, link, split_page
from booklight_ingest.pages import Book, Page, Site

HTML = """<!doctype html><html><head><title>T</title></head><body><article><h1>The page</h1>
<p>Intro<br>text</p>
<h2 class="anchor" id="one">One &amp; <code>two</code><a href="#one" class="hash-link" title="Direct link">​</a></h2>
<p>Text <span id="inline">here</span></p>
<h2>Raw heading</h2>
<h2 id="euler">Euler <span class="katex"><math><mi>e</mi><annotation encoding="tex">e^x</annotation></math>
<span class="katex-html">e<i>x</i></span></span> formula<sup><a href="#fn" data-footnote-ref="true">1</a></sup></h2>
<h3 id="你好">你好</h3>
</article></body></html>"""


@pytest.fixture
def build(tmp_path: Path) -> Path:
    for name in ["docs/page.html", "docs/folder/index.html", "index.html"]:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(HTML, encoding="utf-8")
    return tmp_path


def check(build: Path, path: str, anchor: str | None = None, heading: str | None = None) -> AuditReport:
    page = Page(path=path, source="docs/page.mdx", title="The page")
    site = Site(title="T", url="https://example.com", base_url="/book/", locale="en", site_dir=".")
    book = Book(version=1, site=site, pages=(page,))
    chunk: Chunk = split_page(book, page, "Text.", Path("site"))[0]
    return audit(build, book, [replace(chunk, anchor=anchor, heading=heading, url=link(path, anchor))])


@pytest.mark.parametrize(
    "path", ["/book/docs/page", "/book/docs/page/", "/book/docs/page.html", "/book/docs/folder", "/book/docs/folder/"]
)
def test_a_page_is_found_whatever_the_trailing_slash(build: Path, path: str) -> None:
    assert check(build, path) == AuditReport(1, ())


def test_the_home_page_is_found(build: Path) -> None:
    assert check(build, "/book/") == AuditReport(1, ())


@pytest.mark.parametrize(
    ("anchor", "heading"),
    [
        ("one", "One & two"),
        ("one", "Raw heading"),
        ("euler", "Euler $e^x$ formula"),
        ("你好", "你好"),
        ("inline", "Anything"),
        ("one", None),
    ],
)
def test_a_heading_is_found(build: Path, anchor: str, heading: str | None) -> None:
    assert check(build, "/book/docs/page", anchor, heading).broken == ()


@pytest.mark.parametrize(
    ("path", "anchor", "heading", "reason"),
    [
        ("/book/docs/gone", None, None, "the built site has no such page"),
        ("/other/docs/page", None, None, "the built site has no such page"),
        ("/book/../docs/page", None, None, "the built site has no such page"),
        ("/book/docs/page", "gone", "One", "the page has no element with the id 'gone'"),
        ("/book/docs/page", "euler", "Raw heading", "the id leads to 'Euler $e^x$ formula[1]', not to 'Raw heading'"),
    ],
)
def test_a_broken_link_says_why(build: Path, path: str, anchor: str | None, heading: str | None, reason: str) -> None:
    (broken,) = check(build, path, anchor, heading).broken
    assert (broken.reason, broken.source, broken.url) == (reason, "docs/page.mdx", link(path, anchor))
