"""Sections, their headings and the anchors that lead to them."""

from pathlib import Path

import pytest

from booklight_ingest.anchors import match_headings
from booklight_ingest.mdx import Library, SourceHeading, parse, read, render
from booklight_ingest.pages import Heading, Page
from booklight_ingest.sections import Section, split_sections


def sections(text: str, built: list[tuple[str, int, str]] | None = None) -> list[Section]:
    headings = None if built is None else tuple(Heading(id=id, level=level, text=text) for id, level, text in built)
    page = Page(path="/p", source="p.mdx", title="The page", headings=headings)
    return split_sections(read(parse(text, Path("p.mdx")), Library(Path())).items, page)


def outline(text: str, built: list[tuple[str, int, str]] | None = None) -> list[tuple[str | None, str | None]]:
    return [(section.heading, section.anchor) for section in sections(text, built)]


def test_a_section_is_the_text_under_one_heading() -> None:
    found = sections("Intro.\n\n## One\n\nFirst.\n\n### Two\n\nSecond.\n\n## Three\n\nThird.")
    assert [(section.heading, section.trail, render(section.blocks)) for section in found] == [
        (None, (), "Intro."),
        ("One", ("One",), "First."),
        ("Two", ("One", "Two"), "Second."),
        ("Three", ("Three",), "Third."),
    ]


def test_headings_in_code_do_not_split() -> None:
    assert outline("## One\n\n```md\n## Two\n\ntext\n```\n\n~~~~\n# Three\n~~~~") == [("One", "one")]


def test_headings_in_lists_quotations_and_tabs_split() -> None:
    text = "- ## In a list\n\n  One.\n\n> ## In a quotation\n>\n> Two.\n\n<div>\n\n## In a tag\n\nThree.\n\n</div>"
    assert [heading for heading, _ in outline(text)] == ["In a list", "In a quotation", "In a tag"]


def test_the_title_of_the_page_is_no_heading_of_a_section() -> None:
    assert outline("# The page\n\nIntro.\n\n## One\n\nText.") == [(None, None), ("One", "one")]


def test_another_first_level_heading_is_one_without_an_anchor_of_its_own() -> None:
    found = sections("## One\n\nText.\n\n# Another\n\nMore.\n\n## Two\n\nLast.")
    assert [(section.trail, section.anchor) for section in found] == [
        (("One",), "one"),
        (("Another",), "one"),
        (("Another", "Two"), "two"),
    ]


def test_a_section_without_text_is_left_out_but_named_above_others() -> None:
    assert [section.trail for section in sections("## One\n\n### Two\n\nText.")] == [("One", "Two")]


def test_anchors_are_read_from_the_built_page() -> None:
    built = [("custom", 2, "One"), ("one-more", 2, "One")]
    assert outline("## One\n\nA.\n\n## One\n\nB.", built) == [("One", "custom"), ("One", "one-more")]


def test_headings_of_components_that_no_source_shows_are_passed_over() -> None:
    built = [("from-a-component", 2, "From a component"), ("one", 2, "One"), ("more", 3, "More"), ("two", 2, "Two")]
    assert outline("## One\n\nA.\n\n## Two\n\nB.", built) == [("One", "one"), ("Two", "two")]


def test_headings_that_the_page_leaves_out_take_the_anchor_before_them() -> None:
    built = [("one", 2, "One"), ("three", 2, "Three")]
    assert outline("## One\n\nA.\n\n## Two\n\nB.\n\n## Three\n\nC.", built) == [
        ("One", "one"),
        ("Two", "one"),
        ("Three", "three"),
    ]


def test_a_heading_without_an_id_takes_the_anchor_before_it() -> None:
    text = "## One\n\nA.\n\n<h2>Raw</h2>\n\nB.\n\n<h2 id='given'>Given</h2>\n\nC."
    assert outline(text, [("one", 2, "One"), ("given", 2, "Given")]) == [
        ("One", "one"),
        ("Raw", "one"),
        ("Given", "given"),
    ]


def test_text_that_only_the_page_knows_is_matched_by_id() -> None:
    built = [("euler-ex-formula", 2, "Euler exe^xex formula"), ("-title", 2, "Beta Title")]
    text = "## Euler $e^x$ formula\n\nA.\n\n## <Badge src='x' /> Title\n\nB."
    assert [anchor for _, anchor in outline(text, built)] == ["euler-ex-formula", "-title"]


def test_repeated_headings_keep_their_order_when_one_is_missing() -> None:
    built = [("setup", 2, "Setup"), ("run", 3, "Run"), ("setup-1", 2, "Setup"), ("run-1", 3, "Run")]
    text = "## Setup\n\nA.\n\n### Run\n\nB.\n\n## Setup\n\nC.\n\n### Run\n\nD."
    assert [anchor for _, anchor in outline(text, built)] == ["setup", "run", "setup-1", "run-1"]
    assert [anchor for _, anchor in outline(text, built[2:])][2:] == ["setup-1", "run-1"]


@pytest.mark.parametrize("count", [10, 3_000])
def test_long_pages_are_matched_too(count: int) -> None:
    source = [SourceHeading(2, f"Heading {number}", None) for number in range(count)]
    built = [Heading(id="extra", level=2, text="Extra")]
    built += [Heading(id=f"id-{number}", level=2, text=f"heading  {number}") for number in range(count)]
    assert match_headings(source, built) == [f"id-{number}" for number in range(count)]


def test_without_a_built_page_the_slug_rules_apply() -> None:
    assert match_headings([SourceHeading(2, "One", "one"), SourceHeading(2, "???", None)], None) == ["one", None]
