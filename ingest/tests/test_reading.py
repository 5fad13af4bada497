"""What readers see is what is indexed: pages read from their source and their built HTML, and from either alone."""

from pathlib import Path
from typing import Literal

import pytest

from booklight_ingest.chunks import Chunk, split_book
from booklight_ingest.pages import Book, Page, Site
from booklight_ingest.witnesses import Tally

SITE = Site(title="T", url="https://books.example", base_url="/", locale="en", site_dir=".")


def chunks(
    tmp_path: Path,
    source: str | None,
    html: str | None,
    tally: Tally | None = None,
    format: Literal["mdx", "md"] | None = None,
) -> list[Chunk]:
    """The chunks of a page with this source and this main content."""
    if source is not None:
        (tmp_path / "page.mdx").write_text(source, encoding="utf-8")
    if html is not None:
        (tmp_path / "build").mkdir()
        (tmp_path / "build/page.html").write_text(f"<!doctype html><main>{html}</main>", encoding="utf-8")
    page = Page(path="/page", source=None if source is None else "page.mdx", title="The page", format=format)
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


COMMONMARK = """Setext title
------------

Put this in the file:

    # gate.conf
    def open(n, *args):
        return {n: 1 + 1}

import the certificate into {HOME}.
"""


@pytest.mark.parametrize(
    ("front_matter", "format"), [("---\nmdx:\n  format: md\n---\n\n", None), ("", "md"), ("", "mdx")]
)
def test_commonmark_keeps_its_code_its_headings_and_its_braces(
    tmp_path: Path, front_matter: str, format: Literal["mdx", "md"] | None
) -> None:
    found = chunks(tmp_path, front_matter + COMMONMARK, None, format=format)
    as_commonmark = [chunk.heading for chunk in found] == ["Setext title"] and (
        "# gate.conf\ndef open(n, *args):\n    return {n: 1 + 1}\n```" in found[0].text
    )
    assert as_commonmark == (format != "mdx")
    assert any(chunk.text.endswith("import the certificate into {HOME}.") for chunk in found) == as_commonmark


ADMONITION = "## Hives\n\n:::tip[In winter]\n\n### Feed\n\nGive syrup.\n\n:::\n\n:::note\n\nA note.\n\n:::\n"
ADMONITION_BUILT = (
    "<div class=theme-doc-markdown><h2 id=hives>Hives</h2>"
    "<div class='theme-admonition theme-admonition-tip'><div class=admonitionHeading_x>In winter</div>"
    "<div><h3 id=feed>Feed</h3><p>Give syrup.</div></div>"
    "<div class='theme-admonition theme-admonition-note'><div class=admonitionHeading_x>note</div>"
    "<div><p>A note.</div></div></div>"
)


@pytest.mark.parametrize(
    ("source", "html"), [(ADMONITION, None), (ADMONITION, ADMONITION_BUILT), (None, ADMONITION_BUILT)]
)
def test_the_title_of_an_admonition_stands_over_the_headings_inside(
    tmp_path: Path, source: str | None, html: str | None
) -> None:
    assert outline(chunks(tmp_path, source, html)) == [
        (("Hives", "In winter", "Feed"), "Give syrup."),
        (("Hives", "Feed"), "**note**\n\nA note."),
    ]


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


COMPONENTS = """import {LIMIT} from './limits.js';
import data from './data.json';

<Heading as={"h2"} id={"answer"} children={"Responses"}></Heading>

<StatusCodes label={"Errors"} responses={{"409": {"description": "The name is taken."}}}></StatusCodes>

## Limits

A file may hold {LIMIT} rows, see {data.docs[0].title}.

## Gates

{['north', 'south'].map((side) => <p key={side}>Gate {side} closes at dusk.</p>)}
"""
RENDERED = (
    "<div class=theme-doc-markdown><h2 class=openapi id=answer>Responses</h2>"
    "<div class=tabs__container><div><ul role=tablist class=tabs><li role=tab aria-selected=true>409</li>"
    "<li role=tab aria-selected=false>503</li></ul></div>"
    "<div class=margin-top--md><div role=tabpanel><p>The name is taken.</div>"
    "<div role=tabpanel hidden><p>Come back later.</div></div></div>"
    "<h2 id=limits>Limits</h2><p>A file may hold <!-- -->5000<!-- --> rows, see <!-- -->The manual<!-- -->."
    "<h2 id=gates>Gates</h2><p>Gate <!-- -->north<!-- --> closes at dusk.<p>Gate <!-- -->south<!-- --> closes at dusk."
    "</div>"
)


