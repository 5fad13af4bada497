"""What a reader sees of each syntax: the cases are in fixtures/syntax.md, a fixed defect adds one."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booklight_ingest.mdx import Block, Computed, Library, SourceHeading, parse, read, render
from booklight_ingest.mdx.paragraphs import MAX_PARAGRAPH

FIXTURES = Path(__file__).parent / "fixtures"
CASE = re.compile(r"^([^\n]+)\n\.\n(.*?)\n\.\n(.*?)\n\.$", re.DOTALL | re.MULTILINE)
CASES = [match.groups() for match in CASE.finditer((FIXTURES / "syntax.md").read_text(encoding="utf-8"))]
PARTS = [
    *"<>{}`$[])*_|:#",
    *["```\n", "$$", "](", "~~", ":::", ":a", "---\n", "\n", "\n\n", "# ", "> ", "- ", "  ", "1. ", "text", "\0", "🚀"],
    *["<A>", "</A>", "<Tabs>", "<TabItem value='a'>", "<td>", "<li>", "<table>", "<h2>", "<!--", "-->", "{/*", "*/}"],
    *["{a ? ", "{'b' : ", "{c.map((d) => ", "`${", "}", "e + f"],
    *["import a from 'b'\n", "export const a = ", "[^a]", "[^a]: ", "{#id}"],
]


def shown(text: str, file: Path = Path("page.mdx")) -> str:
    """The page as CommonMark, its headings in brackets."""
    parts: list[str] = []
    blocks: list[Block] = []
    for item in [*read(parse(text, file), Library(file.parent)).items, None]:
        if isinstance(item, Block):
            blocks.append(item)
            continue
        if blocks:
            parts.append(render(blocks))
            blocks = []
        if isinstance(item, SourceHeading):
            parts.append(f"[h{item.level} {item.slug}] {item.text}")
    return "\n\n".join(parts)


@pytest.mark.parametrize(("source", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_shows_what_a_reader_sees(source: str, expected: str) -> None:
    assert shown(source) == expected


@pytest.mark.parametrize(("source", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_line_ends_make_no_difference(source: str, expected: str) -> None:
    assert shown(source.replace("\n", "\r\n")) == expected


def test_front_matter_may_follow_a_byte_order_mark() -> None:
    assert shown("\ufeff---\r\ntitle: A\r\n---\r\n\r\nText.\r\n") == "Text."


@pytest.mark.parametrize(
    "text", ["", "\n", "---\ntitle: A\n---\n", "{/* nothing */}", "<div></div>", "[a]: https://b.example"]
)
def test_a_page_that_shows_nothing_has_no_blocks(text: str) -> None:
    assert read(parse(text, Path("page.mdx")), Library(Path())).items == []


def problems(text: str) -> list[str]:
    document = parse(text, Path("docs/page.mdx"))
    reading = read(document, Library(Path()))
    return [str(problem) for problem in [*document.source.problems, *reading.computed]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("One\n\nA List<String> here.", "docs/page.mdx:3: <String>: nothing closes this: kept as text"),
        ("One\n\ntwo {three", "docs/page.mdx:3: {three: nothing closes this: kept as text"),
        ("One at\n\n{at}", "docs/page.mdx:3: {at: only a build can know this"),
        ("One\n\n{\n  load()}", "docs/page.mdx:3: {load(): only a build can know this"),
        ("One\n\n{a ?\n 'b' : 'c'}", "docs/page.mdx:3: {a ?: only a build can know this"),
        ("One\n\n<Card title='a' />", "docs/page.mdx:3: <Card: only a build can know this"),
        ("One\n\n<TabItem\n  label={load()}>a</TabItem>", "docs/page.mdx:3: <TabItem: only a build can know this"),
        (
            "import A from './gone.mdx'\n\n<A />",
            "docs/page.mdx:1: ./gone.mdx: this import cannot be read: what it holds is left out",
        ),
        ("One\n\ntw\ufffd", "docs/page.mdx:3: \ufffd: the file is not UTF-8"),
    ],
)
def test_what_is_not_understood_is_reported_with_its_line(text: str, problem: str) -> None:
    assert [found for found in problems(text) if found.startswith(problem)]


def test_nothing_is_reported_of_a_page_that_is_understood() -> None:
    assert (
        problems("".join(f"{source}\n\n" for name, source, _ in CASES if name.startswith(("tabs", "an adm", "comm"))))
        == []
    )


def test_every_fault_of_a_file_is_reported_the_same_one_again_too() -> None:
    text = "```html\n<iframe>\n```\n\n" + "Text <iframe> and <iframe> more.\n\n" * 3
    lines = [found.split(":")[1] for found in problems(text)]
    assert lines == ["5", "5", "7", "7", "9", "9"]


HOSTILE = {
    "open braces": "{\n" * 50_000,
    "open tags": "<div>\n" * 20_000,
    "open attributes": "<a b={\n" * 15_000,
    "comments": "<!--\n" * 20_000,
    "brackets": "[" * 100_000,
    "quotations": ">" * 100_000,
    "lists": "- " * 50_000,
    "templates": "{`${" * 25_000,
    "one line": "word " * 200_000,
    "front matter": "---\n" + "[" * 50_000 + "\n---\n",
    "expression": "{" + "(" * 50_000 + "}",
    "tags of a program": "{x; " + "<a " * 20_000 + "}",
    "tags in braces": "{" + "<a>{" * 5_000 + "}</a>" * 5_000 + "}",
    "labels": f"<Tabs values={{[{'{label: <b>a</b>},' * 5_000}]}}>",
    "directives": ":::tip\n" * 5_000 + ":::\n" * 5_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_read_to_its_end(text: str) -> None:
    items = read(parse(f"{text}\n\n", Path("page.mdx")), Library(Path())).items
    assert all(item.text for item in items if not isinstance(item, Computed))


def test_a_line_of_a_megabyte_stays_as_it_is() -> None:
    assert shown("a*b " * 250_000).count("a\\*b") == 250_000


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=5)), max_size=40).map("".join))
def test_any_text_is_read(text: str) -> None:
    items = read(parse(text, Path("page.mdx")), Library(Path())).items
    render(item for item in items if isinstance(item, Block))


def test_a_paragraph_of_book_length_is_not_searched_for_markup() -> None:
    tokens = parse("*a* " * MAX_PARAGRAPH, Path("page.mdx")).tokens
    assert [token.type for token in tokens] == ["paragraph_open", "long_inline", "paragraph_close"]
