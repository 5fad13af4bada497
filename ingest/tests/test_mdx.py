"""What a reader sees of each syntax: the cases are in fixtures/syntax.md, a fixed defect adds one."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booklight_ingest.mdx import Block, Library, SourceHeading, parse, read, render
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
    for item in [*read(parse(text, file), Library(file.parent)), None]:
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
    assert read(parse(text, Path("page.mdx")), Library(Path())) == []


def problems(text: str) -> list[str]:
    document = parse(text, Path("docs/page.mdx"))
    read(document, Library(Path()))
    return [str(problem) for problem in document.source.problems]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("One\n\nA List<String> here.", "docs/page.mdx:3: <String>: nothing closes this: kept as text"),
        ("One\n\ntwo {three", "docs/page.mdx:3: {three: nothing closes this: kept as text"),
        ("One at\n\n{at}", "docs/page.mdx:3: {at: more than plain data: kept as far as it is text"),
        ("One\n\n{\n  load()}", "docs/page.mdx:4: {load(): more than plain data"),
        ("One\n\n{a ?\n 'b' : 'c'}", "docs/page.mdx:3: {a ?: more than plain data"),
        ("One\n\n<Card title={load()} />", "docs/page.mdx:3: {load(): more than plain data"),
        ("One\n\n<TabItem\n  label={load()}>a</TabItem>", "docs/page.mdx:4: {load(): more than plain data"),
        ("<Card\n items={['a', load()]} />", "docs/page.mdx:2: {load(): more than plain data"),
        (
            "import A from './gone.mdx'\n\n<A />",
            "docs/page.mdx:1: ./gone.mdx: this import cannot be read: what it holds is left out",
        ),
        ("One\n\ntw\ufffd", "docs/page.mdx:3: \ufffd: the file is not UTF-8"),
        ("---\na: [\n---\n", "docs/page.mdx:1: ---: the front matter is not YAML"),
    ],
)
def test_what_is_not_understood_is_reported_with_its_line(text: str, problem: str) -> None:
    assert [found for found in problems(text) if found.startswith(problem)]


def test_nothing_is_reported_of_a_page_that_is_understood() -> None:
    assert (
        problems("".join(f"{source}\n\n" for name, source, _ in CASES if name.startswith(("tabs", "an adm", "comm"))))
        == []
    )


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
    "functions": "{" + "() => {return " * 5_000 + "}" * 5_001,
    "choices": "{" + "a ? 'b' : (" * 1_000 + ")" * 1_000 + "}",
    "arrows": "{" + "(a, b = (c) => " * 1_000 + "}",
    "operators": "{" + "a || b && c == d < e + f * (" * 39 + ")" * 39 + "}",
    "lists of lists": f"export const a = [{'1,' * 1_000}]\n\n{{a.map((b) => a.map((c) => a.map((d) => b + c + d)))}}",
    "markup of markup": f"export const a = [{'1,' * 1_000}]\n\n"
    "{a.map((b) => <b>{a.map((c) => <i>{a.map((d) => <b>{d}</b>)}</i>)}</b>)}",
    "ever longer lists": "export const a = [1]\n" + "export const a = [a, a]\n" * 60 + "\n{a}",
    "ever longer text": "export const a = 'text'\n" + "export const a = a + a\n" * 60 + "\n{a}",
    "tags of a program": "{x; " + "<a " * 20_000 + "}",
    "a component of itself": "export const A = () => <b><A /><A /></b>\n\n" + "<A />" * 1_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_read_to_its_end(text: str) -> None:
    items = read(parse(f"{text}\n\n", Path("page.mdx")), Library(Path()))
    assert all(item.text for item in items)


def test_a_line_of_a_megabyte_stays_as_it_is() -> None:
    assert shown("a*b " * 250_000).count("a\\*b") == 250_000


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=5)), max_size=40).map("".join))
def test_any_text_is_read(text: str) -> None:
    items = read(parse(text, Path("page.mdx")), Library(Path()))
    render(item for item in items if isinstance(item, Block))


def test_a_paragraph_of_book_length_is_not_searched_for_markup() -> None:
    tokens = parse("*a* " * MAX_PARAGRAPH, Path("page.mdx")).tokens
    assert [token.type for token in tokens] == ["paragraph_open", "long_inline", "paragraph_close"]
