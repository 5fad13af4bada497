"""What readers see is what is indexed: pages read from their source and their built HTML, and from either alone."""

from pathlib import Path

import pytest

from booklight_ingest.chunks import Chunk, split_book
from booklight_ingest.pages import Book, Page, Site
from booklight_ingest.witnesses import Tally

SITE = Site(title="T", url="https://books.example", base_url="/", locale="en", site_dir=".")


def chunks(tmp_path: Path, source: str | None, html: str | None, tally: Tally | None = None) -> list[Chunk]:
    """The chunks of a page with this source and this main content."""
    if source is not None:
        (tmp_path / "page.mdx").write_text(source, encoding="utf-8")
    if html is not None:
        (tmp_path / "build").mkdir()
        (tmp_path / "build/page.html").write_text(f"<!doctype html><main>{html}</main>", encoding="utf-8")
    page = Page(path="/page", source=None if source is None else "page.mdx", title="The page")
    book = Book(version=1, site=SITE, pages=(page,))
    build = tmp_path / "build" if html is not None else None
    return list(split_book(book, tmp_path, build=build, report=lambda problem: None, tally=tally))


def outline(found: list[Chunk]) -> list[tuple[tuple[str, ...], str]]:
    return [(chunk.breadcrumbs[1:], chunk.text) for chunk in found]


def test_a_summary_stands_over_the_headings_inside_its_details(tmp_path: Path) -> None:
    text = "".join(
        f"<details>\n<summary>For {name}</summary>\n\n### Remove\n\nRun {command}.\n\n</details>\n\n"
        for name, command in (("Debian", "apt purge"), ("Fedora", "dnf erase"))
    )
    assert outline(chunks(tmp_path, text, None)) == [
        (("For Debian", "Remove"), "Run apt purge."),
        (("For Fedora", "Remove"), "Run dnf erase."),
    ]


def test_labels_that_are_jsx_give_their_text_or_the_value(tmp_path: Path) -> None:
    text = (
        "<Tabs values={[{label: <span>Beta <b>channel</b></span>, value: 'beta'}, "
        "{label: <Icon name=\"x\" />, value: 'stable'}]}>\n"
        '<TabItem value="beta">Shake it.</TabItem>\n<TabItem value="stable">Stir it.</TabItem>\n</Tabs>\n'
    )
    found = chunks(tmp_path, text, None)
    assert [(chunk.breadcrumbs[-1], chunk.text.split("\n\n")[-1]) for chunk in found] == [
        ("Beta channel", "Shake it."),
        ("stable", "Stir it."),
    ]
    assert not any("****" in chunk.text for chunk in found)


def test_commonmark_keeps_its_code_its_headings_and_its_braces(tmp_path: Path) -> None:
    text = (
        "---\nmdx:\n  format: md\n---\n\nSetext title\n------------\n\nPut this in the file:\n\n"
        "    # gate.conf\n    def open(n, *args):\n        return {n: 1 + 1}\n\nimport the certificate into {HOME}.\n"
    )
    (found,) = chunks(tmp_path, text, None)
    assert found.heading == "Setext title"
    assert "# gate.conf\ndef open(n, *args):\n    return {n: 1 + 1}\n```" in found.text
    assert found.text.endswith("import the certificate into {HOME}.")


COMPUTED = """import {LIMIT} from './limits.js';

## Plain

Some `code` here.

## Limits

A file may hold {LIMIT} rows.

## Glossary

The word [[flange]] is in the glossary.
"""
BUILT = (
    "<div class=theme-doc-markdown><h1>The page</h1><h2 id=plain>Plain</h2><p>Some <code>code</code> here."
    "<h2 id=limits>Limits</h2><p>A file may hold <!-- -->5000<!-- --> rows."
    "<h2 id=glossary>Glossary</h2><p>The word <a href=/f>flange</a> is in the glossary.</div>"
)


def test_what_only_a_build_can_know_is_taken_from_the_built_page(tmp_path: Path) -> None:
    tally = Tally()
    found = chunks(tmp_path, COMPUTED, BUILT, tally)
    assert [(chunk.anchor, chunk.text) for chunk in found] == [
        ("plain", "Some `code` here."),
        ("limits", "A file may hold 5000 rows."),
        ("glossary", "The word flange is in the glossary."),
    ]
    assert (tally.from_source, tally.from_html, tally.nearly_empty) == (1, 2, [])


def test_without_html_what_is_not_plain_is_left_out(tmp_path: Path) -> None:
    assert "A file may hold rows." in [chunk.text for chunk in chunks(tmp_path, COMPUTED, None)]


def test_a_generated_index_is_read_from_its_html(tmp_path: Path) -> None:
    html = (
        "<header><h1>The page</h1><p>Every call needs the header X-Depot.</header>"
        "<article><a href=/a><h2>Orders</h2><p>How to order.</a></article>"
    )
    text = "\n".join(chunk.text for chunk in chunks(tmp_path, None, html))
    assert "Every call needs the header X-Depot." in text
    assert "Orders" in text
    assert "How to order." in text


@pytest.mark.parametrize("source", [None, "## Forced\n\nText.\n"])
def test_control_characters_are_in_no_chunk(tmp_path: Path, source: str | None) -> None:
    html = "<div class=theme-doc-markdown><h2 id=forced>Fo\0rced</h2><p>Te\0xt.</div>"
    (found,) = chunks(tmp_path, source, html)
    assert (found.heading, found.anchor, found.text) == ("Forced", "forced", "Text.")


def test_a_hard_break_is_a_line_break_and_no_backslash(tmp_path: Path) -> None:
    text = "- **The long road** <br/>\n  https://books.example.test/road <br/>\n- Second\\\n  line\n"
    (found,) = chunks(tmp_path, text, None)
    assert "\\" not in found.text
    lines = [line.strip() for line in found.text.split("\n")]
    assert lines == ["- **The long road**", "https://books.example.test/road", "- Second", "line"]


def test_a_page_with_hardly_any_text_is_named(tmp_path: Path) -> None:
    tally = Tally()
    chunks(tmp_path, "Soon.\n", None, tally)
    assert tally.nearly_empty == ["/page"]