def test_what_components_and_computed_lists_render_is_read(tmp_path: Path) -> None:
    assert outline(chunks(tmp_path, COMPONENTS, RENDERED)) == [
        (("Responses", "409"), "**409**\n\nThe name is taken."),
        (("Responses", "503"), "**503**\n\nCome back later."),
        (("Limits",), "A file may hold 5000 rows, see The manual."),
        (("Gates",), "Gate north closes at dusk.\n\nGate south closes at dusk."),
    ]


def test_a_heading_written_as_a_component_is_one_without_html_too(tmp_path: Path) -> None:
    (found,) = chunks(tmp_path, COMPONENTS.partition("<StatusCodes")[0] + "Text.\n", None)
    assert (found.heading, found.anchor, found.text) == ("Responses", "answer", "Text.")


API_PAGE = (
    "<div class='theme-doc-markdown markdown'><h1 class=openapi__heading>Close a gate</h1>"
    "<pre class=openapi__method-endpoint aria-label='Method endpoint'><span class=badge>put</span> "
    "<h2 class=openapi__method-endpoint-path>/gates/{side}</h2></pre><p>Closes it until morning."
    "<h2 id=request class=openapi-tabs__heading>Request</h2>"
    "<details class=openapi-markdown__details open><summary><h3 class=openapi-markdown__details-summary-header-params>"
    "Path Parameters</h3></summary><div><ul><div class=openapi-params__list-item><span class=openapi-schema__container>"
    "<strong class=openapi-schema__property>side</strong><span class=openapi-schema__name>string</span>"
    "<span class=openapi-schema__required>required</span></span><p>Which one.</div></ul></div></details>"
    "<div class=tabs__container><div><h2 class=openapi-tabs__response-header>Responses</h2>"
    "<ul role=tablist><li role=tab aria-selected=true>200</li><li role=tab aria-selected=false>409</li></ul></div>"
    "<div><div role=tabpanel><p>Closed.<details open><summary><strong>Schema</strong></summary><div>"
    "<div class=openapi-schema__list-item><strong>closesAt</strong> <span>date-time</span></div></div></details></div>"
    "<div role=tabpanel hidden><p>Somebody stands in it.</div></div></div></div>"
)


def test_an_api_page_keeps_its_method_path_parameters_schemas_and_status_codes(tmp_path: Path) -> None:
    found = chunks(tmp_path, None, API_PAGE)
    said = {chunk.text.split("\n")[-1]: chunk.breadcrumbs[1:] for chunk in found}
    text = "\n".join([*(chunk.text for chunk in found), *(name for chunk in found for name in chunk.breadcrumbs)])
    for word in ("put /gates/{side}", "side string required", "Which one.", "closesAt", "date-time", "Path Parameters"):
        assert word in text.replace("**", ""), word
    assert said["Somebody stands in it."][-2:] == ("Responses", "409")
    assert any(trail[-3:] == ("Responses", "200", "Schema") for trail in said.values())


def test_lazy_tabs_and_icon_labels_come_from_the_source_where_the_section_comes_from_the_html(tmp_path: Path) -> None:
    source = (
        "import {LIMIT} from './limits.js';\n\n## Install\n\nUp to {LIMIT} files.\n\n<Tabs lazy>\n"
        "<TabItem value='mac' label={<Icon name='apple' />}>\n\nDrag it.\n\n</TabItem>\n"
        "<TabItem value='win' label='Windows'>\n\nRun the installer.\n\n</TabItem>\n</Tabs>\n"
    )
    html = (
        "<div class=theme-doc-markdown><h2 id=install>Install</h2><p>Up to <!-- -->9<!-- --> files."
        "<div class='theme-tabs-container tabs-container'><ul role=tablist><li role=tab aria-selected=true><svg></svg>"
        "<li role=tab aria-selected=false>Windows</ul><div role=tabpanel><p>Drag it.</div></div></div>"
    )
    assert outline(chunks(tmp_path, source, html)) == [
        (("Install",), "Up to 9 files."),
        (("Install", "mac"), "**mac**\n\nDrag it."),
        (("Install", "Windows"), "**Windows**\n\nRun the installer."),
    ]
